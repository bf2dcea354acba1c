"""Who is asking: the one answer that every door of Sage goes by.

Pages ask `viewer_of`, sockets `viewer_from`, and the API authenticates by `WhoAsks`, which knows every way to say who
one is: a JWT, a long-term token, the page's session, a guest's own id. `WorkerAsks` knows the one for outside workers.
"""

import dataclasses
import datetime
import enum
import re

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts import jwts
from accounts.models import LongTermToken, User
from accounts.sessions import ends_at

GUEST_HEADER = "X-Guest-Session-ID"
GUEST = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
REALM = 'Bearer realm="Sage"'


class By(enum.Enum):
    """The way in which somebody said who they are."""

    NOTHING = enum.auto()
    SESSION = enum.auto()
    JWT = enum.auto()
    TOKEN = enum.auto()
    GUEST = enum.auto()
    ADMIN_TOKEN = enum.auto()


class Scope(enum.Enum):
    """What they may do so. A door that takes less than everything says so by its permission."""

    EVERYTHING = "everything"
    NOTES = "create notes"


@dataclasses.dataclass(frozen=True)
class Viewer:
    """Whoever looks at something. `user` is None for a visitor who has not signed in, of whom `guest` may be known."""

    user: User | None = None
    guest: str | None = None
    scope: Scope = Scope.EVERYTHING
    by: By = By.NOTHING
    expires_at: datetime.datetime | None = None

    @property
    def is_signed_in(self) -> bool:
        return self.user is not None


def viewer_of(request: HttpRequest | Request) -> Viewer:
    """Whoever sent this request, by whichever way the API took or by the page's session."""
    told = getattr(request, "auth", None)
    return told if isinstance(told, Viewer) else viewer_from(request.user)


def user_of(request: Request) -> User:
    """The user who sent a request that only users may send."""
    user = viewer_of(request).user
    assert user is not None  # noqa: S101 - the door's permission has seen to it
    return user


def viewer_from(user: User | AnonymousUser | None) -> Viewer:
    return Viewer(user, by=By.SESSION) if isinstance(user, User) and user.is_active else Viewer()


def viewer_by(credential: str) -> Viewer:
    """Whoever a bearer's credential belongs to. Three parts with dots are a JWT, all else is a long-term token."""
    if credential.count(".") == 2:
        known = jwts.read(credential)
        return Viewer(known.user, by=By.JWT, expires_at=known.expires_at)
    token = LongTermToken.objects.used(credential)
    if token is None:
        raise jwts.Unknown("This token is not valid, or it was revoked.")
    return Viewer(token.user, scope=Scope(token.scope), by=By.TOKEN)


class WhoAsks(SessionAuthentication):
    """How a request to the API says who it is from.

    A bearer's token goes before the session's cookie, and that, which wants a CSRF token where it writes, before the
    header of a guest.
    """

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, Viewer] | None:
        if (credential := _bearer(request)) is not None:
            try:
                viewer = viewer_by(credential)
            except jwts.Unknown as unknown:
                raise AuthenticationFailed(str(unknown)) from unknown
            return viewer.user or AnonymousUser(), viewer
        if known := super().authenticate(request):
            return known[0], dataclasses.replace(viewer_from(known[0]), expires_at=ends_at(request.session))
        guest = request.headers.get(GUEST_HEADER, "")
        return (AnonymousUser(), Viewer(guest=guest, by=By.GUEST)) if GUEST.fullmatch(guest) else None

    def authenticate_header(self, request: Request) -> str:
        return REALM


class WorkerAsks(BaseAuthentication):
    """How an outside worker says that it is one: by `ADMIN_TOKEN`. Where that is not set, nobody is."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Viewer] | None:
        credential = _bearer(request)
        if credential is None:
            return None
        if not settings.ADMIN_TOKEN or not constant_time_compare(credential, settings.ADMIN_TOKEN):
            raise PermissionDenied("This is not the ADMIN_TOKEN of this site.")
        return AnonymousUser(), Viewer(by=By.ADMIN_TOKEN)

    def authenticate_header(self, request: Request) -> str:
        return REALM


def _bearer(request: Request) -> str | None:
    """What stands behind `Bearer`; None where that scheme is not used."""
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    return credential.strip() if scheme.lower() == "bearer" else None
