"""Check what clients send on the socket of conversations."""

from typing import Any

from rest_framework import serializers

from chat.api.serializers import VideoIdsField
from chat.models import MAX_TEXT_LENGTH
from sage.api.fields import JsonStringField

KEY = r"^[ -~]{8,64}$"
TOO_LONG = f"Ask in 1 to {MAX_TEXT_LENGTH:,} characters."
KEY_MESSAGE = "Give the ID of a conversation, or a key of your own of 8 to 64 characters."


class SessionField(serializers.RegexField):
    def __init__(self, **options: Any) -> None:
        super().__init__(KEY, error_messages={"invalid": KEY_MESSAGE}, **options)


class InputSerializer(serializers.Serializer[Any]):
    """A question. `text` joins the texts of `content`, and `agents` has at most one name.

    `brought` are the videos in `content`. Unknown keys are ignored, so that an output can be sent back.
    """

    session_id = SessionField(required=False, allow_null=True, allow_blank=True)
    conv_id = JsonStringField(required=False, allow_null=True, allow_blank=True, max_length=64)
    content = serializers.ListField(child=serializers.DictField(), max_length=50)
    video_ids = VideoIdsField()
    comparison_id = serializers.UUIDField(required=False, allow_null=True)
    collection_id = serializers.UUIDField(required=False, allow_null=True)
    agents = serializers.ListField(child=JsonStringField(max_length=64), required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Add the text and the videos of the content."""
        parts = [part.get("text") for part in attrs["content"] if part.get("type") == "text"]
        text = "\n".join(part for part in parts if isinstance(part, str)).strip()
        if not 1 <= len(text) <= MAX_TEXT_LENGTH or (not text.isprintable() and "\x00" in text):
            raise serializers.ValidationError({"content": [TOO_LONG]})
        brought = [part.get("video_id") for part in attrs["content"] if part.get("type") == "video"]
        brought = [one for one in brought if isinstance(one, str) and one]
        ids = [*(attrs.get("video_ids") or ()), *brought]
        agents = list(dict.fromkeys(attrs.get("agents") or ()))
        if len(agents) > 1:
            raise serializers.ValidationError({"agents": [f"Call one agent at a time, not {' and '.join(agents)}."]})
        return {**attrs, "text": text, "video_ids": ids, "brought": brought, "agent": agents[0] if agents else ""}


class StopSerializer(serializers.Serializer[Any]):
    session_id = SessionField()
    msg_id = serializers.UUIDField()


class ReconnectSerializer(serializers.Serializer[Any]):
    session_id = SessionField()
    last_msg_id = serializers.UUIDField(required=False, allow_null=True)
