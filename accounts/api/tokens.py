"""Views to list, create and revoke long-term tokens."""

import uuid

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsSignedIn, IsSignedInByJwt
from accounts.api.serializers import TokenBodySerializer, TokenCreatedSerializer, TokenReadSerializer
from accounts.credentials import tokens
from accounts.models import LongTermToken
from accounts.viewer import user_of
from sage.api.base import ApiView
from sage.api.openapi import error_responses


@extend_schema(tags=["auth"])
class TokenListView(ApiView):
    stores_body = False

    def get_permissions(self) -> list[BasePermission]:
        return [IsSignedInByJwt() if self.request.method == "POST" else IsSignedIn()]

    @extend_schema(operation_id="list_tokens", responses={200: TokenReadSerializer(many=True), **error_responses(403)})
    def get(self, request: Request) -> Response:
        """List your tokens, newest first. The token texts are not stored."""
        return Response(TokenReadSerializer(LongTermToken.objects.filter(user=user_of(request)), many=True).data)

    @extend_schema(
        operation_id="make_token",
        request=TokenBodySerializer,
        responses={201: TokenCreatedSerializer, **error_responses(400, 403, 409, 415, 422)},
        examples=[OpenApiExample("The extension", {"name": "Chrome on my laptop"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Create a token that can only create notes. It is shown once. Accepts only a JWT."""
        body = TokenBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        token, text = tokens.create_token(user_of(request), **body.validated_data)
        message = "Copy this token now. It will not be shown again."
        return Response(
            TokenCreatedSerializer({"id": token.pk, "name": token.name, "token": text, "message": message}).data, 201
        )

    @extend_schema(operation_id="revoke_tokens", responses={204: None, **error_responses(403)})
    def delete(self, request: Request) -> Response:
        """Revoke all your tokens."""
        tokens.revoke_all_tokens(user_of(request))
        return Response(status=204)


@extend_schema(tags=["auth"])
class TokenDetailView(ApiView):
    @extend_schema(operation_id="revoke_token", responses={204: None, **error_responses(403, 404)})
    def delete(self, request: Request, token_id: uuid.UUID) -> Response:
        """Revoke a token immediately."""
        tokens.revoke_token(user_of(request), token_id)
        return Response(status=204)
