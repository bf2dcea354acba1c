"""Who is asking: the one answer that every door of Sage goes by."""

import dataclasses

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from accounts.models import User


@dataclasses.dataclass(frozen=True)
class Viewer:
    """Whoever looks at something. `user` is None for a visitor who has not signed in."""

    user: User | None = None

    @property
    def is_signed_in(self) -> bool:
        return self.user is not None


def viewer_of(request: HttpRequest) -> Viewer:
    return viewer_from(request.user)


def viewer_from(user: User | AnonymousUser | None) -> Viewer:
    return Viewer(user) if isinstance(user, User) and user.is_active else Viewer()
