"""Check what clients send on the socket of conversations."""

import json
from typing import Any

from rest_framework import serializers

from chat.api.serializers import VideoIdsField
from chat.models import MAX_TEXT_LENGTH
from sage.api.fields import JsonStringField
from sage.errors import BadRequest, InvalidInput

MAX_INPUT_CHARACTERS = 65_536
EXAMPLE = '{"msg_type": "input", "content": [{"type": "text", "text": "What is said about the harbour?"}]}'
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


def parse_message(text: str | None) -> dict[str, Any]:
    """Return the JSON object of a message. Raise an `ApplicationError` that says what to send if it is none."""
    if text is None:
        raise BadRequest(f"Send text, not bytes: a JSON object such as {EXAMPLE}.")
    if len(text) > MAX_INPUT_CHARACTERS:
        raise InvalidInput.field("content", "This message is too long. Shorten it.", "too_long")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"Send a JSON object such as {EXAMPLE}.") from error
    if not isinstance(data, dict):
        raise BadRequest(f"Send a JSON object such as {EXAMPLE}.")
    return data


def validate(serializer: type[serializers.Serializer[Any]], data: dict[str, Any]) -> dict[str, Any]:
    """Return the checked values of a message. Raise `InvalidInput` with the first wrong one."""
    checked = serializer(data=data)
    if not checked.is_valid():
        field, errors = next(iter(checked.errors.items()))
        message = errors[0] if isinstance(errors, list) else next(iter(errors.values()))[0]
        raise InvalidInput.field(str(field), str(message), "invalid")
    values: dict[str, Any] = checked.validated_data
    return values
