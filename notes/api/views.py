"""Views to list, create, change, delete, export and import notes."""

import uuid
from datetime import datetime
from typing import IO, Any

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import BaseParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import CanCreateNotes, IsSignedIn
from accounts.viewer import viewer_of
from notes import queries, writing
from notes.api.serializers import (
    NoteBodySerializer,
    NoteChangeSerializer,
    NoteDeletedSerializer,
    NoteImportRowSerializer,
    NoteQuerySerializer,
    NoteReadSerializer,
    NotesImportedSerializer,
)
from notes.carrying.queries import list_carried_notes, sort_by_shown_time
from notes.exchange import exports, imports
from notes.limits import MAX_IMPORT_BYTES
from notes.models import Note
from sage.api.base import ApiView
from sage.api.openapi import error_responses
from sage.errors import BadRequest, InvalidInput
from videos.converters import read_video_id
from videos.models import Video

FILE_BODY = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}


class CsvParser(BaseParser):
    """Return the bytes of a CSV file as they are."""

    media_type = "text/csv"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        return imports.parse_notes(stream.read())


@extend_schema(tags=["notes"])
class VideoNotesView(ApiView):
    def get_permissions(self) -> list[Any]:
        return [CanCreateNotes() if self.request.method == "POST" else IsSignedIn()]

    @extend_schema(
        operation_id="list_notes",
        parameters=[NoteQuerySerializer],
        responses={200: NoteReadSerializer(many=True), **error_responses(404, 422)},
    )
    def get(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """List your notes on a video in order of time. Carried notes whose footage was deleted are last."""
        query = NoteQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        viewer = viewer_of(request)
        video = get_object_or_404(Video.objects.visible_to(viewer).with_id(video_id))
        own = Note.objects.owned_by(viewer).with_people().with_attachments()
        notes = list(own.filter(video=video))
        if query.validated_data.get("version"):
            notes = sort_by_shown_time([*notes, *list_carried_notes(own, video)])
        return Response(NoteReadSerializer(notes, many=True).data)

    @extend_schema(
        operation_id="create_note",
        request=NoteBodySerializer,
        responses={201: NoteReadSerializer, **error_responses(400, 403, 404, 415, 422)},
    )
    def post(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Create a note on an upload of yours, or on a YouTube video, which is added to your library."""
        body = NoteBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        viewer = viewer_of(request)
        note = writing.create_note_on(viewer, video_id, body.build_note(), body.title)
        return Response(NoteReadSerializer(note).data, status=201)


@extend_schema(tags=["notes"])
class NoteDetailView(ApiView):
    @extend_schema(
        operation_id="change_note",
        request=NoteChangeSerializer,
        parameters=[
            OpenApiParameter(
                "If-Match", str, OpenApiParameter.HEADER, description="The `updated_at` that you read, in quotes."
            )
        ],
        responses={200: NoteReadSerializer, **error_responses(400, 403, 404, 409, 415, 422)},
    )
    def patch(self, request: Request, note_id: uuid.UUID) -> Response:
        """Change a note. 400 if the body has no key, 409 if the note was changed since `If-Match`."""
        body = NoteChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        note = _get_own(request, note_id)
        if not body.validated_data:
            raise BadRequest(f"Give at least one of {', '.join(body.fields)}. The note was not changed.")
        writing.update_note(note, body.validated_data, _read_known_time(request))
        return Response(NoteReadSerializer(_get_own(request, note_id)).data)

    @extend_schema(operation_id="delete_note", responses={200: NoteDeletedSerializer, **error_responses(403, 404)})
    def delete(self, request: Request, note_id: uuid.UUID) -> Response:
        """Delete a note and its replies. They are hidden immediately, and removed after some days."""
        writing.delete_note(_get_own(request, note_id))
        message = f"The note was deleted. Restore it with POST /v2/notes/{note_id}/restore."
        return Response({"message": message})


@extend_schema(tags=["notes"])
class NoteRestoreView(ApiView):
    @extend_schema(
        operation_id="restore_note",
        request=None,
        responses={200: NoteReadSerializer, **error_responses(403, 404, 409)},
    )
    def post(self, request: Request, note_id: uuid.UUID) -> Response:
        """Restore a deleted note."""
        return Response(NoteReadSerializer(writing.restore_note(viewer_of(request), note_id)).data)


@extend_schema(tags=["notes"])
class NoteExportView(ApiView):
    @extend_schema(
        operation_id="export_notes",
        parameters=[
            OpenApiParameter("format", str, required=True, enum=list(exports.FORMATS)),
            OpenApiParameter(
                "video_id", str, description="Only the notes of this video. Required for formats with timecode."
            ),
            OpenApiParameter("tag", str, description="Only the notes with this tag."),
            OpenApiParameter("Content-Disposition", str, OpenApiParameter.HEADER, response=[200]),
        ],
        responses={
            (200, "*/*"): OpenApiResponse(OpenApiTypes.ANY, description="The file, as a download."),
            **error_responses(400, 404, 422),
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Export your notes as a document, data, subtitles, or markers for editing programs."""
        query = request.query_params
        return export_notes(request, query.get("format", ""), query.get("video_id", ""), query.get("tag", ""))


def _read_known_time(request: Request) -> datetime | None:
    """Return the time in `If-Match`. None if the request has none, or takes any."""
    tag = request.headers.get("If-Match", "*").strip()
    try:
        return None if tag == "*" else datetime.fromisoformat(tag.strip('"'))
    except ValueError as error:
        raise BadRequest("Send the “updated_at” of the note in quotes as “If-Match”.") from error


def export_notes(request: Request, kind: str, video_id: str, tag: str) -> StreamingHttpResponse:
    if kind not in exports.FORMATS:
        raise BadRequest(f"Choose a format: {', '.join(exports.FORMATS)}.")
    if kind in exports.OF_ONE_VIDEO and not video_id:
        raise InvalidInput.field("video_id", "Choose a video. This format has the times of one video.", "missing")
    viewer, wanted = viewer_of(request), read_video_id(video_id)
    notes = queries.list_notes(viewer, wanted, tag)
    video = Video.objects.in_library_of(viewer).with_id(wanted).first() if video_id else None
    return exports.export_notes(notes, kind, request.build_absolute_uri("/").rstrip("/"), video)


@extend_schema(tags=["notes"])
class NoteImportView(ApiView):
    parser_classes = [JSONParser, CsvParser, MultiPartParser]

    @extend_schema(
        operation_id="import_notes",
        request={
            "application/json": NoteImportRowSerializer(many=True),
            "text/csv": OpenApiTypes.BINARY,
            "multipart/form-data": FILE_BODY,
        },
        responses={201: NotesImportedSerializer, **error_responses(400, 403, 413, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """Import notes from the JSON or the CSV of an export. Notes that you have already are skipped."""
        result = imports.import_notes(viewer_of(request), _read_rows(request))
        return Response({"created": result.created, "skipped": result.skipped}, status=201)


def _read_rows(request: Request) -> list[Any]:
    if not request.content_type.startswith("multipart/"):
        return imports.check_rows(request.data)
    file = request.FILES.get("file")
    if file is None:
        raise InvalidInput.field("file", "Send the file with notes in the form field “file”.", "missing")
    if file.size > MAX_IMPORT_BYTES:
        raise InvalidInput.field("file", "This file is too large. Split it. Nothing was imported.", "max_size")
    return imports.parse_notes(file.read())


def _get_own(request: Request, note_id: uuid.UUID) -> Note:
    return get_object_or_404(Note.objects.owned_by(viewer_of(request)).with_people().with_attachments(), pk=note_id)
