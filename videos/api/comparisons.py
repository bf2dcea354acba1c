"""The API's door to comparisons."""

import uuid
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.once import Door
from accounts.viewer import Viewer, viewer_of
from sage.errors import NotFound
from sage.paging import Page, PageQuery, paged_row_by_row
from sage.schema import errors
from videos import cleaning, comparison, exporting, sharing
from videos.models import Comparison, Video
from videos.models.comparison import ComparisonQuerySet
from videos.serializers import ComparisonBody, ComparisonRead, ShareBody, ShareRead, ThresholdBody


class ComparisonPage(Page):
    comparisons = ComparisonRead(many=True)


@extend_schema(tags=["comparisons"])
class Comparisons(Door):
    @extend_schema(
        operation_id="list_comparisons", parameters=[PageQuery], responses={200: ComparisonPage, **errors(422)}
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """One's own comparisons, newest first, each with all of its segments."""
        rows = Comparison.objects.owned_by(viewer_of(request)).with_sides().with_script_as_text()
        shape = ComparisonRead()

        def read(row: Comparison) -> dict[str, Any]:
            with row.unpacked():
                return shape.to_representation(row)

        return paged_row_by_row(request, "comparisons", rows, read)

    @extend_schema(
        operation_id="create_comparison",
        request=ComparisonBody,
        responses={202: ComparisonRead, **errors(400, 402, 403, 404, 409, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """Compare two of one's own videos, before and after. 409 where a side is not ready."""
        body = ComparisonBody(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        viewer = viewer_of(request)
        a, b = (_video(viewer, side, wanted[f"video_{side}"]) for side in "ab")
        made = comparison.compare(
            viewer, a, b, mode=wanted["mode"], metric=wanted["metric"], threshold=wanted["threshold"]
        )
        return Response(ComparisonRead(made).data, status=202)


@extend_schema(tags=["comparisons"])
class OneComparison(Door):
    @extend_schema(operation_id="read_comparison", responses={200: ComparisonRead, **errors(404)})
    def get(self, request: Request, comparison_id: uuid.UUID) -> Response:
        """What differs, segment by segment, as far as it is known."""
        rows = Comparison.objects.visible_to(viewer_of(request)).with_sides()
        return Response(ComparisonRead(get_object_or_404(rows, pk=comparison_id)).data)

    @extend_schema(
        operation_id="set_threshold",
        request=ThresholdBody,
        responses={200: ComparisonRead, **errors(400, 403, 404, 415, 422)},
    )
    def patch(self, request: Request, comparison_id: uuid.UUID) -> Response:
        """Move the threshold. The script is cut anew at once from the distances that are kept."""
        body = ThresholdBody(data=request.data)
        body.is_valid(raise_exception=True)
        found = own(request, comparison_id)
        comparison.set_threshold(found, body.validated_data["threshold"])
        return Response(ComparisonRead(found).data)

    @extend_schema(operation_id="delete_comparison", responses={204: None, **errors(403, 404)})
    def delete(self, request: Request, comparison_id: uuid.UUID) -> Response:
        """Hide it at once; it is removed for good some days later. Both videos stay."""
        cleaning.delete_comparison(own(request, comparison_id))
        return Response(status=204)


@extend_schema(tags=["comparisons"])
class Cancel(Door):
    @extend_schema(
        operation_id="cancel_comparison", request=None, responses={200: ComparisonRead, **errors(403, 404, 409)}
    )
    def post(self, request: Request, comparison_id: uuid.UUID) -> Response:
        """Stop it; nothing half-done stays."""
        comparison.cancel(own(request, comparison_id))
        return Response(ComparisonRead(own(request, comparison_id)).data)


@extend_schema(tags=["comparisons"])
class Retry(Door):
    @extend_schema(
        operation_id="retry_comparison", request=None, responses={200: ComparisonRead, **errors(402, 403, 404, 409)}
    )
    def post(self, request: Request, comparison_id: uuid.UUID) -> Response:
        """Run again what failed or was cancelled."""
        comparison.retry(own(request, comparison_id))
        return Response(ComparisonRead(own(request, comparison_id)).data)


@extend_schema(tags=["comparisons"])
class Export(Door):
    @extend_schema(
        operation_id="export_comparison",
        parameters=[
            OpenApiParameter("format", str, required=True, enum=list(exporting.FORMATS)),
            OpenApiParameter("Content-Disposition", str, OpenApiParameter.HEADER, response=[200]),
        ],
        responses={
            (200, "*/*"): OpenApiResponse(OpenApiTypes.ANY, description="The file, as one to be kept."),
            **errors(400, 402, 404, 409),
        },
    )
    def get(self, request: Request, comparison_id: uuid.UUID) -> HttpResponse:
        """The comparison as a file for another program."""
        found = get_object_or_404(Comparison.objects.visible_to(viewer_of(request)).with_sides(), pk=comparison_id)
        return exporting.exported(viewer_of(request), found, request.query_params.get("format", "")).download()


@extend_schema(tags=["comparisons"])
class Sharing(Door):
    @extend_schema(
        operation_id="share_comparison",
        request=ShareBody,
        responses={200: ShareRead, **errors(400, 403, 404, 409, 415, 422)},
    )
    def post(self, request: Request, comparison_id: uuid.UUID) -> Response:
        """A link that shows this comparison, read-only, to whoever has it. Asked again, the same link ends then."""
        body = ShareBody(data=request.data)
        body.is_valid(raise_exception=True)
        share = sharing.share(own(request, comparison_id), body.validated_data["expires_in_days"])
        url = request.build_absolute_uri(sharing.path(share))
        return Response(ShareRead({"url": url, "expires_at": share.expires_at}).data)

    @extend_schema(operation_id="unshare_comparison", responses={204: None, **errors(403, 404)})
    def delete(self, request: Request, comparison_id: uuid.UUID) -> Response:
        """Take the link back at once."""
        sharing.revoke(own(request, comparison_id))
        return Response(status=204)


def own(request: Request, comparison_id: uuid.UUID) -> Comparison:
    rows: ComparisonQuerySet = Comparison.objects.owned_by(viewer_of(request)).with_sides()
    return get_object_or_404(rows, pk=comparison_id)


def _video(viewer: Viewer, side: str, video_id: str) -> Video:
    """One of the viewer's own videos. What is no id at all is as unknown as one of somebody else."""
    try:
        return Video.objects.owned_by(viewer).get(pk=uuid.UUID(video_id))
    except (Video.DoesNotExist, ValueError) as error:
        raise NotFound(f"Video {side.upper()} is not in your library. Choose another.") from error
