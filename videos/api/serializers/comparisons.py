"""Serializers of comparisons, their segments and their share links."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from sage.api.fields import (
    JsonBooleanField,
    JsonNumberField,
    JsonStringField,
    ListedChoiceField,
    StrictSerializer,
    number_messages,
)
from videos.api import examples
from videos.comparisons.export import describe_words
from videos.comparisons.reviews.annotations import annotate_script, count_notes, load_annotations
from videos.comparisons.sharing import DEFAULT_DAYS, MAX_DAYS
from videos.diff.export import Words
from videos.diff.quality.technical_facts import LABELS, Fact
from videos.diff.script.kinds import KINDS
from videos.diff.script.rethreshold import MAX_THRESHOLD, MIN_THRESHOLD
from videos.diff.script.stored import OPS, TEXT_OPS, TRANSFORM_KINDS
from videos.forms import DAYS_HINT, THRESHOLD_HINT
from videos.models import Comparison, DifferenceReview, Job, Video

SEGMENT_KEYS = ("op", "a", "b", "distance", "severity", "kind", "confidence", "review")
BOX_KEYS = ("x", "y", "width", "height")


class SideReadSerializer(serializers.Serializer[Video]):
    video_id = serializers.UUIDField(source="pk")
    title = serializers.CharField()
    duration = serializers.FloatField(allow_null=True, help_text="Seconds.")


class TransformReadSerializer(serializers.Serializer[Any]):
    """A transform of the whole of B."""

    kind = serializers.ChoiceField(TRANSFORM_KINDS)
    value = serializers.JSONField()


class RegionReadSerializer(serializers.Serializer[Any]):
    """A rectangle in fractions of the frame, measured from the top left."""

    x = serializers.FloatField(min_value=0, max_value=1)
    y = serializers.FloatField(min_value=0, max_value=1)
    width = serializers.FloatField(min_value=0, max_value=1)
    height = serializers.FloatField(min_value=0, max_value=1)


class SegmentReadSerializer(serializers.Serializer[Any]):
    """A segment with half-open intervals in seconds of each side."""

    op = serializers.ChoiceField(OPS)
    a = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2, allow_null=True)
    b = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2, allow_null=True)
    distance = serializers.FloatField(allow_null=True)
    severity = serializers.ChoiceField(["low", "medium", "high"], allow_null=True)
    kind = serializers.ChoiceField(KINDS, allow_null=True, help_text="What happened to the picture; null if doubtful.")
    confidence = serializers.FloatField(
        min_value=0, max_value=1, allow_null=True, help_text="How sure the kind is; null without a kind."
    )
    review = serializers.ChoiceField(DifferenceReview.Review.choices, allow_null=True)
    note_count = serializers.IntegerField(help_text="Notes on the comparison within the segment, with their replies.")
    regions = RegionReadSerializer(many=True)


class FactReadSerializer(serializers.Serializer[Any]):
    """A technical property in which the files differ, with its values in words."""

    name = serializers.ChoiceField(list(LABELS))
    a = serializers.CharField()
    b = serializers.CharField()


class WordsSegmentSerializer(serializers.Serializer[Any]):
    """Words that differ between the transcripts. Times are `[start, end]` in seconds; null on a side without words."""

    op = serializers.ChoiceField(TEXT_OPS)
    a = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    b = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    text_a = serializers.CharField()
    text_b = serializers.CharField()


class TextChangeSerializer(serializers.Serializer[Any]):
    """A line of text on screen that differs. Times are `[start, end]` in seconds; null on a side without the line.

    `box` is its place in B, for a deleted line in A.
    """

    op = serializers.ChoiceField(TEXT_OPS)
    a = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    b = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    text_a = serializers.CharField()
    text_b = serializers.CharField()
    box = RegionReadSerializer()


class WordsReadSerializer(serializers.Serializer[Any]):
    """Spoken words and text on screen that differ. A list is also empty if it was not compared."""

    segments = WordsSegmentSerializer(many=True)
    screen_text = TextChangeSerializer(many=True)


@extend_schema_serializer(
    examples=examples.request_example("By content", {"video_a": examples.FIRST, "video_b": examples.SECOND})
)
class ComparisonBodySerializer(serializers.Serializer[Any]):
    video_a = JsonStringField(max_length=200, help_text="Id of the version before.")
    video_b = JsonStringField(max_length=200, help_text="Id of the version after.")
    threshold = JsonNumberField(
        min_value=MIN_THRESHOLD,
        max_value=MAX_THRESHOLD,
        allow_null=True,
        default=None,
        error_messages=number_messages(THRESHOLD_HINT),
    )
    metric = ListedChoiceField(
        Comparison.Metric.choices,
        default=Comparison.Metric.COSINE,
        help_text="The distance metric of the mode `interval`.",
    )
    mode = ListedChoiceField(
        Comparison.Mode.choices,
        default=Comparison.Mode.ALIGNED,
        help_text="`aligned` by content, or `interval`: every 2 s are compared at the same times.",
    )


@extend_schema_serializer(examples=examples.request_example("More differences", {"threshold": 0.05}))
class ThresholdBodySerializer(serializers.Serializer[Any]):
    threshold = JsonNumberField(
        min_value=MIN_THRESHOLD,
        max_value=MAX_THRESHOLD,
        allow_null=True,
        help_text="null sets the calibrated threshold, or in the mode `interval` the default of the site.",
        error_messages=number_messages(f"{THRESHOLD_HINT[:-1]}, or null for the calibrated one."),
    )


@extend_schema_serializer(examples=examples.response_example("One change", examples.COMPARISON))
class ComparisonReadSerializer(serializers.Serializer[Comparison]):
    """A comparison at the threshold of its owner. Results are null or empty until it is completed."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(Job.Status.choices)
    progress = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    video_a = SideReadSerializer()
    video_b = SideReadSerializer()
    mode = serializers.ChoiceField(Comparison.Mode.choices)
    transforms = serializers.SerializerMethodField()
    metric = serializers.SerializerMethodField()
    threshold_used = serializers.SerializerMethodField()
    embedding_model = serializers.SerializerMethodField()
    similarity_percent = serializers.SerializerMethodField()
    total_segments = serializers.SerializerMethodField()
    differing_segments = serializers.SerializerMethodField()
    segments = serializers.SerializerMethodField()
    words = serializers.SerializerMethodField()
    facts = serializers.SerializerMethodField()

    def to_representation(self, instance: Comparison) -> dict[str, Any]:
        """Apply the threshold once for all fields. The script may be large, so it is not kept afterwards."""
        self._script: Mapping[str, Any] = self._annotate(instance) if instance.is_completed else {}
        try:
            return super().to_representation(instance)
        finally:
            self._script = {}

    def _annotate(self, comparison: Comparison) -> Mapping[str, Any]:
        """Return the script with reviews and notes. A list loads these for all its rows, as `annotations`."""
        loaded = self.context.get("annotations")
        if loaded is None:
            loaded = load_annotations([comparison.pk])
        return annotate_script(comparison.shown_script, loaded[comparison.pk])

    def get_progress(self, comparison: Comparison) -> float:
        return comparison.job.progress

    def get_error(self, comparison: Comparison) -> str | None:
        return comparison.job.error or None

    @extend_schema_field(TransformReadSerializer(many=True))
    def get_transforms(self, comparison: Comparison) -> Sequence[dict[str, Any]]:
        return self._script.get("transforms", [])

    @extend_schema_field({"type": ["string", "null"], "enum": [*Comparison.Metric.values, None]})
    def get_metric(self, comparison: Comparison) -> str | None:
        return comparison.metric or None

    def get_threshold_used(self, comparison: Comparison) -> float | None:
        return self._script.get("threshold", comparison.threshold)

    def get_embedding_model(self, comparison: Comparison) -> str | None:
        return comparison.embedding_model or None

    def get_similarity_percent(self, comparison: Comparison) -> float | None:
        return self._script.get("similarity_percent")

    def get_total_segments(self, comparison: Comparison) -> int | None:
        return self._script.get("total_segments")

    def get_differing_segments(self, comparison: Comparison) -> int | None:
        return self._script.get("differing_segments")

    @extend_schema_field(WordsReadSerializer(allow_null=True))
    def get_words(self, comparison: Comparison) -> Words | None:
        return describe_words(comparison)

    @extend_schema_field(FactReadSerializer(many=True))
    def get_facts(self, comparison: Comparison) -> list[Fact]:
        return comparison.list_facts() if comparison.is_completed else []

    @extend_schema_field(SegmentReadSerializer(many=True))
    def get_segments(self, comparison: Comparison) -> list[dict[str, Any]]:
        segments = self._script.get("segments", [])
        return [
            {
                **{name: segment[name] for name in SEGMENT_KEYS},
                "regions": [{side: region[side] for side in BOX_KEYS} for region in segment["regions"]],
                "note_count": count_notes(segment),
            }
            for segment in segments
        ]


