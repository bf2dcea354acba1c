"""Serializers of conversations and messages."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from chat.api import examples
from chat.models import MAX_TEXT_LENGTH, MAX_TITLE_LENGTH, MAX_VIDEOS, Message
from sage.api.fields import JsonBooleanField, JsonStringField, StrictSerializer, number_messages
from sage.api.pagination import PageSerializer
from videos.api.examples import request_example, response_example

MAX_ID_LENGTH = 2_000  # of the address of a YouTube video


class VideoIdsField(serializers.ListField):
    def __init__(self, **options: Any) -> None:
        child = JsonStringField(max_length=MAX_ID_LENGTH)
        super().__init__(child=child, max_length=MAX_VIDEOS, required=False, allow_null=True, **options)


@extend_schema_serializer(
    component_name="ConversationBody", examples=request_example("About one video", examples.CONVERSATION_BODY)
)
class ConversationBodySerializer(StrictSerializer):
    """What a conversation is about. Everything is optional."""

    video_id = JsonStringField(required=False, allow_null=True, max_length=MAX_ID_LENGTH)
    video_ids = VideoIdsField(help_text="IDs of videos, or addresses of YouTube videos, which are added.")
    comparison_id = serializers.UUIDField(required=False, allow_null=True)
    collection_id = serializers.UUIDField(required=False, allow_null=True)
    title = JsonStringField(required=False, allow_null=True, allow_blank=True, max_length=MAX_TITLE_LENGTH)

    def describe(self) -> dict[str, Any]:
        """Return the arguments of `create_conversation`."""
        values = self.validated_data
        ids = [*([values["video_id"]] if values.get("video_id") else []), *(values.get("video_ids") or ())]
        return {
            "video_ids": ids,
            "comparison_id": values.get("comparison_id"),
            "collection_id": values.get("collection_id"),
            "title": values.get("title") or "",
        }


@extend_schema_serializer(
    component_name="ConversationChange", examples=request_example("Pin it", examples.CONVERSATION_CHANGE)
)
class ConversationChangeSerializer(StrictSerializer):
    title = JsonStringField(required=False, max_length=MAX_TITLE_LENGTH)
    pinned = JsonBooleanField(required=False)


@extend_schema_serializer(
    component_name="ConversationRead", examples=response_example("A conversation", examples.CONVERSATION)
)
class ConversationReadSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    video_id = serializers.CharField(allow_null=True, help_text="The video, if it is about exactly one.")
    video_ids = serializers.ListField(child=serializers.CharField())
    comparison_id = serializers.UUIDField(allow_null=True)
    collection_id = serializers.UUIDField(allow_null=True)
    pinned = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ConversationPageSerializer(PageSerializer):
    conversations = ConversationReadSerializer(many=True)


@extend_schema_serializer(component_name="QuestionBody", examples=request_example("A question", examples.QUESTION))
class QuestionBodySerializer(StrictSerializer):
    message = JsonStringField(max_length=MAX_TEXT_LENGTH)
    video_ids = VideoIdsField(help_text="Videos that this question is about, instead of those of the conversation.")
    agent = JsonStringField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=64,
        help_text="The name of an agent. A mention such as “@summary” in the message calls one too.",
    )
    replaces = serializers.UUIDField(
        required=False, allow_null=True, help_text="A question that this one replaces, with everything after it."
    )


class CitationReadSerializer(serializers.Serializer[Any]):
    video_id = serializers.CharField()
    start = serializers.FloatField()
    text = serializers.CharField()


class MessageErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class MessageMetadataSerializer(serializers.Serializer[Any]):
    citations = CitationReadSerializer(many=True, required=False)
    model = serializers.CharField(required=False)
    outputs = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text="The IDs of what an agent has made."
    )
    parts = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="What an agent shows beside the text: objects with the type search_results, comparison or video.",
    )
    error = MessageErrorSerializer(required=False)


@extend_schema_serializer(component_name="MessageRead", examples=response_example("An answer", examples.MESSAGE))
class MessageReadSerializer(serializers.Serializer[Any]):
    """A question or an answer. Citations are in the content as `[m:ss]`, and in `metadata.citations` in that order."""

    id = serializers.UUIDField()
    conversation_id = serializers.UUIDField()
    role = serializers.ChoiceField(Message.Role.choices)
    content = serializers.CharField()
    status = serializers.ChoiceField(Message.Status.choices)
    chat_type = serializers.ChoiceField(Message.ChatType.choices)
    video_ids = serializers.ListField(child=serializers.CharField())
    metadata = MessageMetadataSerializer()
    created_at = serializers.DateTimeField()


class MessagePageSerializer(PageSerializer):
    messages = MessageReadSerializer(many=True)


class MessageListQuerySerializer(serializers.Serializer[Any]):
    before = serializers.UUIDField(required=False, help_text="Only messages before this one.")
    limit = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=200,
        default=50,
        error_messages=number_messages("Give a limit from 1 to 200."),
    )


class MessageSearchQuerySerializer(serializers.Serializer[Any]):
    q = serializers.CharField(required=False, allow_blank=True, max_length=500)


@extend_schema_serializer(examples=response_example("Wait", examples.PROCESSING))
class ProcessingSerializer(serializers.Serializer[Any]):
    status = serializers.CharField()
    message = serializers.CharField()


@extend_schema_serializer(component_name="DeletedConversation", examples=response_example("Deleted", examples.DELETED))
class ConversationDeletedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
