"""The API's door to one's own tokens."""

import dataclasses
import uuid

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing import ledger
from billing.models import Entry, Tier
from billing.serializers import BalanceRead, EntryRead, TiersRead
from sage.paging import Page, PageQuery, paged
from sage.schema import errors


class EntryPage(Page):
    entries = EntryRead(many=True)


@extend_schema(tags=["billing"])
class BalanceView(APIView):
    @extend_schema(operation_id="get_balance", responses={200: BalanceRead, **errors()})
    def get(self, request: Request) -> Response:
        """What may still be spent, what is on hold, and the plan."""
        account = ledger.account_of(_asker(request))
        facts = dataclasses.asdict(ledger.balance(account.user_id))
        return Response(BalanceRead({**facts, "tier": account.tier}).data)


@extend_schema(tags=["billing"])
class Usage(APIView):
    @extend_schema(operation_id="list_usage", parameters=[PageQuery], responses={200: EntryPage, **errors(422)})
    def get(self, request: Request) -> Response:
        """One's own entries in the ledger, the newest first."""
        return Response(paged(request, "entries", Entry.objects.of(_asker(request)), EntryRead))


@extend_schema(tags=["billing"])
class Tiers(APIView):
    @extend_schema(operation_id="list_tiers", responses={200: TiersRead, **errors()})
    def get(self, request: Request) -> Response:
        """The plans that this site offers, the cheapest first."""
        return Response(TiersRead({"tiers": Tier.objects.offered(), "currency": settings.CURRENCY}).data)


def _asker(request: Request) -> uuid.UUID:
    assert request.user.pk  # noqa: S101 - nobody else gets as far as this
    return request.user.pk
