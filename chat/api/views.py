"""Views of conversations and their messages."""

import uuid
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsSignedInOrGuest
from accounts.viewer import viewer_of
from chat import conversations, exports, questions, search
from chat.api.serializers import (
    ConversationBodySerializer,
    ConversationChangeSerializer,
    ConversationDeletedSerializer,
    ConversationPageSerializer,
    ConversationReadSerializer,
    MessageListQuerySerializer,
    MessagePageSerializer,
    MessageReadSerializer,
    MessageSearchQuerySerializer,
    ProcessingSerializer,
    QuestionBodySerializer,
)
from chat.api.sse import parse_event_id, stream_answer
from chat.models import Conversation, Message
from chat.questions import NewQuestion
from sage.api.base import ApiView
from sage.api.openapi import error_responses
from sage.api.pagination import PageQuerySerializer, paginate
from sage.errors import BadRequest
from sage.limits.client_ip import get_client_network

EVENTS = OpenApiResponse(
    OpenApiTypes.ANY,
    description="`id: n` with `data: {content}`, possibly after `{progress}` or `{output}`, then `data: [DONE]`. A "
    "failure is `data: {error}` without `[DONE]`.",
)
MESSAGE_ID = OpenApiParameter("X-Message-ID", str, OpenApiParameter.HEADER, response=[200])
ANSWER_RESPONSES: dict[Any, Any] = {
    (200, "text/event-stream"): EVENTS,
    202: ProcessingSerializer,
    **error_responses(400, 402, 403, 404, 409, 415, 422, 429),
}


class GuestView(ApiView):
    """A view for users and guests."""

    permission_classes = [IsSignedInOrGuest]
    accepts_guests = True


