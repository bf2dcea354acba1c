"""Define transcripts, their cues, and the passages that search and answers use."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.utils import timezone
from pgvector.django import HnswIndex, VectorField


class Transcript(models.Model):
    """The words of a video in one language, from one source. A video may have several.

    An `owner` is set for the transcript that a user stored for a YouTube video. It is shown to them only.
    """

    class Source(models.TextChoices):
        """Where a transcript comes from, the most reliable source first."""

        UPLOADED = "uploaded", "Uploaded"
        SUBTITLES = "subtitles", "Subtitles in the file"
        CAPTIONS = "captions", "Captions of YouTube"
        SPEECH = "speech", "Speech recognition"

    PREFERENCE: ClassVar = (Source.UPLOADED, Source.SUBTITLES, Source.CAPTIONS, Source.SPEECH)

    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="transcripts")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    source = models.CharField(max_length=20, choices=Source.choices)
    language = models.CharField(max_length=10, blank=True, help_text="ISO 639-1, such as en. Empty if unknown.")
    model = models.CharField(max_length=100, blank=True, help_text="The speech model.")
    edited = models.BooleanField(default=False, help_text="Whether a user changed cues.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["video", "owner", "source", "language"],
                nulls_distinct=False,
                name="videos_transcript_one_of_a_source_and_language",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} ({self.language or 'unknown language'}) of {self.video}"


class Cue(models.Model):
    """A timed line of a transcript, half-open, in seconds. `words` holds [text, start, end] if the times are known."""

    transcript = models.ForeignKey(Transcript, on_delete=models.CASCADE, related_name="cues")
    start = models.FloatField()
    end = models.FloatField()
    text = models.TextField()
    words = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["start", "pk"]
        indexes = [models.Index(fields=["transcript", "start"], name="videos_cue_by_time")]
        constraints = [
            models.CheckConstraint(condition=Q(start__gte=0, end__gte=F("start")), name="videos_cue_has_valid_times")
        ]

    def __str__(self) -> str:
        return self.text


class Passage(models.Model):
    """A part of a transcript of 200 to 300 tokens, which search finds and answers cite.

    `search` is the full-text index in the transcript's language. `vector` is by `model`; both are empty until the
    passage is embedded. `videos/search/` reads both, with an HNSW index on the vectors of the default model. `owner` is
    None for the shared passages of a YouTube video.
    """

    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="passages")
    owner = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    transcript = models.ForeignKey(Transcript, on_delete=models.CASCADE, related_name="passages")
    start = models.FloatField()
    end = models.FloatField()
    text = models.TextField()
    search = SearchVectorField(null=True)
    model = models.CharField(max_length=100, blank=True)
    vector = VectorField(null=True, blank=True)

    class Meta:
        ordering = ["start", "pk"]
        indexes = [
            GinIndex(fields=["search"], name="videos_passage_search"),
            models.Index(fields=["owner", "model"], name="videos_passage_owner"),
            HnswIndex(
                OpClass(Cast("vector", VectorField(dimensions=256)), name="vector_cosine_ops"),
                name="videos_passage_wordllama_256",
                ef_construction=200,
                condition=Q(model="wordllama:l2_supercat_256"),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__gte=0, end__gte=F("start")), name="videos_passage_has_valid_times"
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Chapter(models.Model):
    """A titled part of a video, from `start` in seconds to the next chapter.

    An `owner` is set for the chapters that a user stored for a YouTube video.
    """

    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="chapters")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    start = models.FloatField()
    title = models.CharField(max_length=200)
    is_generated = models.BooleanField(default=False)

    class Meta:
        ordering = ["start", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["video", "owner", "start"], nulls_distinct=False, name="videos_chapter_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(start__gte=0), name="videos_chapter_has_a_valid_start"),
        ]

    def __str__(self) -> str:
        return self.title
