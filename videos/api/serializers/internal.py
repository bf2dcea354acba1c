"""Serializers of the calls of outside workers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from sage.api.fields import JsonBooleanField, JsonStringField, ListedChoiceField, number_messages
from sage.jobs.models import AbstractJob
from sage.jobs.outside import TASK_NAMES
from videos.api import examples
from videos.api.serializers.transcripts import CueSerializer
from videos.youtube.results import COUNTS, TEXTS

MAX_WAIT_SECONDS = 60
MAX_ERROR_LETTERS = 500


class TaskQuerySerializer(serializers.Serializer[Any]):
    type = ListedChoiceField([(name, name) for name in TASK_NAMES], help_text="The kind of task.")
    timeout = serializers.IntegerField(
        default=30,
        min_value=0,
        max_value=MAX_WAIT_SECONDS,
        help_text="The seconds to wait for a task.",
        error_messages=number_messages(f"Give the seconds to wait, from 0 to {MAX_WAIT_SECONDS}."),
    )


class TaskDetailsSerializer(serializers.Serializer[Any]):
    video_id = serializers.CharField()
    note_id = serializers.CharField(required=False, help_text="Of an AI note.")
    timestamp = serializers.CharField(required=False, help_text="Of an AI note.")


@extend_schema_serializer(examples=examples.response_example("A task", examples.TASK))
class TaskReadSerializer(serializers.Serializer[Any]):
    task_id = serializers.UUIDField()
    task_type = serializers.ChoiceField([(name, name) for name in TASK_NAMES])
    task_details = TaskDetailsSerializer()
    retry_count = serializers.IntegerField(help_text="How often the task was tried before.")
    message = serializers.CharField()


@extend_schema_field({"type": "object", "additionalProperties": True})
class AnyObjectField(serializers.Field[Any, Any, Any, Any]):
    """Any JSON value. The code that stores it checks it."""

    def to_internal_value(self, data: Any) -> Any:
        return data


@extend_schema_field(
    {
        "type": "object",
        "required": ["title"],
        "properties": {
            "title": {"type": "string", "minLength": 1},
            **{name: {"type": ["string", "null"]} for name in (*TEXTS, "description")},
            **{name: {"type": ["number", "null"], "minimum": 0} for name in (*COUNTS, "duration")},
        },
    }
)
class AnyMetadataField(AnyObjectField):
    """Any JSON value, described as metadata. The code that stores it checks it."""


@extend_schema_field(CueSerializer(many=True))
class AnyCuesField(AnyObjectField):
    """Any JSON value, described as a list of cues. The code that stores it checks it."""


@extend_schema_serializer(examples=examples.request_example("Captions", examples.TASK_RESULT))
class TaskResultSerializer(serializers.Serializer[Any]):
    """The result of a task: `success` and the payload of its type, or the reason why it failed."""

    video_id = JsonStringField(max_length=100)
    success = JsonBooleanField()
    transcript = AnyCuesField(required=False)
    metadata = AnyMetadataField(required=False)
    text = JsonStringField(required=False, max_length=10_000, help_text="Of an AI note.")
    summary = JsonStringField(required=False, max_length=5_000)
    error_message = JsonStringField(required=False, max_length=10_000)


class TaskEndedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    task_id = serializers.UUIDField()
    status = serializers.ChoiceField(
        [(status, status) for status in AbstractJob.Status.values if status in ("completed", "pending", "failed")],
        help_text="`pending` if the task is tried again.",
    )


@extend_schema_serializer(examples=examples.request_example("Captions", {"transcript": [examples.CUE]}))
class TranscriptBodySerializer(serializers.Serializer[Any]):
    transcript = AnyCuesField()


@extend_schema_serializer(examples=examples.request_example("Metadata", {"metadata": examples.METADATA}))
class MetadataBodySerializer(serializers.Serializer[Any]):
    metadata = AnyMetadataField()


@extend_schema_serializer(examples=examples.request_example("Summary", {"summary": "Boats leave the harbour."}))
class SummaryBodySerializer(serializers.Serializer[Any]):
    summary = JsonStringField(max_length=5_000)
