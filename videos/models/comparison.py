"""How two videos differ."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils import timezone

from accounts.viewer import Viewer
from videos.models.job import Job


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    def visible_to(self, viewer: Viewer) -> "ComparisonQuerySet":
        """What `viewer` may open: their own, and what Sage itself shows to everybody."""
        return self.filter(models.Q(owner=viewer.user) | models.Q(owner__is_system=True))

    def owned_by(self, viewer: Viewer) -> "ComparisonQuerySet":
        return self.filter(owner=viewer.user) if viewer.user else self.none()

    def with_sides(self) -> "ComparisonQuerySet":
        return self.select_related("video_a", "video_b", "job")


class ComparisonManager(models.Manager["Comparison"]):
    """Hides those of which a side was deleted."""

    def get_queryset(self) -> ComparisonQuerySet:
        return ComparisonQuerySet(self.model, using=self._db).filter(video_a__deleted_at=None, video_b__deleted_at=None)


class Comparison(models.Model):
    """The edit script from `video_a` to `video_b`, once its job is completed.

    `script` is what `videos.diff.compare` returned: durations, transforms, threshold and ordered segments.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comparisons")
    video_a = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="compared_as_a")
    video_b = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="compared_as_b")
    script = models.JSONField(null=True, blank=True)
    seconds_taken = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ComparisonManager.from_queryset(ComparisonQuerySet)()
    everything: ClassVar[models.Manager["Comparison"]] = models.Manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["owner", "-created_at"], name="videos_comparison_newest")]

    def __str__(self) -> str:
        return f"{self.video_a} and {self.video_b}"

    @property
    def status(self) -> str:
        """The status of its job, which alone knows."""
        try:
            return self.job.status
        except ObjectDoesNotExist:
            return Job.Status.PENDING

    @property
    def is_completed(self) -> bool:
        return self.status == Job.Status.COMPLETED and self.script is not None

    def picture_key(self, index: int, side: str) -> str:
        """Where the still of segment `index` on `side` ("a" or "b") is stored."""
        return f"comparisons/{self.pk}/{index:05d}-{side}.jpg"
