"""List and create the comments of a share link. Visitors need no account."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import AllowAnyButLongTermToken
from notes.api.serializers import NoteSecondsField
from notes.comparisons import share_comments
from notes.comparisons.share_comments import MAX_COMMENT_LENGTH, MAX_NAME_LENGTH, NewComment, clean_text
from notes.models import Note
from sage.api.base import ApiView
from sage.api.fields import JsonStringField, ListedChoiceField, StrictSerializer
from sage.api.openapi import error_responses
from videos.api.examples import BEFORE, SECOND, request_example, response_example

COMMENT_BODY = {"name": "Mira", "text": "The logo comes too early.", "side": "b", "seconds": 5.2}
COMMENT = {"id": SECOND, **COMMENT_BODY, "created_at": BEFORE}


@extend_schema_serializer(component_name="CommentBody", examples=request_example("A comment", COMMENT_BODY))
class CommentBodySerializer(StrictSerializer):
    name = JsonStringField(max_length=MAX_NAME_LENGTH)
    text = JsonStringField(max_length=MAX_COMMENT_LENGTH, help_text="Plain text.")
    side = ListedChoiceField(["a", "b"], required=False, allow_null=True, help_text="`b` unless given.")
    seconds = NoteSecondsField(
        required=False, allow_null=True, help_text="The time on that side. Without it, the comment is about the whole."
    )

    def validate_name(self, value: str) -> str:
        return self._clean(value, one_line=True)

    def validate_text(self, value: str) -> str:
        return self._clean(value)

    def _clean(self, value: str, *, one_line: bool = False) -> str:
        cleaned = clean_text(value, one_line=one_line)
        if not cleaned:
            raise serializers.ValidationError("Give a text with visible characters.", code="blank")
        return cleaned


@extend_schema_serializer(component_name="CommentRead", examples=response_example("A comment", COMMENT))
class CommentReadSerializer(serializers.Serializer[Any]):
    """A comment of a visitor. `side` and `seconds` are null if it is about the whole comparison."""

    id = serializers.UUIDField()
    name = serializers.CharField(source="guest_name")
    text = serializers.CharField(help_text="Plain text, never HTML.")
    side = serializers.SerializerMethodField()
    seconds = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    @extend_schema_field(serializers.CharField(allow_null=True, help_text="`a` or `b`."))
    def get_side(self, note: Note) -> str | None:
        return None if note.is_general else note.side

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_seconds(self, note: Note) -> float | None:
        return None if note.is_general else note.seconds


@extend_schema(tags=["comparisons"])
class ShareCommentsView(ApiView):
    permission_classes = [AllowAnyButLongTermToken]

    @extend_schema(
        operation_id="list_comments", responses={200: CommentReadSerializer(many=True), **error_responses(404)}
    )
    def get(self, request: Request, token: str) -> Response:
        """List the comments of a share link, oldest first. 404 unless the link is open and takes comments."""
        share, _ = share_comments.find_share(token)
        return Response(CommentReadSerializer(list(share_comments.list_comments(share)), many=True).data)

    @extend_schema(
        operation_id="create_comment",
        request=CommentBodySerializer,
        responses={201: CommentReadSerializer, **error_responses(400, 403, 404, 409, 415, 422)},
    )
    def post(self, request: Request, token: str) -> Response:
        """Comment on a shared comparison. The owner sees it as a note, and may delete it."""
        share_comments.find_share(token)
        body = CommentBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        content = NewComment(values["name"], values["text"], values.get("side"), values.get("seconds"))
        comment = share_comments.create_comment(token, content)
        response = Response(CommentReadSerializer(comment).data, status=201)
        share_comments.remember_name(request, response, content.name)
        return response
