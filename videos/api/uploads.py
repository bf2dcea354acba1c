"""Views of multipart uploads, which follow S3's protocol. Without S3, Sage stores the parts itself."""

import dataclasses
import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.viewer import viewer_of
from sage.api.base import ApiView
from sage.api.openapi import error_responses
from sage.errors import Forbidden
from videos.api.serializers.uploads import (
    CompleteBodySerializer,
    ExistingVideoSerializer,
    PartsReadSerializer,
    PartUrlReadSerializer,
    UploadBodySerializer,
    UploadReadSerializer,
)
from videos.api.serializers.videos import VideoReadSerializer
from videos.models import Collection, Upload, Video
from videos.uploads import multipart, transfer
from videos.uploads.announcement import UploadAnnouncement


class RawBodyParser(BaseParser):
    """Accept any body and leave it unread, so that parts are written to disk as they arrive."""

    media_type = "*/*"


@extend_schema(tags=["uploads"])
class UploadListView(ApiView):
    @extend_schema(
        operation_id="begin_upload",
        request=UploadBodySerializer,
        responses={
            200: OpenApiResponse(ExistingVideoSerializer, description="You already have a video with this `sha256`."),
            201: UploadReadSerializer,
            **error_responses(400, 402, 403, 404, 409, 413, 415, 422, 503),
        },
    )
    def post(self, request: Request) -> Response:
        """Begin an upload. Then upload its parts."""
        body = UploadBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        viewer, fields = viewer_of(request), dict(body.validated_data)
        version_of, collection_id = fields.pop("version_of"), fields.pop("collection_id")
        upload = multipart.start_upload(
            viewer,
            UploadAnnouncement(
                **fields,
                version_of=version_of and get_object_or_404(Video.objects.owned_by(viewer), pk=version_of),
                collection=collection_id and get_object_or_404(Collection.objects.owned_by(viewer), pk=collection_id),
            ),
        )
        if isinstance(upload, Video):
            return Response(ExistingVideoSerializer({"video": upload}).data, status=200)
        return Response(UploadReadSerializer(upload).data, status=201)


@extend_schema(tags=["uploads"])
class UploadDetailView(ApiView):
    @extend_schema(operation_id="abort_upload", responses={204: None, **error_responses(403, 404, 409)})
    def delete(self, request: Request, upload_id: uuid.UUID) -> Response:
        """Cancel an upload and delete its parts."""
        multipart.abort_upload(_get_own(request, upload_id))
        return Response(status=204)


@extend_schema(tags=["uploads"])
class UploadPartUrlView(ApiView):
    @extend_schema(
        operation_id="part_url", responses={200: PartUrlReadSerializer, **error_responses(404, 409, 410, 422, 503)}
    )
    def get(self, request: Request, upload_id: uuid.UUID, number: int) -> Response:
        """Return the signed URL to which the bytes of one part are sent. It needs no authentication."""
        target = transfer.sign_part_url(_get_own(request, upload_id), number)
        return Response(PartUrlReadSerializer({**target, "url": request.build_absolute_uri(target["url"])}).data)


@extend_schema(tags=["uploads"])
class UploadPartsView(ApiView):
    @extend_schema(
        operation_id="list_parts", responses={200: PartsReadSerializer, **error_responses(404, 409, 410, 503)}
    )
    def get(self, request: Request, upload_id: uuid.UUID) -> Response:
        """List the parts that were received, to resume an upload."""
        parts = [dataclasses.asdict(part) for part in transfer.list_parts(_get_own(request, upload_id))]
        return Response({"parts": parts})


@extend_schema(tags=["uploads"])
class UploadCompleteView(ApiView):
    @extend_schema(
        operation_id="complete_upload",
        request=CompleteBodySerializer,
        responses={
            200: OpenApiResponse(VideoReadSerializer, description="You already have a video with the same bytes."),
            201: VideoReadSerializer,
            **error_responses(400, 402, 403, 404, 409, 410, 415, 422, 503),
        },
    )
    def post(self, request: Request, upload_id: uuid.UUID) -> Response:
        """Assemble the parts to a video. A repeated call returns the same video."""
        body = CompleteBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        video, is_new = multipart.complete_upload(_get_own(request, upload_id), body.validated_data["parts"])
        return Response(VideoReadSerializer(video).data, status=201 if is_new else 200)


@extend_schema(tags=["uploads"])
class UploadPartView(ApiView):
    """Authorised by the signature in the URL, without a session or a CSRF token."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    parser_classes = [RawBodyParser]

    @extend_schema(
        operation_id="put_part",
        parameters=[
            OpenApiParameter("signature", str, required=True, description="From the URL of the part."),
            OpenApiParameter(
                "ETag", str, OpenApiParameter.HEADER, response=[200], description="MD5 of the part, in quotes."
            ),
        ],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={
            200: OpenApiResponse(description="The part was stored."),
            **error_responses(400, 403, 409, 410, 413, 503),
        },
    )
    def put(self, request: Request, upload_id: uuid.UUID, number: int) -> Response:
        """Upload the bytes of one part."""
        signature = request.query_params.get("signature", "")
        try:
            part = transfer.write_part(upload_id, number, signature, request._request)
        except Forbidden:
            setattr(request._request, "has_refused_signature", True)  # noqa: B010 - the rate limit counts it
            raise
        return Response(status=200, headers={"ETag": f'"{part.etag}"'})


def _get_own(request: Request, upload_id: uuid.UUID) -> Upload:
    return get_object_or_404(Upload.objects.owned_by(viewer_of(request)), pk=upload_id)
