"""Views to attach drawings and frames to notes, to read and to remove them."""

import uuid

from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.viewer import viewer_of
from notes.attachments import writing
from notes.attachments.models import NoteAttachment
from notes.attachments.serializers import (
    AttachmentBodySerializer,
    AttachmentReadSerializer,
    DrawingSerializer,
)
from notes.models import Note
from sage.api.base import ApiView
from sage.api.openapi import error_responses
from sage.errors import InvalidInput, NotFound
from videos.serving import serve_file


@extend_schema(tags=["notes"])
class NoteAttachmentsView(ApiView):
    @extend_schema(
        operation_id="attach_to_note",
        request=AttachmentBodySerializer,
        responses={201: AttachmentReadSerializer, **error_responses(400, 403, 404, 409, 413, 415, 422)},
    )
    def post(self, request: Request, note_id: uuid.UUID) -> Response:
        """Attach a drawing, or the frame at the time of the note, which is cut soon. It replaces one of its kind."""
        note = get_object_or_404(Note.objects.owned_by(viewer_of(request)).with_people(), pk=note_id)
        body = AttachmentBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        if body.validated_data["kind"] == "drawing":
            attachment = writing.attach_drawing(note, body.validated_data.get("drawing"))
        elif "drawing" in body.validated_data:
            raise InvalidInput.field("drawing", "A frame has no drawing. Attach both one after the other.", "invalid")
        else:
            attachment = writing.attach_frame(note)
        return Response(AttachmentReadSerializer(attachment).data, status=201)


@extend_schema(tags=["notes"])
class NoteAttachmentView(ApiView):
    @extend_schema(
        operation_id="read_attachment",
        responses={
            (200, "application/json"): DrawingSerializer,
            (200, "image/jpeg"): OpenApiResponse(OpenApiTypes.BINARY, description="The frame."),
            **error_responses(403, 404),
        },
    )
    def get(self, request: Request, note_id: uuid.UUID, attachment_id: uuid.UUID) -> HttpResponseBase:
        """Return a drawing as JSON, or a frame as JPEG. 404 until the frame is cut."""
        attachment = _get_own(request, note_id, attachment_id)
        if attachment.kind == NoteAttachment.Kind.DRAWING:
            return JsonResponse(attachment.drawing, headers={"Cache-Control": "private, max-age=3600"})
        if not attachment.key:
            raise NotFound(attachment.error or "The frame is not ready yet. Try again in a moment.")
        try:
            return serve_file(request._request, attachment.key, "image/jpeg", f"{attachment.pk}.jpg")
        except FileNotFoundError as error:
            raise NotFound("The frame is missing from storage. Remove it, then add it again.") from error

    @extend_schema(operation_id="remove_attachment", responses={204: None, **error_responses(403, 404)})
    def delete(self, request: Request, note_id: uuid.UUID, attachment_id: uuid.UUID) -> Response:
        """Remove an attachment with its file."""
        writing.remove_attachment(_get_own(request, note_id, attachment_id))
        return Response(status=204)


def _get_own(request: Request, note_id: uuid.UUID, attachment_id: uuid.UUID) -> NoteAttachment:
    note = get_object_or_404(Note.objects.owned_by(viewer_of(request)).with_people(), pk=note_id)
    return get_object_or_404(NoteAttachment.objects.select_related("note__video"), note=note, pk=attachment_id)
