"""The API's door to an account: joining, logging in, and who one is. Nobody need be known to come here."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import jwts, profile, proving
from accounts.models import User
from accounts.serializers import GoogleBody, JwtRead, LoginBody, RegisterBody, Said, StatusRead
from accounts.viewer import Scope, viewer_of
from sage.schema import errors

ALICE = {"email": "alice@example.org", "password": "correct horse battery"}


class Open(APIView):
    """Whatever else a request says of its sender, an old token say, does not matter here."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]


@extend_schema(tags=["auth"], auth=[])
class Register(Open):
    @extend_schema(
        operation_id="register",
        request=RegisterBody,
        responses={201: Said, **errors(400, 409, 415, 422, known=False)},
        examples=[OpenApiExample("Alice", {**ALICE, "name": "Alice"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Open an account. 409 where the address has one already."""
        body = RegisterBody(data=request.data)
        body.is_valid(raise_exception=True)
        proving.register(request._request, **body.validated_data)
        return Response({"message": "Your account is open. Log in next."}, status=201)


@extend_schema(tags=["auth"], auth=[])
class Login(Open):
    @extend_schema(
        operation_id="login",
        request=LoginBody,
        responses={200: JwtRead, **errors(400, 403, 415, 422)},
        examples=[OpenApiExample("Alice", ALICE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """A JWT for an address and its password, and a code where there is a second step."""
        body = LoginBody(data=request.data)
        body.is_valid(raise_exception=True)
        return _token(request, proving.by_password(request._request, **body.validated_data))


@extend_schema(tags=["auth"], auth=[])
class Google(Open):
    @extend_schema(
        operation_id="login_with_google",
        request=GoogleBody,
        responses={200: JwtRead, **errors(400, 403, 409, 415, 422, 503)},
        examples=[OpenApiExample("An ID token", {"credential": "eyJhbGciOiJSUzI1NiIs…"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """A JWT for an ID token that Google gave the browser. Who is new here joins."""
        body = GoogleBody(data=request.data)
        body.is_valid(raise_exception=True)
        return _token(request, proving.by_google(**body.validated_data))


def _token(request: Request, user: User) -> Response:
    return Response({"token": jwts.issue(user, profile.image_url(request, user))})


@extend_schema(tags=["auth"])
class Status(APIView):
    permission_classes = [AllowAny]

    def perform_authentication(self, request: Request) -> None:
        """One who is not known, or no longer, is told just that."""
        try:
            super().perform_authentication(request)
        except APIException:
            request.user, request.auth = AnonymousUser(), None

    @extend_schema(operation_id="auth_status", responses={200: StatusRead})
    def get(self, request: Request) -> Response:
        """Whether a JWT or a session is still good, and until when. A long-term token opens no account."""
        viewer = viewer_of(request)
        if viewer.user is None or viewer.scope is not Scope.EVERYTHING:
            return Response({"authenticated": False})
        told = {"authenticated": True, "user": viewer.user, "expires_at": viewer.expires_at}
        return Response(StatusRead(told, context={"request": request}).data)
