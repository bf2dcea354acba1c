"""Who is asking: the one answer that every door of Sage goes by.

Pages ask `viewer_of`, sockets `viewer_from`, and the API authenticates by `WhoAsks`, which is where another way to say
who one is belongs: a token, or a guest's own id.
"""

import dataclasses

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from accounts.models import User


@dataclasses.dataclass(frozen=True)
class Viewer:
    """Whoever looks at something. `user` is None for a visitor who has not signed in."""

    user: User | None = None

    @property
    def is_signed_in(self) -> bool:
        return self.user is not None


def viewer_of(request: HttpRequest | Request) -> Viewer:
    """Whoever sent this request, by whichever way the API took or by the page's session."""
    told = getattr(request, "auth", None)
    return told if isinstance(told, Viewer) else viewer_from(request.user)


def viewer_from(user: User | AnonymousUser | None) -> Viewer:
    return Viewer(user) if isinstance(user, User) and user.is_active else Viewer()


class WhoAsks(SessionAuthentication):
    """How a request to the API says who it is from: by the session's cookie, with a CSRF token where it writes."""

    def authenticate(self, request: Request) -> tuple[User, Viewer] | None:
        known = super().authenticate(request)
        return (known[0], viewer_from(known[0])) if known else None
