"""Requests for another plan."""

import uuid

from django.db import models
from django.utils import timezone


class PlanRequest(models.Model):
    """A user's request for a plan and its outcome. An account has at most one open request."""

    class Status(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey("billing.Account", on_delete=models.PROTECT, related_name="requests")
    tier = models.ForeignKey("billing.Tier", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_by = models.UUIDField(
        null=True, blank=True, editable=False, help_text="The operator. Empty if a payment decided it."
    )

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(status="open"), name="billing_request_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.tier} for {self.account}"
