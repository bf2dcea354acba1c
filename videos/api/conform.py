"""A view to conform files to the later video of a comparison."""

import uuid
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.viewer import viewer_of
from sage.api.base import ApiView
from sage.api.openapi import error_responses
from videos.api.examples import response_example
from videos.comparisons import conform
from videos.conform.conforming import FORMATS
from videos.conform.items import STATES
from videos.models import Comparison

FILE_BODY = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "to": {"type": "string", "enum": list(FORMATS), "description": "Default: the format of the file."},
    },
    "required": ["file"],
}
REPORT = {"items": [{"index": 0, "text": "Our river", "a": [12.0, 14.5], "b": [10.0, 12.5], "state": "carried"}]}


class ConformedItemSerializer(serializers.Serializer[Any]):
    """One cue, marker, event or clip. Spans are `[start, end]` in seconds, null if it was dropped."""

    index = serializers.IntegerField(help_text="Its place in the file, from 0.")
    text = serializers.CharField(allow_blank=True)
    a = serializers.ListField(child=serializers.FloatField())
    b = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    state = serializers.ChoiceField(STATES)


@extend_schema_serializer(component_name="ConformReport", examples=response_example("A carried cue", REPORT))
class ConformReportSerializer(serializers.Serializer[Any]):
    items = ConformedItemSerializer(many=True)


@extend_schema(tags=["comparisons"])
class ComparisonConformView(ApiView):
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="conform_file",
        request={"multipart/form-data": FILE_BODY},
        parameters=[
            OpenApiParameter("report", str, enum=["0", "1"], description="`1` returns what became of each item."),
            OpenApiParameter("X-Conform", str, OpenApiParameter.HEADER, response=[200], description="The counts."),
        ],
        responses={
            200: ConformReportSerializer,
            (200, "*/*"): OpenApiResponse(OpenApiTypes.ANY, description="The file in times of B, as a download."),
            **error_responses(400, 402, 403, 404, 409, 413, 415, 422),
        },
    )
    def post(self, request: Request, comparison_id: uuid.UUID) -> HttpResponseBase:
        """Return subtitles, markers, an EDL or a timeline with times of A as a file with times of B.

        SubRip, WebVTT, CSV (`time,end,text`), JSON (`[{time, end?, text}]`), EDL and OpenTimelineIO are taken.
        `X-Conform` counts the items: `carried=12, moved=1, changed=2, dropped=3`.
        """
        viewer = viewer_of(request)
        comparison = get_object_or_404(Comparison.objects.visible_to(viewer).with_videos(), pk=comparison_id)
        to = request.POST.get("to") or request.query_params.get("to", "")
        conformed = conform.conform_upload(viewer, comparison, request.FILES.get("file"), str(to))
        if request.query_params.get("report") == "1":
            headers = {conform.COUNTS_HEADER: conformed.conformed.counts}
            return Response({"items": conformed.describe_items()}, headers=headers)
        return conformed.as_response()
