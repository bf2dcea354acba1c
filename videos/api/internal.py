"""Views for external workers, which authenticate with the `ADMIN_TOKEN` and may read every video."""

import time
import uuid
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import OpenApiResponse, extend_schema
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.permissions import IsWorker
from accounts.viewer import WorkerAuthentication
from sage.api.openapi import error_responses
from sage.db_connections import close_idle_connections
from sage.errors import BadRequest, Conflict
from sage.jobs import outside, queue
from videos.api.serializers.internal import (
    MAX_ERROR_LETTERS,
    MAX_WAIT_SECONDS,
    MetadataBodySerializer,
    SummaryBodySerializer,
    TaskEndedSerializer,
    TaskQuerySerializer,
    TaskReadSerializer,
    TaskResultSerializer,
    TranscriptBodySerializer,
)
from videos.api.serializers.transcripts import CueSerializer
from videos.api.serializers.videos import VideoReadSerializer
from videos.api.transcripts import get_transcript
from videos.models import Job, Video
from videos.transcripts.cues import as_json
from videos.transcripts.storage import load_cues
from videos.youtube import results
from videos.youtube.entries import get_or_create_video
from videos.youtube.ids import parse_youtube_id

FAILED = "The outside worker could not do this."
WAIT_HEADER = "X-Wait-Seconds"  # between the two parts of a long poll; it is never sent


class WorkerView(APIView):
    """A view for outside workers."""

    authentication_classes = [WorkerAuthentication]
    permission_classes = [IsWorker]


@extend_schema(tags=["internal"])
class TaskListView(WorkerView):
    @extend_schema(
        operation_id="internal_take_task",
        parameters=[TaskQuerySerializer],
        responses={
            200: TaskReadSerializer,
            204: OpenApiResponse(description="No task arrived in time."),
            **error_responses(403, 422),
        },
    )
    def get(self, request: Request) -> Response:
        """Take a task for 120 seconds. Wait for one up to `timeout` seconds if there is none."""
        query = TaskQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        if found := _take_task(query.validated_data["type"]):
            return Response(found)
        return Response(status=204, headers={WAIT_HEADER: str(query.validated_data["timeout"])})


def _take_task(name: str) -> dict[str, Any] | None:
    claimed = outside.claim_task(name)
    if claimed is None:
        return None
    kind, job = claimed
    task = {
        "task_id": job.lease,
        "task_type": name,
        "task_details": kind.describe(job),
        "retry_count": job.attempts - 1,
        "message": kind.message,
    }
    return dict(TaskReadSerializer(task).data)


def build_poll_view() -> Callable[..., Any]:
    """Return the view of `TaskListView` that waits without a database connection.

    REST framework answers at once. Only if there is no task, the event loop waits for the next one.
    """
    answer_now = TaskListView.as_view()

    async def poll_tasks(request: HttpRequest) -> HttpResponseBase:
        began = time.monotonic()
        response: HttpResponseBase = await sync_to_async(answer_now)(request)
        if WAIT_HEADER not in response.headers:
            return response
        deadline = began + min(float(response.headers[WAIT_HEADER]), MAX_WAIT_SECONDS)
        del response.headers[WAIT_HEADER]
        name = request.GET["type"]
        while (left := deadline - time.monotonic()) > 0:
            await sync_to_async(close_idle_connections)()
            try:
                await outside.wait_for_token(name, left)
            except (RedisError, OSError):
                await outside.wait_for_outage(left)
            if found := await sync_to_async(_take_task)(name):
                return JsonResponse(found)
        return response

    poll_tasks.cls = TaskListView  # type: ignore[attr-defined]  # the API schema is made from the class
    poll_tasks.initkwargs = {}  # type: ignore[attr-defined]
    return csrf_exempt(poll_tasks)


