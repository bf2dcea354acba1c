"""How two videos differ."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import F
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone

from accounts.viewer import Viewer
from videos.diff.recut import LEAST, MOST, recut
from videos.models.job import Job
from videos.models.video import Video


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    def visible_to(self, viewer: Viewer) -> "ComparisonQuerySet":
        """What `viewer` may open: their own, and what Sage itself shows to everybody."""
        return self.filter(models.Q(owner=viewer.user) | models.Q(owner__is_system=True))

    def owned_by(self, viewer: Viewer) -> "ComparisonQuerySet":
        return self.filter(owner=viewer.user) if viewer.user else self.none()

    def of(self, video: Video) -> "ComparisonQuerySet":
        return self.filter(models.Q(video_a=video) | models.Q(video_b=video))

    def with_sides(self) -> "ComparisonQuerySet":
        return self.select_related("video_a", "video_b", "job")

    def with_script_as_text(self) -> "ComparisonQuerySet":
        """For lists: of ten thousand segments the text takes a fifth of the memory. See `unpacked`."""
        return self.defer("script").annotate(script_text=Cast("script", models.TextField()))

    def with_figures(self) -> "ComparisonQuerySet":
        """For lists that tell no segments: see `videos.listing`."""
        told = {name: F(f"script__{name}") for name in ("similarity_percent", "differing_segments")}
        return self.defer("script").annotate(figures=JSONObject(**told))


class ComparisonManager(models.Manager["Comparison"]):
    """Hides those that were deleted, or of which a side was."""

    def get_queryset(self) -> ComparisonQuerySet:
        kept = {"deleted_at": None, "video_a__deleted_at": None, "video_b__deleted_at": None}
        return ComparisonQuerySet(self.model, using=self._db).filter(**kept)


class Comparison(models.Model):
    """The edit script from `video_a` to `video_b`, once its job is completed.

    `script` is what the engine returned, cut as finely as it could tell; `shown` is what there is to see of it at the
    threshold that its owner has set, if any.
    """

    class Mode(models.TextChoices):
        ALIGNED = "aligned", "By content"
        INTERVAL = "interval", "Every 2 seconds, at the same times"

    class Metric(models.TextChoices):
        COSINE = "cosine"
        EUCLIDEAN = "euclidean"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comparisons")
    video_a = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="compared_as_a")
    video_b = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="compared_as_b")
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.ALIGNED)
    metric = models.CharField(max_length=10, choices=Metric.choices, blank=True, help_text="Of the interval mode.")
    threshold = models.FloatField(null=True, blank=True, help_text="Its owner's. None: the calibrated one.")
    embedding_model = models.CharField(max_length=100, blank=True, help_text="Whose vectors were compared.")
    script = models.JSONField(null=True, blank=True)
    seconds_taken = models.FloatField(null=True, blank=True)
    holds = models.PositiveIntegerField(default=0, editable=False, help_text="How often tokens were held for it.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ComparisonManager.from_queryset(ComparisonQuerySet)()
    everything: ClassVar[models.Manager["Comparison"]] = models.Manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["owner", "-created_at"], name="videos_comparison_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(threshold=None) | models.Q(threshold__range=(LEAST, MOST)),
                name="videos_comparison_threshold_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(mode="aligned", metric="") | models.Q(mode="interval", metric__gt=""),
                name="videos_comparison_metric_of_intervals",
            ),
        ]

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
    def hold_reference(self) -> str:
        """By which the ledger knows the last of its holds."""
        return f"comparison:{self.pk}:{self.holds}"

    @property
    def is_completed(self) -> bool:
        return self.status == Job.Status.COMPLETED and self.script is not None

    @property
    def shown(self) -> dict[str, Any]:
        """The script at the owner's threshold; only a completed comparison has one."""
        return self.shown_at(None)

    def shown_at(self, threshold: float | None) -> dict[str, Any]:
        """The script at `threshold`, or at the owner's."""
        assert self.script is not None  # noqa: S101  for the type checker
        return recut(self.script, self.threshold if threshold is None else threshold)

    @contextmanager
    def unpacked(self) -> Iterator[None]:
        """With the script that `with_script_as_text` brought, once.

        Then it goes at once, while this row is freed late: its job refers back to it.
        """
        text = self.__dict__.pop("script_text")
        self.script = json.loads(text) if text else None
        try:
            yield
        finally:
            del self.script

    def picture_key(self, index: int, side: str) -> str:
        """Where the still of stored segment `index` on `side` ("a" or "b") is stored."""
        return f"comparisons/{self.pk}/{index:05d}-{side}.jpg"
