"""Define the embeddings of clips and videos."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast
from pgvector.django import HnswIndex, VectorField

CLIP_INDEXES = {  # by model, the name of the index on its clips
    "twelvelabs:marengo3.0": "videos_clip_marengo_30",
    "twelvelabs:marengo3.5": "videos_clip_marengo_35",
}


class Embedding(models.Model):
    """The vector of a clip or of a whole video.

    `start` and `end` are in seconds, half-open, and None for a whole video. Only vectors of the same model and the same
    scope are compared.
    """

    class Scope(models.TextChoices):
        CLIP = "clip"
        VIDEO = "video"

    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="embeddings")
    model = models.CharField(max_length=100)
    dimensions = models.PositiveSmallIntegerField()
    scope = models.CharField(max_length=10, choices=Scope.choices)
    start = models.FloatField(null=True, blank=True)
    end = models.FloatField(null=True, blank=True)
    vector = VectorField()

    class Meta:
        ordering = ["start"]
        indexes = [
            HnswIndex(
                OpClass(Cast("vector", VectorField(dimensions=512)), name="vector_cosine_ops"),
                name=name,
                ef_construction=200,
                condition=Q(model=model, scope="clip"),
            )
            for model, name in CLIP_INDEXES.items()
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["video", "model", "scope", "start"], nulls_distinct=False, name="videos_embedding_once"
            ),
            models.CheckConstraint(
                condition=Q(scope="video", start=None, end=None)
                | Q(scope="clip", start__gte=0, end__gt=models.F("start")),
                name="videos_embedding_clips_have_times",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} of {self.video} at {self.start} by {self.model}"
