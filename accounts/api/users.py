"""View to read and change the signed-in user."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import MeBodySerializer, MeReadSerializer
from accounts.credentials import tokens
from accounts.profile import details
from accounts.viewer import user_of
from billing import ledger
from sage.api.base import ApiView
from sage.api.openapi import error_responses


@extend_schema(tags=["users"])
class CurrentUserView(ApiView):
    @extend_schema(operation_id="read_me", responses={200: MeReadSerializer, **error_responses(403)})
    def get(self, request: Request) -> Response:
        """Return your profile and your token balance."""
        return Response(_serialise_user(request))

    @extend_schema(
        operation_id="change_me",
        request=MeBodySerializer,
        responses={200: MeReadSerializer, **error_responses(400, 403, 415, 422)},
        examples=[OpenApiExample("No AI notes", {"ai_notes_enabled": False}, request_only=True)],
    )
    def patch(self, request: Request) -> Response:
        """Change your name, or switch AI notes on or off."""
        body = MeBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        details.update_profile(user_of(request), body.validated_data)
        return Response(_serialise_user(request))


def _serialise_user(request: Request) -> dict[str, Any]:
    user = user_of(request)
    facts = {"token_exists": tokens.has_tokens(user), "token_balance": ledger.balance(user.pk).token_balance}
    return dict(MeReadSerializer(user, context={"request": request, **facts}).data)
