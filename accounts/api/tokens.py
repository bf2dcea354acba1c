"""The API's door to long-term tokens."""

import uuid

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import tokens
from accounts.models import LongTermToken
from accounts.once import Door
from accounts.permissions import ByJwt, SignedIn
from accounts.serializers import TokenBody, TokenMade, TokenRead
from accounts.viewer import user_of
from sage.schema import errors


@extend_schema(tags=["auth"])
class Tokens(Door):
    shown_once = True

    def get_permissions(self) -> list[BasePermission]:
        return [ByJwt() if self.request.method == "POST" else SignedIn()]

    @extend_schema(operation_id="list_tokens", responses={200: TokenRead(many=True), **errors(403)})
    def get(self, request: Request) -> Response:
        """One's own, the newest first; what they are is not kept."""
        return Response(TokenRead(LongTermToken.objects.filter(user=user_of(request)), many=True).data)

    @extend_schema(
        operation_id="make_token",
        request=TokenBody,
        responses={201: TokenMade, **errors(400, 403, 409, 415, 422)},
        examples=[OpenApiExample("The extension", {"name": "Chrome on my laptop"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """A token that may create notes and nothing else; it is shown this once. Takes a JWT only."""
        body = TokenBody(data=request.data)
        body.is_valid(raise_exception=True)
        made, text = tokens.make(user_of(request), **body.validated_data)
        message = "Keep this token now. It will not be shown again."
        return Response(TokenMade({"id": made.pk, "name": made.name, "token": text, "message": message}).data, 201)

    @extend_schema(operation_id="revoke_tokens", responses={204: None, **errors(403)})
    def delete(self, request: Request) -> Response:
        """Revoke all of them."""
        tokens.revoke_all(user_of(request))
        return Response(status=204)


@extend_schema(tags=["auth"])
class OneToken(Door):
    @extend_schema(operation_id="revoke_token", responses={204: None, **errors(403, 404)})
    def delete(self, request: Request, token_id: uuid.UUID) -> Response:
        """Revoke it at once."""
        tokens.revoke(user_of(request), token_id)
        return Response(status=204)
