"""Define the reviews of differences."""

from django.db import models
from django.db.models import Q


class DifferenceReview(models.Model):
    """What the owner of a comparison decided about one difference.

    A difference is identified by its times, in seconds, because its place in the list depends on the threshold. A side
    without a part in the difference has no times.
    """

    class Review(models.TextChoices):
        EXPECTED = "expected", "Expected"
        TO_FIX = "to_fix", "To fix"

    comparison = models.ForeignKey("videos.Comparison", on_delete=models.CASCADE, related_name="reviews")
    a_start = models.FloatField(null=True, blank=True)
    a_end = models.FloatField(null=True, blank=True)
    b_start = models.FloatField(null=True, blank=True)
    b_end = models.FloatField(null=True, blank=True)
    review = models.CharField(max_length=10, choices=Review.choices)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["comparison", "a_start", "a_end", "b_start", "b_end"],
                nulls_distinct=False,
                name="videos_review_one_a_difference",
            ),
            models.CheckConstraint(
                condition=Q(a_start__lt=models.F("a_end")) | Q(b_start__lt=models.F("b_end")),
                name="videos_review_has_times",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_review_display()}: {self.spans}"

    @property
    def spans(self) -> tuple[list[float] | None, list[float] | None]:
        """The times on A and on B as `[start, end]`."""
        a = None if self.a_start is None or self.a_end is None else [self.a_start, self.a_end]
        b = None if self.b_start is None or self.b_end is None else [self.b_start, self.b_end]
        return a, b
