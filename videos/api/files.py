"""The API's door to the media themselves."""

import uuid

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.viewer import viewer_of
from sage.negotiation import Whatever
from sage.schema import errors
from videos import serving
from videos.models import Video


@extend_schema(tags=["videos"])
class VideoFile(APIView):
    permission_classes = [AllowAny]  # what Sage itself shows is open to everybody; the rest is 404 to strangers
    content_negotiation_class = Whatever

    @extend_schema(
        operation_id="video_file",
        parameters=[OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="One range of bytes.")],
        responses={
            200: OpenApiResponse(OpenApiTypes.BINARY, description="The whole file."),
            206: OpenApiResponse(OpenApiTypes.BINARY, description="One range of it."),
            304: OpenApiResponse(description="It is still the one that `If-None-Match` names."),
            **{status: told for status, told in errors(404, 416).items() if status != 401},
        },
    )
    def get(self, request: Request, video_id: uuid.UUID) -> HttpResponseBase:
        """The file itself, in ranges."""
        video = get_object_or_404(Video.objects.visible_to(viewer_of(request)), pk=video_id)
        return serving.video_file(request._request, video)
