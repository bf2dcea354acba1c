"""What the API takes and shows around videos: shapes only, the rules live with what they are about."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from sage.fields import JsonNumber, JsonText, Length, OneOf, asked
from videos import examples
from videos.diff.recut import LEAST, MOST
from videos.forms import DAYS_ASKED, THRESHOLD_ASKED
from videos.library import NEWEST, SORTS
from videos.models import Comparison, Job, Video
from videos.sharing import DAYS, MOST_DAYS

SEGMENT_KEYS = ("op", "a", "b", "distance", "severity", "regions")


# --- Videos and uploads ---


@extend_schema_serializer(examples=examples.asked("A film of a minute", examples.UPLOAD_BODY))
class UploadBody(serializers.Serializer[Any]):
    filename = JsonText(max_length=2000)
    size = serializers.IntegerField(
        help_text="Bytes.", error_messages=asked("Give the size of the file, a whole number of bytes.")
    )
    content_type = JsonText(allow_blank=True, default="", max_length=100)
    sha256 = serializers.RegexField(
        "^([0-9A-Fa-f]{64})?$",
        default="",
        allow_blank=True,
        help_text="Of the whole file, in hexadecimal; checked once all parts are here.",
    )
    duration = Length(default=None, allow_null=True, help_text="Seconds, or a text such as `1:30` or `1:02:03`.")
    version_of = serializers.UUIDField(default=None, allow_null=True, help_text="The video that this is a version of.")
    collection_id = serializers.UUIDField(default=None, allow_null=True)


@extend_schema_serializer(examples=examples.answered("Three parts to send", examples.UPLOAD))
class UploadRead(serializers.Serializer[Any]):
    upload_id = serializers.UUIDField(source="pk")
    part_size = serializers.IntegerField(help_text="Bytes of every part but the last.")
    part_count = serializers.IntegerField()
    expires_at = serializers.DateTimeField(help_text="Put off as addresses of parts are asked for, up to 30 days.")


class PartBody(serializers.Serializer[Any]):
    part_number = serializers.IntegerField(min_value=1, error_messages=asked("Give the number of a part, from 1 on."))
    etag = JsonText(max_length=100)


@extend_schema_serializer(examples=examples.asked("Two parts", examples.COMPLETE_BODY))
class CompleteBody(serializers.Serializer[Any]):
    parts = PartBody(many=True)


class PartRead(serializers.Serializer[Any]):
    part_number = serializers.IntegerField()
    size = serializers.IntegerField()
    etag = serializers.CharField(help_text="The MD5 of its bytes, as on S3.")


@extend_schema_serializer(examples=examples.answered("One part has arrived", examples.PARTS))
class PartsRead(serializers.Serializer[Any]):
    parts = PartRead(many=True)


@extend_schema_serializer(examples=examples.answered("On disk", examples.PART_URL))
class PartUrlRead(serializers.Serializer[Any]):
    url = serializers.URLField()
    method = serializers.ChoiceField(["PUT"])
    headers = serializers.DictField(child=serializers.CharField(), help_text="To be sent along.")
    expires_at = serializers.DateTimeField()


class JobRead(serializers.Serializer[Job]):
    kind = serializers.ChoiceField(Job.Kind.choices)
    status = serializers.ChoiceField(Job.Status.choices)
    progress = serializers.FloatField(help_text="0 to 1.")
    attempts = serializers.IntegerField()
    error = serializers.SerializerMethodField()
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)

    def get_error(self, job: Job) -> str | None:
        return job.error or None


class VersionRead(serializers.Serializer[Any]):
    stack_id = serializers.UUIDField()
    number = serializers.IntegerField(help_text="From 1.")


@extend_schema_serializer(examples=examples.answered("A video that is ready", examples.VIDEO))
class VideoRead(serializers.Serializer[Video]):
    """A video and where the work on it stands."""

    id = serializers.UUIDField()
    video_id = serializers.UUIDField(source="pk")
    source = serializers.SerializerMethodField()  # type: ignore[assignment]  # the key is named so
    title = serializers.CharField()
    filename = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    content_type = serializers.CharField()
    duration = serializers.FloatField(allow_null=True, help_text="Seconds.")
    metadata = serializers.DictField(help_text="What the probe found in the file.")
    transcript_available = serializers.SerializerMethodField()
    summary = serializers.SerializerMethodField()
    suggested_questions = serializers.SerializerMethodField()
    status = serializers.ChoiceField(Video.Status.choices)
    collection_id = serializers.UUIDField(allow_null=True)
    version = serializers.SerializerMethodField()
    jobs = JobRead(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    @extend_schema_field({"type": "string", "enum": ["upload"]})
    def get_source(self, video: Video) -> str:
        return "upload"

    def get_transcript_available(self, video: Video) -> bool:
        return False

    def get_summary(self, video: Video) -> str | None:
        return None

    def get_suggested_questions(self, video: Video) -> list[str]:
        return []

    @extend_schema_field(VersionRead(allow_null=True))
    def get_version(self, video: Video) -> dict[str, Any] | None:
        return {"stack_id": str(video.stack_id), "number": video.version} if video.stack_id else None


@extend_schema_field({"type": "string", "enum": list(SORTS), "default": NEWEST})
class Sort(serializers.CharField):
    """Any text: the room says, with a 400, which ones it knows."""


class VideoQuery(serializers.Serializer[Any]):
    q = serializers.CharField(default="", allow_blank=True, max_length=200, help_text="Part of a title or file name.")
    sort = Sort(default=NEWEST, allow_blank=True)
    collection_id = serializers.UUIDField(default=None, allow_null=True)


class VideoBody(serializers.Serializer[Any]):
    file = serializers.FileField()


@extend_schema_serializer(examples=examples.asked("Another title", {"title": "Autumn spot, first cut"}))
class VideoChange(serializers.Serializer[Any]):
    title = JsonText(required=False, max_length=300)
    collection_id = serializers.UUIDField(required=False, allow_null=True)


@extend_schema_serializer(examples=examples.asked("A collection", {"name": "Autumn"}))
class CollectionBody(serializers.Serializer[Any]):
    name = JsonText(max_length=100)


@extend_schema_serializer(examples=examples.answered("A collection", examples.COLLECTION))
class CollectionRead(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    video_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class HeldRead(serializers.Serializer[Any]):
    video = VideoRead()


# --- Comparisons ---


class SideRead(serializers.Serializer[Video]):
    video_id = serializers.UUIDField(source="pk")
    title = serializers.CharField()
    duration = serializers.FloatField(allow_null=True, help_text="Seconds.")


class TransformRead(serializers.Serializer[Any]):
    """What was done to the whole of B."""

    kind = serializers.ChoiceField(["grade", "crop", "letterbox", "mirror", "speed"])
    value = serializers.JSONField()


class RegionRead(serializers.Serializer[Any]):
    """A box in fractions of the frame, from the top left."""

    x = serializers.FloatField(min_value=0, max_value=1)
    y = serializers.FloatField(min_value=0, max_value=1)
    width = serializers.FloatField(min_value=0, max_value=1)
    height = serializers.FloatField(min_value=0, max_value=1)


class SegmentRead(serializers.Serializer[Any]):
    """A stretch of time, half-open, in seconds of either side."""

    op = serializers.ChoiceField(["equal", "changed", "inserted", "deleted", "moved"])
    a = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2, allow_null=True)
    b = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2, allow_null=True)
    distance = serializers.FloatField(allow_null=True)
    severity = serializers.ChoiceField(["low", "medium", "high"], allow_null=True)
    regions = RegionRead(many=True)


@extend_schema_serializer(
    examples=examples.asked("By content", {"video_a": examples.FIRST, "video_b": examples.SECOND})
)
class ComparisonBody(serializers.Serializer[Any]):
    video_a = JsonText(max_length=200, help_text="The id of the video before.")
    video_b = JsonText(max_length=200, help_text="The id of the video after.")
    threshold = JsonNumber(
        min_value=LEAST, max_value=MOST, allow_null=True, default=None, error_messages=asked(THRESHOLD_ASKED)
    )
    metric = OneOf(
        Comparison.Metric.choices,
        default=Comparison.Metric.COSINE,
        help_text="How vectors are held against each other; for the mode `interval`.",
    )
    mode = OneOf(
        Comparison.Mode.choices,
        default=Comparison.Mode.ALIGNED,
        help_text="`aligned` by content, or `interval`: 2 s against 2 s at the same times.",
    )


@extend_schema_serializer(examples=examples.asked("More shows", {"threshold": 0.05}))
class ThresholdBody(serializers.Serializer[Any]):
    threshold = JsonNumber(
        min_value=LEAST,
        max_value=MOST,
        allow_null=True,
        help_text="null: the calibrated one, or the site's own where every 2 s are compared.",
        error_messages=asked(f"{THRESHOLD_ASKED[:-1]}, or null for the calibrated one."),
    )


@extend_schema_serializer(examples=examples.answered("One change", examples.COMPARISON))
class ComparisonRead(serializers.Serializer[Comparison]):
    """A comparison as its owner's threshold shows it; what is not known before it is completed is null or empty."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(Job.Status.choices)
    progress = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    video_a = SideRead()
    video_b = SideRead()
    mode = serializers.ChoiceField(Comparison.Mode.choices)
    transforms = serializers.SerializerMethodField()
    metric = serializers.SerializerMethodField()
    threshold_used = serializers.SerializerMethodField()
    embedding_model = serializers.SerializerMethodField()
    similarity_percent = serializers.SerializerMethodField()
    total_segments = serializers.SerializerMethodField()
    differing_segments = serializers.SerializerMethodField()
    segments = serializers.SerializerMethodField()

    def to_representation(self, instance: Comparison) -> dict[str, Any]:
        """The script is cut at the threshold once for all fields, and let go of at once: it may be large."""
        self._shown: dict[str, Any] = instance.shown if instance.is_completed else {}
        try:
            return super().to_representation(instance)
        finally:
            self._shown = {}

    def get_progress(self, comparison: Comparison) -> float:
        return comparison.job.progress

    def get_error(self, comparison: Comparison) -> str | None:
        return comparison.job.error or None

    @extend_schema_field(TransformRead(many=True))
    def get_transforms(self, comparison: Comparison) -> Sequence[dict[str, Any]]:
        return self._shown.get("transforms", [])

    @extend_schema_field({"type": ["string", "null"], "enum": [*Comparison.Metric.values, None]})
    def get_metric(self, comparison: Comparison) -> str | None:
        return comparison.metric or None

    def get_threshold_used(self, comparison: Comparison) -> float | None:
        return self._shown.get("threshold", comparison.threshold)

    def get_embedding_model(self, comparison: Comparison) -> str | None:
        return comparison.embedding_model or None

    def get_similarity_percent(self, comparison: Comparison) -> float | None:
        return self._shown.get("similarity_percent")

    def get_total_segments(self, comparison: Comparison) -> int | None:
        return self._shown.get("total_segments")

    def get_differing_segments(self, comparison: Comparison) -> int | None:
        return self._shown.get("differing_segments")

    @extend_schema_field(SegmentRead(many=True))
    def get_segments(self, comparison: Comparison) -> list[dict[str, Any]]:
        segments = self._shown.get("segments", [])
        return [{name: segment[name] for name in SEGMENT_KEYS} for segment in segments]


@extend_schema_serializer(examples=examples.asked("A week", {"expires_in_days": 7}))
class ShareBody(serializers.Serializer[Any]):
    expires_in_days = serializers.IntegerField(
        min_value=1, max_value=MOST_DAYS, default=DAYS, error_messages=asked(DAYS_ASKED)
    )


@extend_schema_serializer(examples=examples.answered("A link", examples.SHARE))
class ShareRead(serializers.Serializer[Any]):
    url = serializers.URLField()
    expires_at = serializers.DateTimeField()
