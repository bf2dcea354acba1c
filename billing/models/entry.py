"""Ledger entries. Entries are only added: the database rejects changes and deletions."""

import uuid

from django.db import models
from django.db.models import Q, Sum
from django.utils import timezone


class EntryQuerySet(models.QuerySet["Entry"]):
    def of(self, user_id: uuid.UUID) -> "EntryQuerySet":
        """Return the entries of one account, newest first."""
        return self.filter(user_id=user_id).order_by("-number")

    def total(self) -> int:
        """Return the sum of the amounts. For all entries of one account this is the balance."""
        return int(self.aggregate(total=Sum("amount", default=0))["total"])

    def on_hold(self) -> int:
        """Return the tokens in open holds."""
        held = self.filter(kind__in=Entry.HOLDING)
        return -int(held.aggregate(total=Sum("amount", default=0))["total"])

    def open_holds(self) -> "EntryQuerySet":
        """Return the first entry of each hold that was neither captured nor released."""
        ends = Entry.objects.filter(hold=models.OuterRef("reference"), is_last=True)
        return self.filter(kind=Entry.Kind.HOLD, reference=models.F("hold")).filter(~models.Exists(ends))


class Entry(models.Model):
    """One signed amount of tokens. The balance of an account is the sum of its amounts.

    A hold subtracts tokens from the balance. A release ends the hold and adds them again. If the work was done, a
    capture next to the release subtracts the cost. Tokens on hold are therefore the sum of holds and releases, and
    tokens used are the sum of captures. `hold` is the reference of the hold that an entry belongs to.
    """

    class Kind(models.TextChoices):
        GRANT = "grant"
        HOLD = "hold"
        CAPTURE = "capture"
        RELEASE = "release"
        ADJUSTMENT = "adjustment"

    HOLDING = (Kind.HOLD, Kind.RELEASE)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user_id = models.UUIDField()
    number = models.PositiveBigIntegerField(help_text="Sequence number within the account, from 1.")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    held_after = models.BigIntegerField(help_text="Tokens in open holds after this entry.")
    reference = models.CharField(
        max_length=200, unique=True, help_text="Unique, so that a retry writes no second entry."
    )
    hold = models.CharField(max_length=200, blank=True)
    is_last = models.BooleanField(default=False, help_text="Whether this entry ends its hold.")
    video_id = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=200)
    by = models.UUIDField(null=True, blank=True, help_text="The operator who made the entry.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-number"]
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["hold"], condition=~Q(hold=""), name="billing_entry_of_a_hold"),
            models.Index(fields=["created_at"], name="billing_entry_by_time"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user_id", "number"], name="billing_entry_in_order"),
            models.UniqueConstraint(fields=["hold"], condition=Q(is_last=True), name="billing_entry_one_end"),
            models.CheckConstraint(condition=Q(balance_after__gte=0), name="billing_entry_never_below_zero"),
            models.CheckConstraint(condition=Q(held_after__gte=0), name="billing_entry_held_never_below_zero"),
            models.CheckConstraint(
                condition=Q(kind__in=["grant", "release"], amount__gt=0)
                | Q(kind__in=["hold", "capture"], amount__lt=0)
                | (Q(kind="adjustment") & ~Q(amount=0)),
                name="billing_entry_sign",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["hold", "release", "capture"]) & ~Q(hold="")
                | Q(kind__in=["grant", "adjustment"], hold=""),
                name="billing_entry_of_its_hold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount:+d}"
