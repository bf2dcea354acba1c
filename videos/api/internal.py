"""Views for external workers, which authenticate with the `ADMIN_TOKEN` and may read every video."""

import uuid

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.permissions import IsWorker
from accounts.viewer import WorkerAuthentication
from sage.api.openapi import error_responses
from videos.api.serializers.videos import VideoReadSerializer
from videos.models import Video


@extend_schema(tags=["internal"])
class InternalVideoView(APIView):
    authentication_classes = [WorkerAuthentication]
    permission_classes = [IsWorker]

    @extend_schema(
        operation_id="internal_read_video", responses={200: VideoReadSerializer, **error_responses(403, 404)}
    )
    def get(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Return a video as its owner sees it."""
        return Response(
            VideoReadSerializer(get_object_or_404(Video.objects.prefetch_related("jobs").with_id(video_id))).data
        )