@extend_schema_serializer(examples=examples.request_example("A mistake", {"review": "to_fix"}))
class ReviewBodySerializer(StrictSerializer):
    review = ListedChoiceField(
        DifferenceReview.Review.choices, allow_null=True, help_text="null if the difference is not reviewed."
    )


@extend_schema_serializer(
    examples=examples.response_example("A mistake", {"index": 0, "review": "to_fix", "note_count": 2})
)
class ReviewReadSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    review = serializers.ChoiceField(DifferenceReview.Review.choices, allow_null=True)
    note_count = serializers.IntegerField()


@extend_schema_serializer(examples=examples.request_example("A week", {"expires_in_days": 7}))
class ShareBodySerializer(serializers.Serializer[Any]):
    expires_in_days = serializers.IntegerField(
        min_value=1, max_value=MAX_DAYS, default=DEFAULT_DAYS, error_messages=number_messages(DAYS_HINT)
    )
    allow_comments = JsonBooleanField(
        required=False,
        help_text="Whether visitors may comment. Unless given, it stays as it is, at first false.",
    )


@extend_schema_serializer(examples=examples.response_example("A share link", examples.SHARE))
class ShareReadSerializer(serializers.Serializer[Any]):
    url = serializers.URLField()
    expires_at = serializers.DateTimeField()
    allow_comments = serializers.BooleanField()
