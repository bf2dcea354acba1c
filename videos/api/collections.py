"""Views to list, create, rename and delete collections."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.viewer import viewer_of
from sage.api.base import ApiView
from sage.api.openapi import error_responses
from sage.api.pagination import PageQuerySerializer, PageSerializer, paginate
from videos.api.serializers.collections import CollectionBodySerializer, CollectionReadSerializer
from videos.library import collections
from videos.models import Collection


class CollectionPageSerializer(PageSerializer):
    collections = CollectionReadSerializer(many=True)


@extend_schema(tags=["collections"])
class CollectionListView(ApiView):
    @extend_schema(
        operation_id="list_collections",
        parameters=[PageQuerySerializer],
        responses={200: CollectionPageSerializer, **error_responses(422)},
    )
    def get(self, request: Request) -> Response:
        """List your collections by name."""
        rows = Collection.objects.owned_by(viewer_of(request)).with_counts()
        return Response(paginate(request, "collections", rows, CollectionReadSerializer))

    @extend_schema(
        operation_id="make_collection",
        request=CollectionBodySerializer,
        responses={201: CollectionReadSerializer, **error_responses(400, 403, 409, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """Create an empty collection."""
        body = CollectionBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        collection = collections.create_collection(viewer_of(request), body.validated_data["name"])
        return Response(CollectionReadSerializer(collection).data, status=201)


@extend_schema(tags=["collections"])
class CollectionDetailView(ApiView):
    @extend_schema(
        operation_id="rename_collection",
        request=CollectionBodySerializer,
        responses={200: CollectionReadSerializer, **error_responses(400, 403, 404, 415, 422)},
    )
    def patch(self, request: Request, collection_id: uuid.UUID) -> Response:
        """Rename a collection."""
        body = CollectionBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        collection = collections.rename_collection(viewer_of(request), collection_id, body.validated_data["name"])
        return Response(CollectionReadSerializer(collection).data)

    @extend_schema(operation_id="delete_collection", responses={204: None, **error_responses(403, 404)})
    def delete(self, request: Request, collection_id: uuid.UUID) -> Response:
        """Delete a collection. Its videos stay in your library."""
        collections.delete_collection(viewer_of(request), collection_id)
        return Response(status=204)
