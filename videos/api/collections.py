"""The API's door to collections."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.once import Door
from accounts.viewer import viewer_of
from sage.paging import Page, PageQuery, paged
from sage.schema import errors
from videos import library
from videos.models import Collection
from videos.serializers import CollectionBody, CollectionRead


class CollectionPage(Page):
    collections = CollectionRead(many=True)


@extend_schema(tags=["collections"])
class Collections(Door):
    @extend_schema(
        operation_id="list_collections", parameters=[PageQuery], responses={200: CollectionPage, **errors(422)}
    )
    def get(self, request: Request) -> Response:
        """One's own collections, by name."""
        rows = Collection.objects.owned_by(viewer_of(request)).with_counts()
        return Response(paged(request, "collections", rows, CollectionRead))

    @extend_schema(
        operation_id="make_collection",
        request=CollectionBody,
        responses={201: CollectionRead, **errors(400, 403, 409, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """A new, empty one."""
        body = CollectionBody(data=request.data)
        body.is_valid(raise_exception=True)
        made = library.make_collection(viewer_of(request), body.validated_data["name"])
        return Response(CollectionRead(made).data, status=201)


@extend_schema(tags=["collections"])
class OneCollection(Door):
    @extend_schema(
        operation_id="rename_collection",
        request=CollectionBody,
        responses={200: CollectionRead, **errors(400, 403, 404, 415, 422)},
    )
    def patch(self, request: Request, collection_id: uuid.UUID) -> Response:
        """Another name."""
        body = CollectionBody(data=request.data)
        body.is_valid(raise_exception=True)
        renamed = library.rename_collection(viewer_of(request), collection_id, body.validated_data["name"])
        return Response(CollectionRead(renamed).data)

    @extend_schema(operation_id="delete_collection", responses={204: None, **errors(403, 404)})
    def delete(self, request: Request, collection_id: uuid.UUID) -> Response:
        """The videos in it stay in the library."""
        library.delete_collection(viewer_of(request), collection_id)
        return Response(status=204)