@extend_schema(tags=["internal"])
class TaskResultView(WorkerView):
    @extend_schema(
        operation_id="internal_end_task",
        request=TaskResultSerializer,
        responses={200: TaskEndedSerializer, **error_responses(400, 403, 404, 415, 422)},
    )
    def post(self, request: Request, task_id: uuid.UUID) -> Response:
        """Store the result of a task, or record that it failed. A failed task is tried again up to three times."""
        body = TaskResultSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        kind, job = outside.find_task(task_id)
        if not _is_same_video(values["video_id"], kind.identify(job)):
            raise BadRequest("This task is about another video. Nothing was stored.")
        if not values["success"]:
            reason = results.clean_line(values.get("error_message", FAILED), MAX_ERROR_LETTERS) or FAILED
            status = outside.fail_task(job, reason)
        elif kind.payload not in values:
            raise BadRequest(f"The result of a {kind.name} task is “{kind.payload}”. Nothing was stored.")
        else:
            status = outside.complete_task(kind, job, values[kind.payload])
        message = {"completed": "The result was stored.", "pending": "The task will be tried again."}
        return Response(
            {"message": message.get(status, "The task failed for good."), "task_id": task_id, "status": status}
        )


def _is_same_video(sent: str, wanted: str) -> bool:
    return sent.strip() == wanted


@extend_schema(tags=["internal"])
class InternalVideoView(WorkerView):
    @extend_schema(
        operation_id="internal_read_video", responses={200: VideoReadSerializer, **error_responses(403, 404, 422)}
    )
    def get(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Return a video as its owner sees it."""
        return Response(VideoReadSerializer(_get_video(video_id)).data)


@extend_schema(tags=["internal"])
class InternalTranscriptView(WorkerView):
    @extend_schema(
        operation_id="internal_read_transcript",
        responses={200: CueSerializer(many=True), **error_responses(403, 404, 422)},
    )
    def get(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Return the shared transcript of a video. 404 with the status of its job if there is none."""
        return Response(as_json(load_cues(get_transcript(_get_video(video_id)))))

    @extend_schema(
        operation_id="internal_store_transcript",
        request=TranscriptBodySerializer,
        responses={200: VideoReadSerializer, **error_responses(400, 403, 404, 415, 422)},
    )
    def post(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Store the shared transcript of a video. A YouTube video that is new is added first."""
        body = TranscriptBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        video = _get_or_add_video(video_id)
        save = results.read_transcript(video, body.validated_data["transcript"])
        queue.complete_open(Job.objects.of(video).filter(kind=Job.Kind.TRANSCRIPT), save)
        return Response(VideoReadSerializer(_get_video(video.pk)).data)


@extend_schema(tags=["internal"])
class InternalMetadataView(WorkerView):
    @extend_schema(
        operation_id="internal_store_metadata",
        request=MetadataBodySerializer,
        responses={200: VideoReadSerializer, **error_responses(400, 403, 404, 409, 415, 422)},
    )
    def post(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Store the metadata of a YouTube video. A video that is new is added first."""
        body = MetadataBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        video = _get_or_add_video(video_id)
        if not video.is_youtube:
            raise Conflict("The metadata of an upload come from its file. Nothing was changed.")
        save = results.read_metadata(video, body.validated_data["metadata"])
        queue.complete_open(Job.objects.of(video).filter(kind=Job.Kind.METADATA), save)
        return Response(VideoReadSerializer(_get_video(video.pk)).data)


@extend_schema(tags=["internal"])
class InternalSummaryView(WorkerView):
    @extend_schema(
        operation_id="internal_store_summary",
        request=SummaryBodySerializer,
        responses={200: VideoReadSerializer, **error_responses(400, 403, 404, 415, 422)},
    )
    def post(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Store the summary of a video. A YouTube video that is new is added first."""
        body = SummaryBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        video = _get_or_add_video(video_id)
        save = results.read_summary(video, body.validated_data["summary"])
        queue.complete_open(Job.objects.of(video).filter(kind=Job.Kind.SUMMARY), save)
        return Response(VideoReadSerializer(_get_video(video.pk)).data)


def _get_video(video_id: uuid.UUID | str) -> Video:
    return get_object_or_404(Video.objects.prefetch_related("jobs").with_id(video_id))


def _get_or_add_video(video_id: uuid.UUID | str) -> Video:
    if isinstance(video_id, uuid.UUID):
        return _get_video(video_id)
    return get_or_create_video(parse_youtube_id(video_id, "video_id"))
