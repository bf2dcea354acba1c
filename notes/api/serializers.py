"""Serializers of notes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from notes.api import examples
from notes.attachments.serializers import AttachmentReadSerializer
from notes.models import MAX_TAG_LENGTH, MAX_TAGS, MAX_TEXT_LENGTH, CarriedNote, Note
from notes.tags import clean_tags
from notes.timestamps import INVALID, parse_timestamp
from notes.writing import NewNote
from sage.api.fields import (
    JsonBooleanField,
    JsonNumberField,
    JsonStringField,
    ListedChoiceField,
    StrictSerializer,
    number_messages,
)
from sage.durations import MOST_SECONDS
from videos.api.examples import request_example, response_example

TIMES = (("timestamp", "seconds"), ("end_timestamp", "end_seconds"))


TIMESTAMP_SCHEMA = {"type": "string", "pattern": r"^([0-9]{1,3}:[0-5][0-9]:[0-5][0-9]|[0-9]{1,4}:[0-5][0-9])$"}


@extend_schema_field(TIMESTAMP_SCHEMA)
class TimestampField(serializers.Field[float, str, str, Any]):
    """A time of a video as `m:ss` or `h:mm:ss`, read as seconds."""

    default_error_messages = {"invalid": INVALID}

    def to_internal_value(self, data: Any) -> float:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return parse_timestamp(data)
        except ValueError:
            self.fail("invalid")


class NoteSecondsField(JsonNumberField):
    def __init__(self, **options: Any) -> None:
        messages = number_messages("Give the seconds from the start of the video as a number.")
        super().__init__(min_value=0, max_value=MOST_SECONDS, error_messages=messages, **options)


class NoteTagsField(serializers.ListField):
    child = JsonStringField(allow_blank=True)

    def to_internal_value(self, data: Any) -> list[str]:
        try:
            return clean_tags(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error), code="too_long") from error


TAGS_HELP = f"At most {MAX_TAGS} tags of at most {MAX_TAG_LENGTH} characters, without commas."
TEXT_OPTIONS: dict[str, Any] = {
    "required": False,
    "allow_null": True,
    "allow_blank": True,
    "max_length": MAX_TEXT_LENGTH,
    "help_text": "Markdown. Blank text is null.",
}


class NoteFieldsSerializer(StrictSerializer):
    """The fields that a note is created and changed with. A time is given as a timestamp or in seconds."""

    timestamp = TimestampField(required=False, help_text="`m:ss` or `h:mm:ss`. `75:03` becomes `1:15:03`.")
    end_timestamp = TimestampField(required=False, allow_null=True)
    seconds = NoteSecondsField(required=False, help_text="The exact time, instead of `timestamp`.")
    end_seconds = NoteSecondsField(required=False, allow_null=True)
    text = JsonStringField(**TEXT_OPTIONS)
    tags = NoteTagsField(required=False, help_text=TAGS_HELP)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the times in seconds alone, and blank text as None."""
        for name, exact in TIMES:
            if name not in attrs:
                continue
            rounded = attrs.pop(name)
            if exact in attrs and rounded != (None if attrs[exact] is None else int(attrs[exact])):
                message = f"“{name}” and “{exact}” are different times. Give one of them."
                raise serializers.ValidationError({name: [message]}, code="invalid")
            attrs.setdefault(exact, rounded)
        if "text" in attrs:
            attrs["text"] = attrs["text"] or None
        return attrs


class NoteQuerySerializer(serializers.Serializer[Any]):
    version = ListedChoiceField(
        ["carried"], required=False, help_text="`carried` adds the notes of earlier versions of the video."
    )


@extend_schema_serializer(component_name="NoteBody", examples=request_example("A note", examples.NOTE_BODY))
class NoteBodySerializer(NoteFieldsSerializer):
    comparison_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="The comparison that the note was taken on."
    )
    side = ListedChoiceField(["a", "b"], required=False, allow_null=True)
    reply_to = serializers.UUIDField(
        required=False, allow_null=True, help_text="A note of the same video that is no reply itself."
    )
    video_title = JsonStringField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=300,
        help_text="The title of a YouTube video that is new to this site, until its metadata come.",
    )

    def build_note(self) -> NewNote:
        """Return the validated note."""
        values = {name: value for name, value in self.validated_data.items() if name != "video_title"}
        return NewNote(**{**values, "side": values.get("side") or ""})

    @property
    def title(self) -> str:
        """The title for a new video, or an empty string."""
        return self.validated_data.get("video_title") or ""


