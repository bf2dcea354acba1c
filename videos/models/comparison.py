"""Define comparisons of two videos."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import F
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone

from accounts.viewer import Viewer
from videos.diff.quality.technical_facts import Fact, compare_properties
from videos.diff.script.rethreshold import MAX_THRESHOLD, MIN_THRESHOLD, rethreshold
from videos.diff.script.stored import ShownScript
from videos.diff.script.time_mapping import TimeMapping
from videos.models.job import Job
from videos.models.video import Video


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    def visible_to(self, viewer: Viewer) -> "ComparisonQuerySet":
        """Return the comparisons that `viewer` may open: their own and those of the system user."""
        return self.filter(models.Q(owner=viewer.user) | models.Q(owner__is_system=True))

    def owned_by(self, viewer: Viewer) -> "ComparisonQuerySet":
        return self.filter(owner=viewer.user) if viewer.user else self.none()

    def involving(self, video: Video) -> "ComparisonQuerySet":
        return self.filter(models.Q(video_a=video) | models.Q(video_b=video))

    def with_videos(self) -> "ComparisonQuerySet":
        return self.select_related("video_a", "video_b", "job")

    def with_script_text(self) -> "ComparisonQuerySet":
        """Annotate the script as text, which takes a fifth of the memory, for lists. See `load_script_text`."""
        return self.defer("script").annotate(script_text=Cast("script", models.TextField()))

    def with_summary(self) -> "ComparisonQuerySet":
        """Annotate the figures of the script for lists without segments: see `videos.comparisons.summaries`."""
        fields = {name: F(f"script__{name}") for name in ("similarity_percent", "differing_segments")}
        return self.defer("script", "words", "screen_text").annotate(figures=JSONObject(**fields))


class ActiveComparisonManager(models.Manager["Comparison"]):
    """Hide comparisons that are deleted or have a deleted video."""

    def get_queryset(self) -> ComparisonQuerySet:
        kept = {"deleted_at": None, "video_a__deleted_at": None, "video_b__deleted_at": None}
        return ComparisonQuerySet(self.model, using=self._db).filter(**kept)


class Comparison(models.Model):
    """A comparison of `video_a` (before) with `video_b` (after).

    `script` is the edit script as the engine returned it, with the finest segments. `shown_script` is that script at
    the saved threshold.
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
    metric = models.CharField(
        max_length=10, choices=Metric.choices, blank=True, help_text="The distance metric of the interval mode."
    )
    threshold = models.FloatField(null=True, blank=True, help_text="Set by the owner. Empty for automatic.")
    embedding_model = models.CharField(max_length=100, blank=True, help_text="The model whose vectors were compared.")
    script = models.JSONField(null=True, blank=True)
    words = models.JSONField(
        null=True, blank=True, help_text="The words that differ, if both videos have a transcript."
    )
    screen_text = models.JSONField(
        null=True, blank=True, help_text="The text on screen that differs, if it was read in both videos."
    )
    seconds_taken = models.FloatField(null=True, blank=True)
    holds = models.PositiveIntegerField(default=0, editable=False, help_text="The number of token holds so far.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ActiveComparisonManager.from_queryset(ComparisonQuerySet)()
    all_objects: ClassVar[models.Manager["Comparison"]] = models.Manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["owner", "-created_at"], name="videos_comparison_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(threshold=None) | models.Q(threshold__range=(MIN_THRESHOLD, MAX_THRESHOLD)),
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
        """The status of its job."""
        try:
            return self.job.status
        except ObjectDoesNotExist:
            return Job.Status.PENDING

    @property
    def hold_reference(self) -> str:
        """The reference of its latest hold in the ledger."""
        return f"comparison:{self.pk}:{self.holds}"

    @property
    def is_completed(self) -> bool:
        return self.status == Job.Status.COMPLETED and self.script is not None

    @property
    def shown_script(self) -> ShownScript:
        """The script of a completed comparison at the saved threshold."""
        return self.script_at(None)

    def script_at(self, threshold: float | None) -> ShownScript:
        """Return the script at `threshold`, by default at the saved threshold."""
        assert self.script is not None  # noqa: S101  for the type checker
        return rethreshold(self.script, self.threshold if threshold is None else threshold)

    def build_mapping(self) -> TimeMapping:
        """Return the map from A's times to B's times of a completed comparison, at the saved threshold."""
        assert self.script is not None  # noqa: S101  for the type checker
        return TimeMapping(self.script, self.threshold)

    @contextmanager
    def load_script_text(self) -> Iterator[None]:
        """Parse the script from `with_script_text` for the duration of the context.

        The script is freed at its end, because the row itself lives longer: its job refers to it.
        """
        text = self.__dict__.pop("script_text")
        self.script = json.loads(text) if text else None
        try:
            yield
        finally:
            del self.script

    def list_facts(self) -> list[Fact]:
        """Return what differs technically between the two files."""
        return compare_properties(self.video_a.list_properties(), self.video_b.list_properties())

    @property
    def pictures_key(self) -> str:
        """The storage key of the folder of its pictures."""
        return f"comparisons/{self.pk}"

    def picture_key(self, index: int, side: str) -> str:
        """Return the storage key of the picture of stored segment `index` on `side` ("a" or "b")."""
        return f"{self.pictures_key}/{index:05d}-{side}.jpg"
