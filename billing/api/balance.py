"""View of the token balance."""

import dataclasses

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing import ledger
from billing.api.serializers import BalanceReadSerializer
from sage.api.openapi import error_responses


@extend_schema(tags=["billing"])
class BalanceView(APIView):
    @extend_schema(operation_id="get_balance", responses={200: BalanceReadSerializer, **error_responses()})
    def get(self, request: Request) -> Response:
        """Return the tokens that you can spend, the tokens on hold, and your plan."""
        assert request.user.pk  # noqa: S101 - checked by the permission class
        account = ledger.get_account(request.user.pk)
        balance = dataclasses.asdict(ledger.balance(account.user_id))
        return Response(BalanceReadSerializer({**balance, "tier": account.tier}).data)
