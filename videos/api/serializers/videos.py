"""Serializers of videos and their jobs."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from sage.api.fields import JsonStringField
from sage.jobs import registry
from videos.api import examples
from videos.library.queries import DEFAULT_SORT, SORTS
from videos.models import Job, Video
from videos.youtube.ids import MAX_URL_LENGTH


class JobReadSerializer(serializers.Serializer[Job]):
    kind = serializers.ChoiceField([(step.kind, step.label) for step in registry.steps_of(Job)])
    status = serializers.ChoiceField(Job.Status.choices)
    progress = serializers.FloatField(help_text="0 to 1.")
    attempts = serializers.IntegerField()
    error = serializers.SerializerMethodField()
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)

    def get_error(self, job: Job) -> str | None:
        return job.error or None


class VersionReadSerializer(serializers.Serializer[Any]):
    stack_id = serializers.UUIDField()
    number = serializers.IntegerField(help_text="From 1.")


@extend_schema_serializer(examples=examples.response_example("A ready video", examples.VIDEO))
class VideoReadSerializer(serializers.Serializer[Video]):
    """A video and the status of its jobs."""

    id = serializers.UUIDField()
    video_id = serializers.CharField(help_text="The id of YouTube, or of the upload.")
    source = serializers.SerializerMethodField()  # type: ignore[assignment]  # the key of the contract
    title = serializers.CharField(source="shown_title")
    filename = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    content_type = serializers.CharField()
    duration = serializers.FloatField(allow_null=True, help_text="Seconds.")
    metadata = serializers.DictField(help_text="Technical metadata of the file, or what YouTube says about the video.")
    transcript_available = serializers.SerializerMethodField()
    summary = serializers.SerializerMethodField()
    suggested_questions = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(Video.Status.choices)
    collection_id = serializers.UUIDField(source="shown_collection_id", allow_null=True)
    version = serializers.SerializerMethodField()
    jobs = JobReadSerializer(many=True)
    created_at = serializers.DateTimeField(source="added_at")
    updated_at = serializers.DateTimeField()

    @extend_schema_field({"type": "string", "enum": Video.Source.values})
    def get_source(self, video: Video) -> str:
        return video.source

    def get_transcript_available(self, video: Video) -> bool:
        return video.has_transcript or bool(video.entry_has_transcript)

    def get_summary(self, video: Video) -> str | None:
        return video.summary or None

    @extend_schema_field(VersionReadSerializer(allow_null=True))
    def get_version(self, video: Video) -> dict[str, Any] | None:
        return {"stack_id": str(video.stack_id), "number": video.version} if video.stack_id else None


@extend_schema_field({"type": "string", "enum": list(SORTS), "default": DEFAULT_SORT})
class SortField(serializers.CharField):
    """Any string. The query itself answers an unknown order with 400."""


class VideoQuerySerializer(serializers.Serializer[Any]):
    q = serializers.CharField(default="", allow_blank=True, max_length=200, help_text="Part of a title or filename.")
    sort = SortField(default=DEFAULT_SORT, allow_blank=True)
    collection_id = serializers.UUIDField(default=None, allow_null=True)


@extend_schema_serializer(examples=examples.request_example("A YouTube video", examples.YOUTUBE_BODY))
class VideoUrlSerializer(serializers.Serializer[Any]):
    url = JsonStringField(
        max_length=MAX_URL_LENGTH,
        help_text="The address of a YouTube video (watch, youtu.be, shorts, live or embed), or its id.",
    )


class VideoBodySerializer(serializers.Serializer[Any]):
    file = serializers.FileField()


@extend_schema_serializer(examples=examples.request_example("New title", {"title": "Autumn spot, first cut"}))
class VideoChangeSerializer(serializers.Serializer[Any]):
    title = JsonStringField(required=False, max_length=300)
    collection_id = serializers.UUIDField(required=False, allow_null=True)