@extend_schema(tags=["conversations"])
class ConversationListView(GuestView):
    @extend_schema(
        operation_id="list_conversations",
        parameters=[PageQuerySerializer],
        responses={200: ConversationPageSerializer, **error_responses(422)},
    )
    def get(self, request: Request) -> Response:
        """List your conversations, pinned ones first, then the last used."""
        rows = Conversation.objects.owned_by(viewer_of(request)).with_subjects()
        return Response(paginate(request, "conversations", rows, ConversationReadSerializer))

    @extend_schema(
        operation_id="create_conversation",
        request=ConversationBodySerializer,
        responses={201: ConversationReadSerializer, **error_responses(400, 403, 404, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """Create a conversation about videos, a comparison, a collection, or nothing in particular."""
        body = ConversationBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        made = conversations.create_conversation(viewer_of(request), **body.describe())
        return Response(ConversationReadSerializer(made).data, status=201)


@extend_schema(tags=["conversations"])
class ConversationView(GuestView):
    @extend_schema(
        operation_id="read_conversation", responses={200: ConversationReadSerializer, **error_responses(404)}
    )
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Return a conversation."""
        return Response(ConversationReadSerializer(_get(request, conversation_id)).data)

    @extend_schema(
        operation_id="change_conversation",
        request=ConversationChangeSerializer,
        responses={200: ConversationReadSerializer, **error_responses(400, 403, 404, 415, 422)},
    )
    def patch(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Rename or pin a conversation. 400 if the body has no key."""
        body = ConversationChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        conversation = _get(request, conversation_id)
        if not body.validated_data:
            raise BadRequest("Give “title” or “pinned”. The conversation was not changed.")
        conversations.change_conversation(conversation, **body.validated_data)
        return Response(ConversationReadSerializer(conversation).data)

    @extend_schema(
        operation_id="delete_conversation", responses={200: ConversationDeletedSerializer, **error_responses(403, 404)}
    )
    def delete(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Delete a conversation. It is hidden immediately, and removed after some days."""
        conversations.delete_conversation(_get(request, conversation_id))
        message = f"The conversation was deleted. Restore it with POST /v2/conversations/{conversation_id}/restore."
        return Response({"message": message})


@extend_schema(tags=["conversations"])
class ConversationRestoreView(GuestView):
    @extend_schema(
        operation_id="restore_conversation",
        request=None,
        responses={200: ConversationReadSerializer, **error_responses(403, 404, 409)},
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Restore a deleted conversation."""
        restored = conversations.restore_conversation(viewer_of(request), conversation_id)
        return Response(ConversationReadSerializer(restored).data)


@extend_schema(tags=["conversations"])
class ConversationExportView(GuestView):
    @extend_schema(
        operation_id="export_conversation",
        responses={(200, "text/markdown"): OpenApiResponse(OpenApiTypes.STR), **error_responses(404)},
    )
    def get(self, request: Request, conversation_id: uuid.UUID) -> HttpResponseBase:
        """Export a conversation as Markdown, with the times as links."""
        return exports.export_markdown(_get(request, conversation_id), request.build_absolute_uri("/"))


@extend_schema(tags=["conversations"])
class MessageListView(GuestView):
    @extend_schema(
        operation_id="list_messages",
        parameters=[
            MessageListQuerySerializer,
            OpenApiParameter("Link", str, OpenApiParameter.HEADER, response=[200]),
        ],
        responses={200: MessageReadSerializer(many=True), **error_responses(404, 422)},
    )
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """List the last messages, oldest first. The header `Link` has the address of those before."""
        query = MessageListQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        limit, before = query.validated_data["limit"], query.validated_data.get("before")
        rows = Message.objects.filter(conversation=_get(request, conversation_id)).defer("vector")
        if before:
            rows = rows.filter(number__lt=get_object_or_404(rows, pk=before).number)
        newest = list(rows.order_by("-number")[: limit + 1])
        page = newest[:limit][::-1]
        response = Response(MessageReadSerializer(page, many=True).data)
        if len(newest) > limit:
            path = request.build_absolute_uri(request.path)
            response["Link"] = f'<{path}?before={page[0].pk}&limit={limit}>; rel="prev"'
        return response

    @extend_schema(
        operation_id="ask",
        request=QuestionBodySerializer,
        parameters=[MESSAGE_ID],
        responses=ANSWER_RESPONSES,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Ask a question and stream the answer. 202, and nothing is stored, while a transcript is being created."""
        body = QuestionBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        question = NewQuestion(
            text=values["message"],
            address=get_client_network(request),
            video_ids=values.get("video_ids") or (),
            replaces=values.get("replaces"),
            agent=values.get("agent") or "",
        )
        try:
            answer = questions.ask(viewer_of(request), _get(request, conversation_id), question)
        except questions.NotReady:
            return _say_processing()
        return _begin_stream(answer)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Any:
        return _stream_begun(super().finalize_response(request, response, *args, **kwargs))


@extend_schema(tags=["conversations"])
class MessageStreamView(GuestView):
    @extend_schema(
        operation_id="stream_message",
        parameters=[
            OpenApiParameter("Last-Event-ID", str, OpenApiParameter.HEADER, description="The last `id` you have."),
            MESSAGE_ID,
        ],
        responses={(200, "text/event-stream"): EVENTS, **error_responses(404)},
    )
    def get(self, request: Request, conversation_id: uuid.UUID, message_id: uuid.UUID) -> HttpResponseBase:
        """Continue the stream of an answer after `Last-Event-ID`. After a day, the whole answer is sent at once."""
        answer = _get_message(request, conversation_id, message_id, Message.Role.ASSISTANT)
        return stream_answer(answer.pk, parse_event_id(request.headers.get("Last-Event-ID")))


@extend_schema(tags=["conversations"])
class MessageStopView(GuestView):
    @extend_schema(
        operation_id="stop_message",
        request=None,
        responses={200: MessageReadSerializer, **error_responses(403, 404)},
    )
    def post(self, request: Request, conversation_id: uuid.UUID, message_id: uuid.UUID) -> Response:
        """Stop an answer, and keep what was written. Nothing happens if it has ended."""
        answer = _get_message(request, conversation_id, message_id, Message.Role.ASSISTANT)
        return Response(MessageReadSerializer(questions.stop_answer(answer)).data)


@extend_schema(tags=["conversations"])
class MessageRegenerateView(GuestView):
    @extend_schema(
        operation_id="regenerate_message",
        request=None,
        parameters=[MESSAGE_ID],
        responses=ANSWER_RESPONSES,
    )
    def post(self, request: Request, conversation_id: uuid.UUID, message_id: uuid.UUID) -> Response:
        """Write an answer again and stream it. The earlier answer and what followed it are deleted."""
        answer = _get_message(request, conversation_id, message_id)
        try:
            again = questions.regenerate(viewer_of(request), answer, get_client_network(request))
        except questions.NotReady:
            return _say_processing()
        return _begin_stream(again)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Any:
        return _stream_begun(super().finalize_response(request, response, *args, **kwargs))


@extend_schema(tags=["conversations"])
class MessageSearchView(GuestView):
    @extend_schema(
        operation_id="search_messages",
        parameters=[MessageSearchQuerySerializer, PageQuerySerializer],
        responses={200: MessagePageSerializer, **error_responses(422)},
    )
    def get(self, request: Request) -> Response:
        """Search your messages by words and by meaning. Without `q`, list the newest."""
        query = MessageSearchQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        rows = search.find_messages(viewer_of(request), query.validated_data.get("q", ""))
        return Response(paginate(request, "messages", rows, MessageReadSerializer))


def _get(request: Request, conversation_id: uuid.UUID) -> Conversation:
    return conversations.get_conversation(viewer_of(request), conversation_id)


def _get_message(request: Request, conversation_id: uuid.UUID, message_id: uuid.UUID, role: str = "") -> Message:
    rows = Message.objects.owned_by(viewer_of(request)).filter(conversation=conversation_id)
    if role:
        rows = rows.filter(role=role)
    return get_object_or_404(rows.select_related("conversation").defer("vector"), pk=message_id)


def _say_processing() -> Response:
    return Response({"status": "processing", "message": questions.PROCESSING}, status=202)


def _begin_stream(answer: Message) -> Response:
    """Return the response that an `Idempotency-Key` stores. `_stream_begun` replaces it by the stream."""
    return Response({"message_id": str(answer.pk)})


def _stream_begun(response: HttpResponseBase) -> HttpResponseBase:
    """Return the stream of the answer that a response names, or the response itself."""
    data = getattr(response, "data", None)
    if response.status_code != 200 or not isinstance(data, dict) or "message_id" not in data:
        return response
    streamed = stream_answer(uuid.UUID(data["message_id"]))
    for name, value in response.items():
        if name.lower() not in ("content-type", "content-length"):
            streamed.headers.setdefault(name, value)
    return streamed
