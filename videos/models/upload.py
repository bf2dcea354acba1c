"""A file on its way in, part by part."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.viewer import Viewer


class UploadQuerySet(models.QuerySet["Upload"]):
    def owned_by(self, viewer: Viewer) -> "UploadQuerySet":
        return self.filter(owner=viewer.user) if viewer.user else self.none()

    def lapsed(self) -> "UploadQuerySet":
        return self.filter(video=None, expires_at__lt=timezone.now())


class Upload(models.Model):
    """What was announced and where its parts go. It is complete once it has become a video."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads")
    filename = models.CharField(max_length=300)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    part_size = models.PositiveIntegerField(help_text="Bytes of every part but the last.")
    storage_key = models.CharField(max_length=400, unique=True)
    parts_id = models.CharField(max_length=1024, help_text="Names the parts where the files lie.")
    sha256 = models.CharField(max_length=64, blank=True, help_text="As announced, in hexadecimal.")
    duration = models.FloatField(null=True, blank=True, help_text="Seconds, as announced.")
    version_of = models.ForeignKey("videos.Video", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    collection = models.ForeignKey("videos.Collection", null=True, blank=True, on_delete=models.SET_NULL)
    video = models.ForeignKey(
        "videos.Video", null=True, blank=True, on_delete=models.CASCADE, help_text="What came of it, or was there."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gt=0), name="videos_upload_not_empty"),
            models.CheckConstraint(condition=models.Q(part_size__gt=0), name="videos_upload_parts_not_empty"),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def part_count(self) -> int:
        return -(-self.size // self.part_size)

    def size_of_part(self, number: int) -> int:
        """Bytes that part `number` (from 1) must have."""
        return self.size - (number - 1) * self.part_size if number == self.part_count else self.part_size
