"""The API's door to oneself."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import profile, tokens
from accounts.once import Door
from accounts.serializers import MeBody, MeRead
from accounts.viewer import user_of
from billing import ledger
from sage.schema import errors


@extend_schema(tags=["users"])
class Me(Door):
    @extend_schema(operation_id="read_me", responses={200: MeRead, **errors(403)})
    def get(self, request: Request) -> Response:
        """Oneself, and how many tokens are left."""
        return Response(_read(request))

    @extend_schema(
        operation_id="change_me",
        request=MeBody,
        responses={200: MeRead, **errors(400, 403, 415, 422)},
        examples=[OpenApiExample("No AI notes", {"ai_notes_enabled": False}, request_only=True)],
    )
    def patch(self, request: Request) -> Response:
        """Another name, or notes by AI on or off."""
        body = MeBody(data=request.data)
        body.is_valid(raise_exception=True)
        profile.change(user_of(request), body.validated_data)
        return Response(_read(request))


def _read(request: Request) -> dict[str, Any]:
    user = user_of(request)
    facts = {"token_exists": tokens.exist(user), "token_balance": ledger.balance(user.pk).token_balance}
    return dict(MeRead(user, context={"request": request, **facts}).data)
