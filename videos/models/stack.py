"""Define version stacks."""

import uuid

from django.db import models
from django.utils import timezone


class Stack(models.Model):
    """A group of videos that are versions of each other, numbered by `Video.version` from 1."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return str(self.pk)
