"""The account that ledger entries belong to. Writers of entries lock its row first."""

import calendar
from datetime import datetime

from django.db import models
from django.utils import timezone


class Account(models.Model):
    """The plan of a user and the start of the next month. The user is stored as a plain UUID."""

    user_id = models.UUIDField(primary_key=True)
    tier = models.ForeignKey("billing.Tier", on_delete=models.PROTECT, related_name="accounts")
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    months = models.PositiveIntegerField(default=0, editable=False, help_text="Months granted so far.")
    next_month_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    closed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the owner's account was deleted."
    )

    class Meta:
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return str(self.user_id)

    def month_starts_at(self, number: int) -> datetime:
        """Return the start of month `number`, counted from 0.

        A month starts on the day of the month on which the account was opened, or on the last day of a shorter month.
        """
        years, month = divmod(self.opened_at.month - 1 + number, 12)
        year = self.opened_at.year + years
        day = min(self.opened_at.day, calendar.monthrange(year, month + 1)[1])
        return self.opened_at.replace(year=year, month=month + 1, day=day)
