"""Define the jobs that work on an account."""

import uuid

from django.conf import settings
from django.db import models

from sage.jobs.models import AbstractJob


class AccountJob(AbstractJob):
    """A job for one user, such as rendering their avatar. No page follows its events."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs")

    class Meta(AbstractJob.Meta):
        constraints = [
            *AbstractJob.Meta.constraints,
            models.UniqueConstraint(fields=["user", "kind"], name="accounts_accountjob_one_of_a_kind"),
        ]

    @property
    def subject(self) -> models.Model:
        return self.user

    def list_audience(self) -> list[uuid.UUID]:
        return [self.user_id]
