"""The API's door to uploads: S3's multipart protocol, whose parts Sage takes itself when files lie on disk."""

import dataclasses
import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.once import Door
from accounts.viewer import viewer_of
from sage.schema import errors
from videos import uploads
from videos.announced import Announced
from videos.models import Collection, Upload, Video
from videos.serializers import CompleteBody, HeldRead, PartsRead, PartUrlRead, UploadBody, UploadRead, VideoRead


class Bytes(BaseParser):
    """Any body at all, left unread: parts go to the disk as they come."""

    media_type = "*/*"


@extend_schema(tags=["uploads"])
class Uploads(Door):
    @extend_schema(
        operation_id="begin_upload",
        request=UploadBody,
        responses={
            200: OpenApiResponse(HeldRead, description="The bytes that `sha256` names are held already."),
            201: UploadRead,
            **errors(400, 402, 403, 404, 409, 413, 415, 422, 503),
        },
    )
    def post(self, request: Request) -> Response:
        """Announce a file; its parts follow."""
        body = UploadBody(data=request.data)
        body.is_valid(raise_exception=True)
        viewer, said = viewer_of(request), dict(body.validated_data)
        version_of, collection_id = said.pop("version_of"), said.pop("collection_id")
        begun = uploads.begin(
            viewer,
            Announced(
                **said,
                version_of=version_of and get_object_or_404(Video.objects.owned_by(viewer), pk=version_of),
                collection=collection_id and get_object_or_404(Collection.objects.owned_by(viewer), pk=collection_id),
            ),
        )
        if isinstance(begun, Video):
            return Response(HeldRead({"video": begun}).data, status=200)
        return Response(UploadRead(begun).data, status=201)


@extend_schema(tags=["uploads"])
class OneUpload(Door):
    @extend_schema(operation_id="abort_upload", responses={204: None, **errors(403, 404, 409)})
    def delete(self, request: Request, upload_id: uuid.UUID) -> Response:
        """Cancel it and free its parts."""
        uploads.abort(_own(request, upload_id))
        return Response(status=204)


@extend_schema(tags=["uploads"])
class PartUrl(Door):
    @extend_schema(operation_id="part_url", responses={200: PartUrlRead, **errors(404, 409, 410, 422, 503)})
    def get(self, request: Request, upload_id: uuid.UUID, number: int) -> Response:
        """Where the bytes of one part go. The address is signed, so it needs no session."""
        where = uploads.part_url(_own(request, upload_id), number)
        return Response(PartUrlRead({**where, "url": request.build_absolute_uri(where["url"])}).data)


@extend_schema(tags=["uploads"])
class Parts(Door):
    @extend_schema(operation_id="list_parts", responses={200: PartsRead, **errors(404, 409, 410, 503)})
    def get(self, request: Request, upload_id: uuid.UUID) -> Response:
        """What has arrived, to resume."""
        arrived = [dataclasses.asdict(part) for part in uploads.list_parts(_own(request, upload_id))]
        return Response({"parts": arrived})


@extend_schema(tags=["uploads"])
class Complete(Door):
    @extend_schema(
        operation_id="complete_upload",
        request=CompleteBody,
        responses={
            200: OpenApiResponse(VideoRead, description="The same bytes are held already, as this video."),
            201: VideoRead,
            **errors(400, 402, 403, 404, 409, 410, 415, 422, 503),
        },
    )
    def post(self, request: Request, upload_id: uuid.UUID) -> Response:
        """Make the parts a video. Asked again, it answers with the same one."""
        body = CompleteBody(data=request.data)
        body.is_valid(raise_exception=True)
        video, is_new = uploads.complete(_own(request, upload_id), body.validated_data["parts"])
        return Response(VideoRead(video).data, status=201 if is_new else 200)


@extend_schema(tags=["uploads"])
class Part(Door):
    """No session and no CSRF token: the signature in the address is the permission."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    parser_classes = [Bytes]

    @extend_schema(
        operation_id="put_part",
        parameters=[
            OpenApiParameter("signature", str, required=True, description="From the address of the part."),
            OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200], description="Its MD5, in quotes."),
        ],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={
            200: OpenApiResponse(description="It arrived whole."),
            **errors(400, 403, 409, 410, 413, 503),
        },
    )
    def put(self, request: Request, upload_id: uuid.UUID, number: int) -> Response:
        """The bytes of one part."""
        signature = request.query_params.get("signature", "")
        part = uploads.put_part(upload_id, number, signature, request._request)
        return Response(status=200, headers={"ETag": f'"{part.etag}"'})


def _own(request: Request, upload_id: uuid.UUID) -> Upload:
    return get_object_or_404(Upload.objects.owned_by(viewer_of(request)), pk=upload_id)
