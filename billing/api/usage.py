"""View of the ledger entries of a user."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.api.serializers import EntryReadSerializer
from billing.models import Entry
from sage.api.openapi import error_responses
from sage.api.pagination import PageQuerySerializer, PageSerializer, paginate


class EntryPageSerializer(PageSerializer):
    entries = EntryReadSerializer(many=True)


@extend_schema(tags=["billing"])
class UsageView(APIView):
    @extend_schema(
        operation_id="list_usage",
        parameters=[PageQuerySerializer],
        responses={200: EntryPageSerializer, **error_responses(422)},
    )
    def get(self, request: Request) -> Response:
        """List your ledger entries, newest first."""
        assert request.user.pk  # noqa: S101 - checked by the permission class
        return Response(paginate(request, "entries", Entry.objects.of(request.user.pk), EntryReadSerializer))
