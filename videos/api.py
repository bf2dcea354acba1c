"""The API's door to uploads: S3's multipart protocol, whose parts Sage takes itself when files lie on disk."""

import dataclasses
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.viewer import viewer_of
from sage.errors import MethodNotAllowed
from videos import uploads
from videos.models import Upload, Video


class UploadBody(serializers.Serializer[Any]):
    filename = serializers.CharField(max_length=2000)
    size = serializers.IntegerField()
    content_type = serializers.CharField(allow_blank=True, default="", max_length=100)


class PartBody(serializers.Serializer[Any]):
    part_number = serializers.IntegerField(min_value=1)
    etag = serializers.CharField(max_length=100)


class CompleteBody(serializers.Serializer[Any]):
    parts = PartBody(many=True)


def video_read(video: Video) -> dict[str, Any]:
    """A video as the API shows it."""
    return {
        "id": str(video.pk),
        "video_id": str(video.pk),
        "source": "upload",
        "title": video.title,
        "filename": video.filename,
        "size": video.size,
        "content_type": video.content_type,
        "duration": video.duration,
        "metadata": video.metadata,
        "transcript_available": False,
        "summary": None,
        "suggested_questions": [],
        "status": video.status,
        "collection_id": None,
        "version": None,
        "jobs": [
            {
                "kind": job.kind,
                "status": job.status,
                "progress": job.progress,
                "attempts": job.attempts,
                "error": job.error or None,
                "started_at": job.started_at,
                "completed_at": job.completed_at,
            }
            for job in video.jobs.all()
        ],
        "created_at": video.created_at,
        "updated_at": video.updated_at,
    }


class Uploads(APIView):
    def post(self, request: Request) -> Response:
        """Announce a file."""
        body = UploadBody(data=request.data)
        body.is_valid(raise_exception=True)
        upload = uploads.begin(viewer_of(request), **body.validated_data)
        return Response(
            {
                "upload_id": str(upload.pk),
                "part_size": upload.part_size,
                "part_count": upload.part_count,
                "expires_at": upload.expires_at,
            },
            status=201,
        )


class OneUpload(APIView):
    def delete(self, request: Request, upload_id: uuid.UUID) -> Response:
        """Cancel it and free its parts."""
        uploads.abort(_own(request, upload_id))
        return Response(status=204)


class PartUrl(APIView):
    def get(self, request: Request, upload_id: uuid.UUID, number: int) -> Response:
        where = uploads.part_url(_own(request, upload_id), number)
        return Response({**where, "url": request.build_absolute_uri(where["url"])})


class Parts(APIView):
    def get(self, request: Request, upload_id: uuid.UUID) -> Response:
        """What has arrived, to resume."""
        return Response({"parts": [dataclasses.asdict(part) for part in uploads.list_parts(_own(request, upload_id))]})


class Complete(APIView):
    def post(self, request: Request, upload_id: uuid.UUID) -> Response:
        body = CompleteBody(data=request.data)
        body.is_valid(raise_exception=True)
        video = uploads.complete(_own(request, upload_id), body.validated_data["parts"])
        return Response(video_read(video), status=201)


@csrf_exempt
def put_part(request: HttpRequest, upload_id: uuid.UUID, number: int) -> HttpResponse:
    """The bytes of one part. No session and no CSRF token: the signature in the address is the permission."""
    if request.method != "PUT":
        raise MethodNotAllowed("A part is sent with PUT.")
    part = uploads.put_part(upload_id, number, request.GET.get("signature", ""), request)
    return HttpResponse(status=200, headers={"ETag": f'"{part.etag}"'})


def _own(request: Request, upload_id: uuid.UUID) -> Upload:
    return get_object_or_404(Upload.objects.owned_by(viewer_of(request)), pk=upload_id)
