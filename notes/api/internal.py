"""Views of notes for external workers."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from notes.ai import queueing
from notes.api import examples
from notes.api.serializers import NoteReadSerializer
from notes.models import Note
from sage.api.fields import JsonBooleanField, JsonStringField, StrictSerializer
from sage.api.openapi import error_responses
from videos.api.examples import request_example, response_example
from videos.api.internal import WorkerView
from videos.models import Video

MAX_LISTED = 1_000


class EmptyNoteSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    video_id = serializers.CharField(source="video.video_id")
    timestamp = serializers.CharField()
    user_id = serializers.UUIDField(source="owner_id")


@extend_schema_serializer(component_name="EmptyNotes", examples=response_example("One", examples.EMPTY_NOTES))
class EmptyNotesSerializer(serializers.Serializer[Any]):
    notes = EmptyNoteSerializer(many=True)


@extend_schema_serializer(component_name="AiNoteBody", examples=request_example("A line", examples.AI_NOTE))
class AiNoteBodySerializer(StrictSerializer):
    text = JsonStringField(max_length=queueing.MOST_ACCEPTED)
    generated_by_ai = JsonBooleanField(default=True)


@extend_schema(tags=["internal"])
class AiNoteListView(WorkerView):
    @extend_schema(
        operation_id="internal_list_ai_notes",
        responses={200: EmptyNotesSerializer, **error_responses(403, 404, 422)},
    )
    def get(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """List the notes of a video that may be written: empty, wanted by their owners, and not failed."""
        video = get_object_or_404(Video.objects.with_id(video_id))
        rows = list(queueing.list_eligible(video).select_related("video")[:MAX_LISTED])
        return Response(EmptyNotesSerializer({"notes": rows}).data)


@extend_schema(tags=["internal"])
class InternalNoteView(WorkerView):
    @extend_schema(
        operation_id="internal_write_note",
        request=AiNoteBodySerializer,
        responses={200: NoteReadSerializer, **error_responses(400, 403, 404, 409, 415, 422)},
    )
    def patch(self, request: Request, note_id: uuid.UUID) -> Response:
        """Write an empty note. 409 once its owner has written."""
        body = AiNoteBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        note = get_object_or_404(Note.objects.with_people(), pk=note_id)
        text = queueing.clean_line(body.validated_data["text"])
        queueing.save_from_outside(note, text, body.validated_data["generated_by_ai"])
        return Response(NoteReadSerializer(get_object_or_404(Note.objects.with_people(), pk=note_id)).data)
