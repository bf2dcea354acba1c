"""Permission classes of the API. Which rows a viewer may see is decided by the QuerySets."""

from typing import Any

from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.viewer import GUEST_HEADER, AccessScope, AuthenticationMethod, viewer_of


class IsSignedIn(BasePermission):
    """Allow users with a session or a JWT. The API schema lists the `schemes`."""

    schemes: tuple[str, ...] = ("jwt", "session")

    def has_permission(self, request: Request, view: Any) -> bool:
        viewer = viewer_of(request)
        if viewer.user is None:
            raise NotAuthenticated
        if viewer.scope is not AccessScope.FULL:
            raise PermissionDenied("This token can only create notes.")
        return True


class CanCreateNotes(IsSignedIn):
    """Allow users, also with a long-term token."""

    schemes = ("jwt", "session", "longTermToken")

    def has_permission(self, request: Request, view: Any) -> bool:
        if viewer_of(request).user is None:
            raise NotAuthenticated
        return True


class IsSignedInByJwt(IsSignedIn):
    """Allow users with a JWT only, so that other sites cannot use their session cookie."""

    schemes = ("jwt",)

    def has_permission(self, request: Request, view: Any) -> bool:
        if super().has_permission(request, view) and viewer_of(request).method is not AuthenticationMethod.JWT:
            raise PermissionDenied("This call accepts only a JWT. Log in with POST /v2/auth/login to get one.")
        return True


class IsSignedInOrGuest(IsSignedIn):
    """Allow users, and guests who send an ID of their choice."""

    schemes = ("jwt", "session", "guest")

    def has_permission(self, request: Request, view: Any) -> bool:
        if viewer_of(request).guest_id:
            return True
        if viewer_of(request).user is None:
            raise NotAuthenticated(f"Sign in, or send {GUEST_HEADER} with 8 to 64 letters, digits, _ or -.")
        return super().has_permission(request, view)


class AllowAnyButLongTermToken(IsSignedIn):
    """Allow everyone, signed in or not, except requests with a long-term token."""

    schemes = ("jwt", "session", "")

    def has_permission(self, request: Request, view: Any) -> bool:
        return viewer_of(request).user is None or super().has_permission(request, view)


class IsWorker(BasePermission):
    """Allow external workers, which send the `ADMIN_TOKEN`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if viewer_of(request).method is not AuthenticationMethod.ADMIN_TOKEN:
            raise NotAuthenticated("Send the ADMIN_TOKEN of this site as a bearer token.")
        return True
