"""Views to read and replace the transcript and the chapters of a video."""

import uuid
from typing import IO, Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import BaseParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.viewer import viewer_of
from sage.api.base import ApiView
from sage.api.openapi import error_responses
from sage.errors import BadRequest, InvalidInput, NotFound
from videos.api import examples
from videos.api.serializers.transcripts import ChapterListSerializer, ChapterSerializer, CueSerializer
from videos.models import Job, Transcript, Video
from videos.transcripts import chapters, cues, downloads
from videos.transcripts.storage import choose_transcript, load_cues, replace_uploaded_transcript

FILE_BODY = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
FORMATS = OpenApiParameter(
    "format", str, enum=list(cues.FORMATS), default="json", description="Format of the response."
)
LANGUAGE = OpenApiParameter("language", str, description="ISO 639-1. Without it, the preferred transcript is returned.")


class SubripParser(BaseParser):
    """Return the bytes of a SubRip file."""

    media_type = "application/x-subrip"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read()


class WebvttParser(SubripParser):
    """Return the bytes of a WebVTT file."""

    media_type = "text/vtt"


@extend_schema(tags=["transcripts"])
class TranscriptView(ApiView):
    parser_classes = [JSONParser, SubripParser, WebvttParser, MultiPartParser]

    @extend_schema(
        operation_id="read_transcript",
        parameters=[FORMATS, LANGUAGE],
        responses={
            200: CueSerializer(many=True),
            (200, "application/x-subrip"): OpenApiTypes.STR,
            (200, "text/vtt"): OpenApiTypes.STR,
            (200, "text/plain"): OpenApiTypes.STR,
            **error_responses(400, 404),
        },
    )
    def get(self, request: Request, video_id: uuid.UUID | str) -> HttpResponseBase:
        """Return the transcript of a video. 404 with the status of its job if there is none."""
        kind = request.query_params.get("format", "json")
        if kind not in cues.FORMATS:
            raise BadRequest(f"Choose a format: {', '.join(cues.FORMATS)}.")
        video = get_object_or_404(Video.objects.visible_to(viewer_of(request)).with_id(video_id))
        transcript = get_transcript(video, request.query_params.get("language", ""))
        if kind == "json":
            return Response(cues.as_json(load_cues(transcript)))
        return HttpResponse(cues.write_cues(load_cues(transcript), kind), content_type=downloads.CONTENT_TYPES[kind])

    @extend_schema(
        operation_id="replace_transcript",
        examples=examples.request_example("One line", examples.CUE),
        request={
            "application/json": CueSerializer(many=True),
            "application/x-subrip": OpenApiTypes.BINARY,
            "text/vtt": OpenApiTypes.BINARY,
            "multipart/form-data": FILE_BODY,
        },
        parameters=[OpenApiParameter("language", str, description="ISO 639-1. Without it, the language is detected.")],
        responses={200: CueSerializer(many=True), **error_responses(400, 403, 404, 413, 415, 422)},
    )
    def put(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Replace the uploaded transcript by SubRip, WebVTT or JSON cues. It is preferred to any other."""
        video = get_object_or_404(Video.objects.in_library_of(viewer_of(request)).with_id(video_id))
        language = request.query_params.get("language", "")
        if language and language not in downloads.LANGUAGES:
            raise InvalidInput.field("language", "Give the language as ISO 639-1, such as en.", "invalid_choice")
        checked = cues.check_times(_read_body(request), video.duration)
        replace_uploaded_transcript(video, checked, language)
        return Response(cues.as_json(checked))


@extend_schema(tags=["transcripts"])
class ChaptersView(ApiView):
    @extend_schema(operation_id="list_chapters", responses={200: ChapterSerializer(many=True), **error_responses(404)})
    def get(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Return the chapters of a video in order of time."""
        video = get_object_or_404(Video.objects.visible_to(viewer_of(request)).with_id(video_id))
        return Response(_describe_chapters(video))

    @extend_schema(
        operation_id="replace_chapters",
        examples=examples.request_example("One chapter", examples.CHAPTER),
        request=ChapterSerializer(many=True),
        responses={200: ChapterSerializer(many=True), **error_responses(400, 403, 404, 415, 422)},
    )
    def put(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Replace all chapters. Sage then generates none for this video."""
        video = get_object_or_404(Video.objects.in_library_of(viewer_of(request)).with_id(video_id))
        body = ChapterListSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        chapters.replace_chapters(video, [(item["start"], item["title"]) for item in body.validated_data])
        return Response(_describe_chapters(video))


def get_transcript(video: Video, language: str = "") -> Transcript:
    """Return the preferred transcript. Raises `NotFound` with the status of the job that makes one."""
    transcript = choose_transcript(video, language)
    if transcript is None:
        job = video.jobs.filter(kind=Job.Kind.TRANSCRIPT).first()
        raise NotFound(downloads.describe_absence(job), {"status": job.status if job else None})
    return transcript


def _describe_chapters(video: Video) -> list[dict[str, Any]]:
    return [{"start": chapter.start, "title": chapter.title} for chapter in chapters.list_chapters(video)]


def _read_body(request: Request) -> list[cues.TimedText]:
    if isinstance(request.data, bytes):
        return cues.parse_cues(request.data, request.content_type.partition(";")[0].strip())
    file = request.FILES.get("file")
    if file is not None:
        if file.size > cues.MAX_BYTES:
            raise InvalidInput.field("file", "This file is too large to hold only subtitles.", "max_size")
        return cues.parse_cues(file.read(), file.content_type or "", file.name)
    if isinstance(request.data, list):
        return sorted(cues.read_json_cues(request.data), key=lambda cue: (cue.start, cue.end))
    raise InvalidInput.field("file", "Send a transcript as the form field “file”, or cues as JSON.", "missing")
