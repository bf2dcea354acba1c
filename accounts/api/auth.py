"""Views to register, log in, and read the authentication status. They need no authentication."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.serializers import (
    GoogleBodySerializer,
    JwtReadSerializer,
    LoginBodySerializer,
    MessageSerializer,
    RegisterBodySerializer,
    StatusReadSerializer,
)
from accounts.models import User
from accounts.profile import details
from accounts.signin import authentication, guests, jwts
from accounts.viewer import AccessScope, read_guest_id, viewer_of
from sage.api.openapi import error_responses

ALICE = {"email": "alice@example.org", "password": "correct horse battery"}


class PublicView(APIView):
    """A view that ignores credentials, so that an expired token does not prevent a login."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]


@extend_schema(tags=["auth"], auth=[])
class RegisterView(PublicView):
    @extend_schema(
        operation_id="register",
        request=RegisterBodySerializer,
        responses={201: MessageSerializer, **error_responses(400, 409, 415, 422, 503, authenticated=False)},
        examples=[OpenApiExample("Alice", {**ALICE, "name": "Alice"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Create an account. 409 if the email address has one."""
        body = RegisterBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = authentication.register(request._request, **body.validated_data)
        guests.move_guest(read_guest_id(request), user)
        return Response({"message": "Your account was created. You can log in now."}, status=201)


@extend_schema(tags=["auth"], auth=[])
class LoginView(PublicView):
    @extend_schema(
        operation_id="login",
        request=LoginBodySerializer,
        responses={200: JwtReadSerializer, **error_responses(400, 403, 415, 422, 503)},
        examples=[OpenApiExample("Alice", ALICE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Log in with an email address, a password and, with two-step verification, a code. Returns a JWT."""
        body = LoginBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return _token_response(
            request, authentication.authenticate_by_password(request._request, **body.validated_data)
        )


@extend_schema(tags=["auth"], auth=[])
class GoogleLoginView(PublicView):
    @extend_schema(
        operation_id="login_with_google",
        request=GoogleBodySerializer,
        responses={200: JwtReadSerializer, **error_responses(400, 403, 409, 415, 422, 503)},
        examples=[OpenApiExample("An ID token", {"credential": "eyJhbGciOiJSUzI1NiIs…"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Log in with an ID token from Google. Creates an account for a new user. Returns a JWT."""
        body = GoogleBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return _token_response(request, authentication.authenticate_by_google(**body.validated_data))


def _token_response(request: Request, user: User) -> Response:
    """Return a JWT, after giving the account what the caller made as a guest."""
    guests.move_guest(read_guest_id(request), user)
    return Response({"token": jwts.issue(user, details.build_image_url(request, user))})


@extend_schema(tags=["auth"])
class AuthStatusView(APIView):
    permission_classes = [AllowAny]

    def perform_authentication(self, request: Request) -> None:
        """Treat invalid credentials as missing, so that the response reports the status instead of an error."""
        try:
            super().perform_authentication(request)
        except APIException:
            request.user, request.auth = AnonymousUser(), None

    @extend_schema(operation_id="auth_status", responses={200: StatusReadSerializer})
    def get(self, request: Request) -> Response:
        """Return whether a JWT or a session is valid, and until when. A long-term token does not authenticate here."""
        viewer = viewer_of(request)
        if viewer.user is None or viewer.scope is not AccessScope.FULL:
            return Response({"authenticated": False})
        status = {"authenticated": True, "user": viewer.user, "expires_at": viewer.expires_at}
        return Response(StatusReadSerializer(status, context={"request": request}).data)
