"""Identify the viewer of a request: a user, a guest, an external worker or an anonymous visitor.

Pages call `viewer_of`, sockets call `viewer_from`, and the API authenticates with `UserAuthentication`, which accepts a
JWT, a long-term token, a session or a guest id. `WorkerAuthentication` accepts the token of external workers.
"""

import dataclasses
import datetime
import enum
import re
import secrets

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.models import LongTermToken, User
from accounts.sessions.store import SessionStore, session_expiry
from accounts.signin import jwts
from sage.errors import Unauthorized

GUEST_HEADER = "X-Guest-Session-ID"
GUEST_COOKIE = "guest"
GUEST_COOKIE_SECONDS = 365 * 24 * 3600
GUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
AUTHENTICATE_HEADER = 'Bearer realm="Sage"'


class AuthenticationMethod(enum.Enum):
    """How a viewer was authenticated."""

    NONE = enum.auto()
    SESSION = enum.auto()
    JWT = enum.auto()
    LONG_TERM_TOKEN = enum.auto()
    GUEST = enum.auto()
    ADMIN_TOKEN = enum.auto()


class AccessScope(enum.Enum):
    """What the credential of a viewer allows. The permission classes check it."""

    FULL = "everything"
    CREATE_NOTES = "create notes"


@dataclasses.dataclass(frozen=True)
class Viewer:
    """The sender of a request. `user` is None for guests, workers and anonymous visitors."""

    user: User | None = None
    guest_id: str | None = None
    scope: AccessScope = AccessScope.FULL
    method: AuthenticationMethod = AuthenticationMethod.NONE
    expires_at: datetime.datetime | None = None

    @property
    def is_signed_in(self) -> bool:
        return self.user is not None


def viewer_of(request: HttpRequest | Request) -> Viewer:
    """Return the viewer whom the API authenticated, or the user of the page's session, or the guest of its cookie."""
    viewer = getattr(request, "auth", None)
    if isinstance(viewer, Viewer):
        return viewer
    viewer = viewer_from(request.user)
    return viewer if viewer.is_signed_in else _read_guest(request) or viewer


def create_guest() -> Viewer:
    """Return a new guest for a visitor without an account."""
    return Viewer(guest_id=secrets.token_urlsafe(24), method=AuthenticationMethod.GUEST)


def set_guest_cookie(response: HttpResponseBase, guest: Viewer) -> None:
    """Let the browser remember a guest, so that what they do stays theirs."""
    response.set_signed_cookie(
        GUEST_COOKIE,
        guest.guest_id or "",
        salt=GUEST_COOKIE,
        max_age=GUEST_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read_guest(request: HttpRequest | Request) -> Viewer | None:
    """Return the guest of the signed cookie, if there is one."""
    page_request = request._request if isinstance(request, Request) else request
    guest_id = page_request.get_signed_cookie(GUEST_COOKIE, "", salt=GUEST_COOKIE, max_age=GUEST_COOKIE_SECONDS)
    return Viewer(guest_id=guest_id, method=AuthenticationMethod.GUEST) if guest_id else None


def read_guest_id(request: HttpRequest | Request) -> str:
    """Return the id of the guest of the header or of the signed cookie, or an empty string."""
    guest = _read_guest_header(request) or _read_guest(request)
    return guest.guest_id or "" if guest else ""


def _read_guest_header(request: HttpRequest | Request) -> Viewer | None:
    guest_id = request.headers.get(GUEST_HEADER, "")
    if not GUEST_ID.fullmatch(guest_id):
        return None
    return Viewer(guest_id=guest_id, method=AuthenticationMethod.GUEST)


def user_of(request: Request) -> User:
    """Return the user of a request that only users may send."""
    user = viewer_of(request).user
    assert user is not None  # noqa: S101 - checked by the permission class
    return user


def viewer_from(user: User | AnonymousUser | None) -> Viewer:
    """Return the viewer for the user of a session."""
    if isinstance(user, User) and user.is_active:
        return Viewer(user, method=AuthenticationMethod.SESSION)
    return Viewer()


def authenticate_bearer(credential: str) -> Viewer:
    """Return the viewer of a bearer token: a JWT has three parts separated by dots, others are long-term tokens.

    Raises `jwts.InvalidJwt` if the token is invalid.
    """
    if credential.count(".") == 2:
        identity = jwts.verify(credential)
        return Viewer(identity.user, method=AuthenticationMethod.JWT, expires_at=identity.expires_at)
    token = LongTermToken.objects.authenticate(credential)
    if token is None:
        raise jwts.InvalidJwt("This token is not valid, or it was revoked.")
    return Viewer(token.user, scope=AccessScope(token.scope), method=AuthenticationMethod.LONG_TERM_TOKEN)


def authenticate_headers(request: HttpRequest) -> Viewer:
    """Return the viewer of a request whose body has not arrived. Raises `Unauthorized` if its token is invalid.

    The CSRF token may be in the body, so it is not checked.
    """
    if (credential := _read_bearer(request)) is not None:
        try:
            return authenticate_bearer(credential)
        except jwts.InvalidJwt as error:
            raise Unauthorized(str(error)) from error
    request.session = SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    return viewer_from(get_user(request))


class UserAuthentication(SessionAuthentication):
    """Authenticate API requests by bearer token, else by session, else by guest id.

    A view with `accepts_guests` also takes the cookie that pages give to guests, and a guest id there goes before a
    long-term token. Cookies need a CSRF token for requests that write.
    """

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, Viewer] | None:
        guest = _read_guest_header(request)
        accepts_guests = getattr(request.parser_context.get("view"), "accepts_guests", False)
        if (credential := _read_bearer(request)) is not None:
            try:
                viewer = authenticate_bearer(credential)
            except jwts.InvalidJwt as error:
                raise AuthenticationFailed(str(error)) from error
            if not (guest and accepts_guests and viewer.method is AuthenticationMethod.LONG_TERM_TOKEN):
                return viewer.user or AnonymousUser(), viewer
        elif session := super().authenticate(request):
            return session[0], dataclasses.replace(viewer_from(session[0]), expires_at=session_expiry(request.session))
        elif accepts_guests and guest is None and (guest := _read_guest(request)):
            self.enforce_csrf(request)
        return (AnonymousUser(), guest) if guest else None

    def authenticate_header(self, request: Request) -> str:
        return AUTHENTICATE_HEADER


class WorkerAuthentication(BaseAuthentication):
    """Authenticate external workers by `ADMIN_TOKEN`. Refuse all of them if it is not set."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Viewer] | None:
        credential = _read_bearer(request)
        if credential is None:
            return None
        if not settings.ADMIN_TOKEN or not constant_time_compare(credential, settings.ADMIN_TOKEN):
            raise PermissionDenied("This is not the ADMIN_TOKEN of this site.")
        return AnonymousUser(), Viewer(method=AuthenticationMethod.ADMIN_TOKEN)

    def authenticate_header(self, request: Request) -> str:
        return AUTHENTICATE_HEADER


def _read_bearer(request: HttpRequest | Request) -> str | None:
    """Return the token of the `Authorization` header, or None if its scheme is not `Bearer`."""
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    return credential.strip() if scheme.lower() == "bearer" else None
