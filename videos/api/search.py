"""Views to search the library and to find similar shots."""

import uuid

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.viewer import viewer_of
from sage.api.base import ApiView
from sage.api.openapi import error_responses
from sage.api.pagination import PageQuerySerializer, paginate
from videos.api.serializers.search import (
    SearchPageSerializer,
    SearchQuerySerializer,
    SearchResultSerializer,
    SimilarQuerySerializer,
    SimilarSerializer,
)
from videos.models import Video
from videos.search.results import search_library
from videos.search.similar import find_similar


@extend_schema(tags=["search"])
class SearchView(ApiView):
    @extend_schema(
        operation_id="search",
        parameters=[SearchQuerySerializer, PageQuerySerializer],
        responses={200: SearchPageSerializer, **error_responses(404, 422)},
    )
    def get(self, request: Request) -> Response:
        """Search what is said in your videos, their titles, their chapters and, with a hosted model, what is shown.

        The best matches come first. A shot has no `text`.
        Words match in the language of the transcript. The best 200 matches of each kind are counted.
        """
        query = SearchQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        results = search_library(viewer_of(request), query.validated_data["q"], query.filters)
        return Response(paginate(request, "results", results, SearchResultSerializer))


@extend_schema(tags=["search"])
class SimilarView(ApiView):
    @extend_schema(
        operation_id="find_similar",
        parameters=[SimilarQuerySerializer],
        responses={200: SimilarSerializer, **error_responses(404, 422)},
    )
    def get(self, request: Request, video_id: uuid.UUID | str) -> Response:
        """Find the videos and the moments of your library that look like a part of a video."""
        video = get_object_or_404(Video.objects.visible_to(viewer_of(request)).with_id(video_id))
        query = SimilarQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        return Response(SimilarSerializer(find_similar(viewer_of(request), video, **query.validated_data)).data)
