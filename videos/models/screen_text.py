"""Define the text that is visible in a video."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q


class ScreenText(models.Model):
    """A line of text that is visible in a video from `start` to `end`, in seconds, half-open.

    `box` holds `x`, `y`, `width` and `height` in fractions of the displayed frame, from the top left. `confidence` is
    that of the reading, from 0 to 1. `search` is the full-text index, without a language, which is not known.
    """

    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="screen_texts")
    start = models.FloatField()
    end = models.FloatField()
    text = models.TextField()
    box = models.JSONField()
    confidence = models.FloatField()
    search = SearchVectorField(null=True)

    class Meta:
        ordering = ["start", "pk"]
        indexes = [
            models.Index(fields=["video", "start"], name="videos_screentext_by_time"),
            GinIndex(fields=["search"], name="videos_screentext_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__gte=0, end__gte=F("start")), name="videos_screentext_has_valid_times"
            ),
            models.CheckConstraint(
                condition=Q(confidence__gte=0, confidence__lte=1), name="videos_screentext_confidence_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]
