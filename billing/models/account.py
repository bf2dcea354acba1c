"""Whose tokens these are. Its row is what whoever writes entries locks first."""

import calendar
from datetime import datetime

from django.db import models
from django.utils import timezone


class Account(models.Model):
    """The tier of one person, known here by a plain UUID, and when their next month begins."""

    user_id = models.UUIDField(primary_key=True)
    tier = models.ForeignKey("billing.Tier", on_delete=models.PROTECT, related_name="accounts")
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    months = models.PositiveIntegerField(default=0, editable=False, help_text="How many were granted so far.")
    next_month_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Its owner's account is deleted.")

    class Meta:
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return str(self.user_id)

    def month_begins_at(self, number: int) -> datetime:
        """When month `number`, from 0, begins: on the day of the month that it was opened on, or on the last one."""
        years, month = divmod(self.opened_at.month - 1 + number, 12)
        year = self.opened_at.year + years
        day = min(self.opened_at.day, calendar.monthrange(year, month + 1)[1])
        return self.opened_at.replace(year=year, month=month + 1, day=day)