@extend_schema_serializer(component_name="NoteChange", examples=request_example("A change", examples.NOTE_CHANGE))
class NoteChangeSerializer(NoteFieldsSerializer):
    generated_by_ai = JsonBooleanField(required=False)
    done = JsonBooleanField(required=False)


class CarriedReadSerializer(serializers.Serializer[Any]):
    """What became of a note of an earlier version. The times are those of that version."""

    from_video_id = serializers.CharField()
    state = ListedChoiceField(CarriedNote.State.values)
    timestamp = serializers.CharField()
    seconds = serializers.FloatField()


@extend_schema_serializer(component_name="NoteRead", examples=response_example("A note", examples.NOTE))
class NoteReadSerializer(serializers.Serializer[Any]):
    """A note. `seconds` is exact, `timestamp` is rounded down.

    A carried note has the times of this version, null if its footage was deleted.
    """

    id = serializers.UUIDField()
    video_id = serializers.CharField(source="shown_video.video_id")
    comparison_id = serializers.UUIDField(allow_null=True)
    side = serializers.SerializerMethodField()
    timestamp = serializers.CharField(source="shown_timestamp", allow_null=True)
    end_timestamp = serializers.CharField(source="shown_end_timestamp", allow_null=True)
    seconds = serializers.FloatField(source="shown_seconds", allow_null=True)
    end_seconds = serializers.FloatField(source="shown_end_seconds", allow_null=True)
    text = serializers.CharField(allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    attachments = AttachmentReadSerializer(source="attachments.all", many=True)
    generated_by_ai = serializers.BooleanField()
    done = serializers.BooleanField()
    reply_to = serializers.UUIDField(source="reply_to_id", allow_null=True)
    author_name = serializers.CharField()
    carried = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    user_id = serializers.UUIDField(source="owner_id")

    @extend_schema_field(serializers.CharField(allow_null=True, help_text="`a` or `b`."))
    def get_side(self, note: Note) -> str | None:
        return note.side if note.comparison_id and note.side else None

    @extend_schema_field(CarriedReadSerializer(allow_null=True))
    def get_carried(self, note: Note) -> dict[str, Any] | None:
        if note.place is None:
            return None
        return {
            "from_video_id": note.video.video_id,
            "state": note.place.state,
            "timestamp": note.timestamp,
            "seconds": note.seconds,
        }


@extend_schema_serializer(component_name="DeletedNote", examples=response_example("Deleted", examples.DELETED))
class NoteDeletedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


@extend_schema_serializer(component_name="NoteImport", examples=request_example("One note", examples.IMPORT_ROW))
class NoteImportRowSerializer(serializers.Serializer[Any]):
    """A note of a file to import. Other keys are ignored, so that an exported file can be imported."""

    video_id = JsonStringField(max_length=2000)
    video_title = JsonStringField(required=False, allow_null=True, allow_blank=True)
    id = serializers.UUIDField(required=False, allow_null=True, help_text="What `reply_to` of other rows names.")
    reply_to = serializers.UUIDField(required=False, allow_null=True)
    timestamp = TimestampField(required=False)
    end_timestamp = TimestampField(required=False, allow_null=True)
    seconds = NoteSecondsField(required=False)
    end_seconds = NoteSecondsField(required=False, allow_null=True)
    text = JsonStringField(**TEXT_OPTIONS)
    tags = NoteTagsField(required=False, help_text=TAGS_HELP)
    done = JsonBooleanField(required=False)
    generated_by_ai = JsonBooleanField(required=False)

    validate = NoteFieldsSerializer.validate


@extend_schema_serializer(component_name="NotesImported", examples=response_example("Imported", examples.IMPORTED))
class NotesImportedSerializer(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    skipped = serializers.IntegerField(help_text="Notes that you have already, or of uploads that are not yours.")
