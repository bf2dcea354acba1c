"""The API's door for outside workers: any video, whoever owns it, to whoever has the site's `ADMIN_TOKEN`."""

import uuid

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import Worker
from accounts.viewer import WorkerAsks
from sage.schema import errors
from videos.models import Video
from videos.serializers import VideoRead


@extend_schema(tags=["internal"])
class OneVideo(APIView):
    authentication_classes = [WorkerAsks]
    permission_classes = [Worker]

    @extend_schema(operation_id="internal_read_video", responses={200: VideoRead, **errors(403, 404)})
    def get(self, request: Request, video_id: uuid.UUID) -> Response:
        """A video as its owner sees it."""
        return Response(VideoRead(get_object_or_404(Video.objects.prefetch_related("jobs"), pk=video_id)).data)
