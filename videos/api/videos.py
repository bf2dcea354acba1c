"""Views to list, upload, read, change and play videos."""

import uuid

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import AllowAnyButLongTermToken, IsSignedInOrGuest
from accounts.sessions import connections
from accounts.viewer import viewer_of
from sage.api.base import ApiView
from sage.api.openapi import error_responses
from sage.api.pagination import PageQuerySerializer, PageSerializer, paginate
from sage.api.parsers import SmallJsonParser
from sage.errors import InvalidInput
from videos import serving
from videos.api import stream
from videos.api.serializers.videos import (
    VideoBodySerializer,
    VideoChangeSerializer,
    VideoQuerySerializer,
    VideoReadSerializer,
    VideoUrlSerializer,
)
from videos.library import deletion, editing, queries
from videos.models import Video
from videos.processing import pipeline
from videos.uploads import single_request
from videos.youtube import entries


class VideoPageSerializer(PageSerializer):
    videos = VideoReadSerializer(many=True)


@extend_schema(tags=["videos"])
class VideoListView(ApiView):
    parser_classes = [MultiPartParser, SmallJsonParser]

    @extend_schema(
        operation_id="list_videos",
        parameters=[VideoQuerySerializer, PageQuerySerializer],
        responses={200: VideoPageSerializer, **error_responses(400, 404, 422)},
    )
    def get(self, request: Request) -> Response:
        """List your videos. A search text with fewer than two characters is ignored."""
        query = VideoQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        return Response(
            paginate(
                request,
                "videos",
                queries.search_videos(viewer_of(request), **query.validated_data),
                VideoReadSerializer,
            )
        )

    @extend_schema(
        operation_id="upload_video",
        request={"multipart/form-data": VideoBodySerializer, "application/json": VideoUrlSerializer},
        responses={
            200: OpenApiResponse(VideoReadSerializer, description="You already have this video."),
            201: VideoReadSerializer,
            **error_responses(400, 402, 403, 413, 415, 422, 503),
        },
    )
    def post(self, request: Request) -> Response:
        """Upload a file of at most 100 MB in one request, or add a YouTube video. Upload larger files in parts."""
        if not request.content_type.startswith("multipart/"):
            body = VideoUrlSerializer(data=request.data)
            body.is_valid(raise_exception=True)
            video, is_new = entries.add_video(viewer_of(request), body.validated_data["url"])
            return Response(VideoReadSerializer(video).data, status=201 if is_new else 200)
        file = request.FILES.get("file")
        if file is None:
            raise InvalidInput.field("file", "Send a video file in the form field “file”.", "missing")
        video, is_new = single_request.store_file(viewer_of(request), file)
        return Response(VideoReadSerializer(video).data, status=201 if is_new else 200)


@extend_schema(tags=["videos"])
class VideoDetailView(ApiView):
    @extend_schema(operation_id="read_video", responses={200: VideoReadSerializer, **error_responses(404)})
    def get(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Return a video and the status of its jobs."""
        rows = Video.objects.visible_to(viewer_of(request)).prefetch_related("jobs")
        return Response(VideoReadSerializer(get_object_or_404(rows.with_id(video_id))).data)

    @extend_schema(
        operation_id="change_video",
        request=VideoChangeSerializer,
        responses={200: VideoReadSerializer, **error_responses(400, 403, 404, 415, 422)},
    )
    def patch(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Rename a video, or move it to a collection or out of its collection."""
        body = VideoChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        editing.update_video(viewer_of(request), _get_own(request, video_id), body.validated_data)
        return Response(VideoReadSerializer(_get_own(request, video_id)).data)

    @extend_schema(operation_id="delete_video", responses={204: None, **error_responses(403, 404)})
    def delete(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Delete a video. It is hidden immediately, can be restored for some days, and is then removed."""
        deletion.delete_from_library(viewer_of(request), _get_own(request, video_id))
        return Response(status=204)


@extend_schema(tags=["videos"])
class VideoRestoreView(ApiView):
    @extend_schema(
        operation_id="restore_video",
        request=None,
        responses={200: VideoReadSerializer, **error_responses(403, 404, 409)},
    )
    def post(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Restore a deleted video."""
        deletion.restore_video(viewer_of(request), video_id)
        return Response(VideoReadSerializer(_get_own(request, video_id)).data)


@extend_schema(tags=["videos"])
class VideoCancelView(ApiView):
    @extend_schema(
        operation_id="cancel_video",
        request=None,
        responses={200: VideoReadSerializer, **error_responses(403, 404, 409)},
    )
    def post(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Cancel the running jobs of a video. The file is kept."""
        pipeline.cancel(_get_own(request, video_id))
        return Response(VideoReadSerializer(_get_own(request, video_id)).data)


@extend_schema(tags=["videos"])
class VideoRetryView(ApiView):
    @extend_schema(
        operation_id="retry_video",
        request=None,
        responses={200: VideoReadSerializer, **error_responses(402, 403, 404, 409)},
    )
    def post(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Run the failed and cancelled jobs of a video again."""
        pipeline.retry(_get_own(request, video_id))
        return Response(VideoReadSerializer(_get_own(request, video_id)).data)


@extend_schema(tags=["videos"])
class VideoStreamView(ApiView):
    accepts_guests = True
    permission_classes = [IsSignedInOrGuest]

    @extend_schema(
        operation_id="stream_video",
        responses={
            (200, "text/event-stream"): OpenApiResponse(
                OpenApiTypes.ANY,
                description="`snapshot`, then `update` events, then `done`. The stream ends after 60 s without `done`.",
            ),
            **error_responses(404),
        },
    )
    def get(self, request: Request, video_id: uuid.UUID | str) -> HttpResponseBase:
        """Stream the status of a video as server-sent events until no job is open."""
        viewer = viewer_of(request)
        video = get_object_or_404(Video.objects.visible_to(viewer).with_id(video_id))
        seconds_left = connections.count_seconds_left(request)
        return stream.stream_status(viewer, video, connections.list_groups(request), seconds_left)


@extend_schema(tags=["videos"])
class VideoFileView(ApiView):
    permission_classes = [AllowAnyButLongTermToken]  # the demo videos are public; others are 404

    @extend_schema(
        operation_id="video_file",
        parameters=[
            OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="One range of bytes."),
            OpenApiParameter("Content-Range", str, OpenApiParameter.HEADER, response=[206, 416]),
            OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 206, 304, 416]),
            OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[302]),
            OpenApiParameter(
                "original", str, description="Return the uploaded file instead of a converted copy, if there is one."
            ),
        ],
        responses={
            (200, "*/*"): OpenApiResponse(OpenApiTypes.BINARY, description="The whole file, in its own media type."),
            (206, "*/*"): OpenApiResponse(OpenApiTypes.BINARY, description="One range of the file."),
            302: OpenApiResponse(description="The file is at a signed URL that is valid for one hour."),
            304: OpenApiResponse(description="The file has the `ETag` of `If-None-Match`."),
            **error_responses(404, 416, 422, 503),
        },
    )
    def get(self, request: Request, video_id: uuid.UUID | str) -> HttpResponseBase:
        """Return the video file, or a copy that browsers can play if they cannot play the file."""
        video = get_object_or_404(Video.objects.visible_to(viewer_of(request)).with_id(video_id))
        if len(request.query_params.getlist("original")) > 1:
            raise InvalidInput.field("original", "Give “original” only once.", "invalid")
        return serving.serve_video(request._request, video)


def _get_own(request: Request, video_id: uuid.UUID | str) -> Video:
    return get_object_or_404(Video.objects.in_library_of(viewer_of(request)).prefetch_related("jobs").with_id(video_id))
