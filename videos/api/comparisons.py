"""Views to create, read, change, export and share comparisons."""

import uuid
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.viewer import Viewer, viewer_of
from sage.api.base import ApiView
from sage.api.openapi import error_responses
from sage.api.pagination import PageQuerySerializer, PageSerializer, paginate_streamed
from sage.errors import InvalidInput, NotFound
from videos.api.serializers.comparisons import (
    ComparisonBodySerializer,
    ComparisonReadSerializer,
    ReviewBodySerializer,
    ReviewReadSerializer,
    ShareBodySerializer,
    ShareReadSerializer,
    ThresholdBodySerializer,
)
from videos.comparisons import export, requests, sharing
from videos.comparisons.reviews import marking
from videos.comparisons.reviews.annotations import Annotations, count_notes, load_annotations
from videos.converters import read_video_id
from videos.library import deletion
from videos.models import Comparison, Video
from videos.models.comparison import ComparisonQuerySet

DIFFERENCES_TAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200],
    description="Changes with the differences. Send it as `If-Match` with a review.",
)


class ComparisonPageSerializer(PageSerializer):
    comparisons = ComparisonReadSerializer(many=True)


@extend_schema(tags=["comparisons"])
class ComparisonListView(ApiView):
    @extend_schema(
        operation_id="list_comparisons",
        parameters=[PageQuerySerializer],
        responses={200: ComparisonPageSerializer, **error_responses(422)},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """List your comparisons, newest first, with all of their segments."""
        rows = Comparison.objects.owned_by(viewer_of(request)).with_videos().with_script_text()
        annotations: dict[uuid.UUID, Annotations] = {}
        serializer = ComparisonReadSerializer(context={"annotations": annotations})

        def prepare(page_rows: list[Comparison]) -> None:
            annotations.update(load_annotations(row.pk for row in page_rows))

        def serialise(row: Comparison) -> dict[str, Any]:
            with row.load_script_text():
                return serializer.to_representation(row)

        return paginate_streamed(request, "comparisons", rows, serialise, prepare)

    @extend_schema(
        operation_id="create_comparison",
        request=ComparisonBodySerializer,
        responses={202: ComparisonReadSerializer, **error_responses(400, 402, 403, 404, 409, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """Compare two of your videos, the version before and the version after. 409 if one is not ready."""
        body = ComparisonBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        options = body.validated_data
        viewer = viewer_of(request)
        a, b = (_get_video(viewer, side, options[f"video_{side}"]) for side in "ab")
        comparison = requests.create_comparison(
            viewer, a, b, mode=options["mode"], metric=options["metric"], threshold=options["threshold"]
        )
        return Response(ComparisonReadSerializer(comparison).data, status=202)


@extend_schema(tags=["comparisons"])
class ComparisonDetailView(ApiView):
    @extend_schema(
        operation_id="read_comparison",
        parameters=[DIFFERENCES_TAG],
        responses={200: ComparisonReadSerializer, **error_responses(404)},
    )
    def get(self, request: Request, comparison_id: uuid.UUID) -> Response:
        """Return a comparison and its segments."""
        rows = Comparison.objects.visible_to(viewer_of(request)).with_videos()
        return _respond(get_object_or_404(rows, pk=comparison_id))

    @extend_schema(
        operation_id="set_threshold",
        request=ThresholdBodySerializer,
        parameters=[DIFFERENCES_TAG],
        responses={200: ComparisonReadSerializer, **error_responses(400, 403, 404, 415, 422)},
    )
    def patch(self, request: Request, comparison_id: uuid.UUID) -> Response:
        """Set the threshold. The segments are recomputed immediately from the stored distances."""
        body = ThresholdBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        comparison = _get_own(request, comparison_id)
        requests.set_threshold(comparison, body.validated_data["threshold"])
        return _respond(comparison)

    @extend_schema(operation_id="delete_comparison", responses={204: None, **error_responses(403, 404)})
    def delete(self, request: Request, comparison_id: uuid.UUID) -> Response:
        """Delete a comparison. It is hidden immediately and removed some days later. Both videos are kept."""
        deletion.delete_comparison(_get_own(request, comparison_id))
        return Response(status=204)


@extend_schema(tags=["comparisons"])
class ComparisonCancelView(ApiView):
    @extend_schema(
        operation_id="cancel_comparison",
        request=None,
        responses={200: ComparisonReadSerializer, **error_responses(403, 404, 409)},
    )
    def post(self, request: Request, comparison_id: uuid.UUID) -> Response:
        """Cancel a comparison. Partial results are discarded."""
        requests.cancel_comparison(_get_own(request, comparison_id))
        return Response(ComparisonReadSerializer(_get_own(request, comparison_id)).data)


@extend_schema(tags=["comparisons"])
class ComparisonRetryView(ApiView):
    @extend_schema(
        operation_id="retry_comparison",
        request=None,
        responses={200: ComparisonReadSerializer, **error_responses(402, 403, 404, 409)},
    )
    def post(self, request: Request, comparison_id: uuid.UUID) -> Response:
        """Run a failed or cancelled comparison again."""
        requests.retry_comparison(_get_own(request, comparison_id))
        return Response(ComparisonReadSerializer(_get_own(request, comparison_id)).data)


@extend_schema(tags=["comparisons"])
class ComparisonExportView(ApiView):
    @extend_schema(
        operation_id="export_comparison",
        parameters=[
            OpenApiParameter("format", str, required=True, enum=list(export.FORMATS)),
            OpenApiParameter("Content-Disposition", str, OpenApiParameter.HEADER, response=[200]),
        ],
        responses={
            (200, "*/*"): OpenApiResponse(OpenApiTypes.ANY, description="The file, as a download."),
            **error_responses(400, 402, 404, 409),
        },
    )
    def get(self, request: Request, comparison_id: uuid.UUID) -> HttpResponse:
        """Export a comparison as a file for another program."""
        comparison = get_object_or_404(
            Comparison.objects.visible_to(viewer_of(request)).with_videos(), pk=comparison_id
        )
        return export.export_comparison(
            viewer_of(request), comparison, request.query_params.get("format", "")
        ).as_response()


@extend_schema(tags=["comparisons"])
class DifferenceReviewView(ApiView):
    @extend_schema(
        operation_id="review_difference",
        request=ReviewBodySerializer,
        parameters=[
            OpenApiParameter(
                "If-Match", str, OpenApiParameter.HEADER, description="The `ETag` of the comparison as you read it."
            )
        ],
        responses={200: ReviewReadSerializer, **error_responses(400, 403, 404, 409, 415, 422)},
    )
    def patch(self, request: Request, comparison_id: uuid.UUID, index: str) -> Response:
        """Mark a difference as expected or to fix. `index` counts from 0 at the calibrated threshold.

        409 if the comparison is not complete, or its differences are not those of `If-Match`.
        """
        body = ReviewBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        comparison = _get_own(request, comparison_id)
        segment = marking.review_difference(
            comparison, int(index), body.validated_data["review"], _read_known_tags(request)
        )
        facts = {"index": int(index), "review": segment["review"], "note_count": count_notes(segment)}
        return Response(ReviewReadSerializer(facts).data)


@extend_schema(tags=["comparisons"])
class ComparisonShareView(ApiView):
    @extend_schema(
        operation_id="share_comparison",
        request=ShareBodySerializer,
        responses={200: ShareReadSerializer, **error_responses(400, 403, 404, 409, 415, 422)},
    )
    def post(self, request: Request, comparison_id: uuid.UUID) -> Response:
        """Create a read-only link to a comparison. If it has one, set its expiry."""
        body = ShareBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        share = sharing.share_comparison(
            _get_own(request, comparison_id),
            wanted["expires_in_days"],
            allow_comments=wanted.get("allow_comments"),
        )
        url = request.build_absolute_uri(sharing.build_share_path(share))
        facts = {"url": url, "expires_at": share.expires_at, "allow_comments": share.allow_comments}
        return Response(ShareReadSerializer(facts).data)

    @extend_schema(operation_id="unshare_comparison", responses={204: None, **error_responses(403, 404)})
    def delete(self, request: Request, comparison_id: uuid.UUID) -> Response:
        """Revoke the link immediately."""
        sharing.revoke_share(_get_own(request, comparison_id))
        return Response(status=204)


def _respond(comparison: Comparison) -> Response:
    """Return a comparison with the ETag of its differences."""
    tag = f'"{marking.identify_differences(comparison)}"'
    return Response(ComparisonReadSerializer(comparison).data, headers={"ETag": tag})


def _read_known_tags(request: Request) -> list[str] | None:
    """Return the identifiers in `If-Match`, None if any will do. A server that compresses makes an ETag weak."""
    tags = parse_etags(request.headers.get("If-Match", "*"))
    return None if "*" in tags else [tag.removeprefix("W/").strip('"') for tag in tags]


def _get_own(request: Request, comparison_id: uuid.UUID) -> Comparison:
    rows: ComparisonQuerySet = Comparison.objects.owned_by(viewer_of(request)).with_videos()
    return get_object_or_404(rows, pk=comparison_id)


def _get_video(viewer: Viewer, side: str, video_id: str) -> Video:
    """Return a video of the viewer. Raises `NotFound` for an invalid id or a video of another user."""
    try:
        return Video.objects.in_library_of(viewer).with_id(read_video_id(video_id)).get()
    except (Video.DoesNotExist, InvalidInput) as error:
        raise NotFound(f"Video {side.upper()} is not in your library. Choose another.") from error
