"""Define what is attached to notes: drawings over the picture, and frames of the video."""

import uuid
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

from sage.jobs.models import AbstractJob


class NoteAttachment(models.Model):
    """A drawing or a frame of a note. A note has at most one of each kind.

    `drawing` is empty for a frame. `key` is the storage key of a frame, and empty until a worker has cut it.
    """

    class Kind(models.TextChoices):
        DRAWING = "drawing", "Drawing"
        FRAME = "frame", "Frame"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    note = models.ForeignKey("notes.Note", on_delete=models.CASCADE, related_name="attachments")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    drawing = models.JSONField(null=True, blank=True)
    key = models.CharField(max_length=200, blank=True, editable=False)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["note", "kind"], name="notes_noteattachment_one_of_a_kind"),
            models.CheckConstraint(
                condition=models.Q(kind="drawing", drawing__isnull=False) | models.Q(kind="frame", drawing=None),
                name="notes_noteattachment_content_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.note}"

    @property
    def url(self) -> str:
        """The path of its content: a drawing as JSON, a frame as JPEG."""
        return reverse("notes-api:attachment", args=[self.note_id, self.pk])


class AttachmentJob(AbstractJob):
    """A job that makes the file of an attachment. The topic of notes reports its end."""

    attachment = models.OneToOneField(NoteAttachment, on_delete=models.CASCADE, related_name="job")

    class Meta(AbstractJob.Meta):
        pass

    @property
    def subject(self) -> Any:
        return self.attachment

    def list_audience(self) -> list[uuid.UUID]:
        return [self.attachment.note.owner_id]
