"""View of the plans that the site offers."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.api.serializers import TiersReadSerializer
from billing.models import Tier
from sage.api.openapi import error_responses


@extend_schema(tags=["billing"])
class TierListView(APIView):
    @extend_schema(operation_id="list_tiers", responses={200: TiersReadSerializer, **error_responses()})
    def get(self, request: Request) -> Response:
        """List the plans of this site, cheapest first."""
        return Response(TiersReadSerializer({"tiers": Tier.objects.offered(), "currency": settings.CURRENCY}).data)
