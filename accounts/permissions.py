"""Which of those who ask may pass a door of the API. What they may see beyond it, the rows themselves say."""

from typing import Any

from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.viewer import GUEST_HEADER, By, Scope, viewer_of


class SignedIn(BasePermission):
    """A user, by session or by JWT. `takes` tells the description of the API which doors are open."""

    takes: tuple[str, ...] = ("jwt", "session")

    def has_permission(self, request: Request, view: Any) -> bool:
        viewer = viewer_of(request)
        if viewer.user is None:
            raise NotAuthenticated
        if viewer.scope is not Scope.EVERYTHING:
            raise PermissionDenied("This token may create notes, and nothing else.")
        return True


class ByJwt(SignedIn):
    """A user, by JWT alone: no page that somebody was lured to can make use of their cookie."""

    takes = ("jwt",)

    def has_permission(self, request: Request, view: Any) -> bool:
        if super().has_permission(request, view) and viewer_of(request).by is not By.JWT:
            raise PermissionDenied("This call takes a JWT only. Log in by POST /v2/auth/login to get one.")
        return True


class SignedInOrGuest(SignedIn):
    """A user, or a guest who names an id of their own making."""

    takes = ("jwt", "session", "guest")

    def has_permission(self, request: Request, view: Any) -> bool:
        if viewer_of(request).guest:
            return True
        if viewer_of(request).user is None:
            raise NotAuthenticated(f"Sign in, or send {GUEST_HEADER} with 8 to 64 letters, digits, _ or -.")
        return super().has_permission(request, view)


class Anybody(SignedIn):
    """Everybody but a long-term token, which opens nothing."""

    takes = ("jwt", "session", "")

    def has_permission(self, request: Request, view: Any) -> bool:
        return viewer_of(request).user is None or super().has_permission(request, view)


class Worker(BasePermission):
    """An outside worker, by `ADMIN_TOKEN`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if viewer_of(request).by is not By.ADMIN_TOKEN:
            raise NotAuthenticated("Send the ADMIN_TOKEN of this site as a bearer's token.")
        return True
