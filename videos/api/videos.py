"""The API's door to videos."""

import uuid

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import presence
from accounts.once import Door
from accounts.permissions import Anybody, SignedInOrGuest
from accounts.viewer import viewer_of
from sage.errors import Invalid
from sage.paging import Page, PageQuery, paged
from sage.schema import errors
from videos import cleaning, library, pipeline, readiness, serving, uploads
from videos.models import Video
from videos.serializers import VideoBody, VideoChange, VideoQuery, VideoRead


class VideoPage(Page):
    videos = VideoRead(many=True)


@extend_schema(tags=["videos"])
class Videos(Door):
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="list_videos",
        parameters=[VideoQuery, PageQuery],
        responses={200: VideoPage, **errors(400, 404, 422)},
    )
    def get(self, request: Request) -> Response:
        """One's own videos. A search of fewer than two letters is none."""
        query = VideoQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        return Response(paged(request, "videos", library.found(viewer_of(request), **query.validated_data), VideoRead))

    @extend_schema(
        operation_id="upload_video",
        request={"multipart/form-data": VideoBody},
        responses={
            200: OpenApiResponse(VideoRead, description="The same bytes are held already, as this video."),
            201: VideoRead,
            **errors(400, 402, 403, 413, 415, 422, 503),
        },
    )
    def post(self, request: Request) -> Response:
        """A whole file in one request, 100 MB at most. Larger ones go in parts."""
        file = request.FILES.get("file")
        if file is None:
            raise Invalid.field("file", "Send a video file in the form's field “file”.", "missing")
        video, is_new = uploads.take_whole(viewer_of(request), file)
        return Response(VideoRead(video).data, status=201 if is_new else 200)


@extend_schema(tags=["videos"])
class OneVideo(Door):
    @extend_schema(operation_id="read_video", responses={200: VideoRead, **errors(404)})
    def get(self, request: Request, video_id: uuid.UUID) -> Response:
        """What Sage knows of it, and where the work on it stands."""
        rows = Video.objects.visible_to(viewer_of(request)).prefetch_related("jobs")
        return Response(VideoRead(get_object_or_404(rows, pk=video_id)).data)

    @extend_schema(
        operation_id="change_video",
        request=VideoChange,
        responses={200: VideoRead, **errors(400, 403, 404, 415, 422)},
    )
    def patch(self, request: Request, video_id: uuid.UUID) -> Response:
        """Rename it, or put it into a collection, or into none."""
        body = VideoChange(data=request.data)
        body.is_valid(raise_exception=True)
        library.change(viewer_of(request), own(request, video_id), body.validated_data)
        return Response(VideoRead(own(request, video_id)).data)

    @extend_schema(operation_id="delete_video", responses={204: None, **errors(403, 404)})
    def delete(self, request: Request, video_id: uuid.UUID) -> Response:
        """Hide it at once. Within some days it can be restored; then everything of it goes."""
        cleaning.delete(own(request, video_id))
        return Response(status=204)


@extend_schema(tags=["videos"])
class Restore(Door):
    @extend_schema(operation_id="restore_video", request=None, responses={200: VideoRead, **errors(403, 404, 409)})
    def post(self, request: Request, video_id: uuid.UUID) -> Response:
        """Bring it back after it was deleted."""
        library.restore(viewer_of(request), video_id)
        return Response(VideoRead(own(request, video_id)).data)


@extend_schema(tags=["videos"])
class Cancel(Door):
    @extend_schema(operation_id="cancel_video", request=None, responses={200: VideoRead, **errors(403, 404, 409)})
    def post(self, request: Request, video_id: uuid.UUID) -> Response:
        """Stop what runs; the file is kept."""
        pipeline.cancel(own(request, video_id))
        return Response(VideoRead(own(request, video_id)).data)


@extend_schema(tags=["videos"])
class Retry(Door):
    @extend_schema(operation_id="retry_video", request=None, responses={200: VideoRead, **errors(402, 403, 404, 409)})
    def post(self, request: Request, video_id: uuid.UUID) -> Response:
        """Run again what failed or was cancelled."""
        pipeline.retry(own(request, video_id))
        return Response(VideoRead(own(request, video_id)).data)


@extend_schema(tags=["videos"])
class Stream(Door):
    permission_classes = [SignedInOrGuest]

    @extend_schema(
        operation_id="stream_video",
        responses={
            (200, "text/event-stream"): OpenApiResponse(
                OpenApiTypes.ANY, description="`snapshot`, then `update`s, then `done`; after 60 s it just ends."
            ),
            **errors(404),
        },
    )
    def get(self, request: Request, video_id: uuid.UUID) -> HttpResponseBase:
        """How the work on it goes, as server-sent events, until none is left."""
        video = get_object_or_404(Video.objects.visible_to(viewer_of(request)), pk=video_id)
        return readiness.stream(video, presence.groups_of(request), presence.seconds_left(request))


@extend_schema(tags=["videos"])
class VideoFile(Door):
    permission_classes = [Anybody]  # what Sage itself shows is open to everybody; the rest is 404 to strangers

    @extend_schema(
        operation_id="video_file",
        parameters=[
            OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="One range of bytes."),
            OpenApiParameter("Content-Range", str, OpenApiParameter.HEADER, response=[206, 416]),
            OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 206, 304, 416]),
            OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[302]),
            OpenApiParameter("original", str, description="Where it is there: the file as it was uploaded."),
        ],
        responses={
            (200, "*/*"): OpenApiResponse(OpenApiTypes.BINARY, description="The whole file, as what it is."),
            (206, "*/*"): OpenApiResponse(OpenApiTypes.BINARY, description="One range of it."),
            302: OpenApiResponse(description="It lies elsewhere: at a signed address that lives for an hour."),
            304: OpenApiResponse(description="It is still the one that `If-None-Match` names."),
            **errors(404, 416, 422, 503),
        },
    )
    def get(self, request: Request, video_id: uuid.UUID) -> HttpResponseBase:
        """The film in ranges: the uploaded file, or a copy of it where browsers could not play that."""
        video = get_object_or_404(Video.objects.visible_to(viewer_of(request)), pk=video_id)
        if len(request.query_params.getlist("original")) > 1:
            raise Invalid.field("original", "Say “original” once.", "invalid")
        return serving.video_file(request._request, video)


def own(request: Request, video_id: uuid.UUID) -> Video:
    return get_object_or_404(Video.objects.owned_by(viewer_of(request)).prefetch_related("jobs"), pk=video_id)
