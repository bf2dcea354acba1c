"""Define multipart uploads."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.viewer import Viewer


class UploadQuerySet(models.QuerySet["Upload"]):
    def owned_by(self, viewer: Viewer) -> "UploadQuerySet":
        return self.filter(owner=viewer.user) if viewer.user else self.none()

    def open(self) -> "UploadQuerySet":
        """Return the unfinished uploads that still accept parts."""
        return self.filter(video=None, expires_at__gte=timezone.now())

    def expired(self) -> "UploadQuerySet":
        return self.filter(video=None, expires_at__lt=timezone.now())


class Upload(models.Model):
    """A multipart upload of one file. It is complete when `video` is set."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads")
    filename = models.CharField(max_length=300)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="In bytes.")
    part_size = models.PositiveIntegerField(help_text="In bytes, of each part except the last.")
    storage_key = models.CharField(max_length=400, unique=True)
    parts_id = models.CharField(max_length=1024, help_text="The ID of the multipart upload in the storage.")
    sha256 = models.CharField(max_length=64, blank=True, help_text="As declared by the client, in hexadecimal.")
    duration = models.FloatField(null=True, blank=True, help_text="In seconds, as declared by the client.")
    version_of = models.ForeignKey("videos.Video", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    collection = models.ForeignKey("videos.Collection", null=True, blank=True, on_delete=models.SET_NULL)
    video = models.ForeignKey(
        "videos.Video",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        help_text="The new video, or an existing video with the same bytes.",
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

    def get_part_size(self, number: int) -> int:
        """Return the size in bytes of part `number`, from 1."""
        return self.size - (number - 1) * self.part_size if number == self.part_count else self.part_size
