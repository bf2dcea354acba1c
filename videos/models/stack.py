"""The versions of one film."""

import uuid

from django.db import models
from django.utils import timezone


class Stack(models.Model):
    """Groups videos that are versions of the same; each says by its `version`, from 1, which one it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return str(self.pk)
