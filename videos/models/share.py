"""Define the links that share a comparison."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class ShareQuerySet(models.QuerySet["Share"]):
    def active(self) -> "ShareQuerySet":
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class Share(models.Model):
    """The expiry and the use of a link.

    The link itself is not stored: see `comparisons/sharing.py`. Expired and revoked shares are kept, so that their
    links can show the reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    comparison = models.ForeignKey("videos.Comparison", on_delete=models.CASCADE, related_name="shares")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    allow_comments = models.BooleanField(default=False, help_text="Whether visitors may write comments.")
    opens = models.PositiveIntegerField(default=0, help_text="Visits by others than the owner.")
    last_opened_at = models.DateTimeField(null=True, blank=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["comparison"], condition=Q(revoked_at=None), name="videos_share_one_a_comparison"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="videos_share_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.comparison} until {self.expires_at:%Y-%m-%d}"

    @property
    def is_active(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()
