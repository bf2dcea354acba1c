"""Middleware that renews sessions, records their use and clears private data after sign-out."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import User
from accounts.sessions import activity, store

SIGNED_IN_COOKIE = "here"  # marks a browser in which a user was signed in
SIGNED_IN_COOKIE_SECONDS = 30 * 24 * 3600
Handler = Callable[[HttpRequest], HttpResponse]


def refresh_session(get_response: Handler) -> Handler:
    """Renew a session in its last `SESSION_REFRESH_THRESHOLD` seconds, not with every request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated:
            store.renew_session(request.session, timezone.now().timestamp())
        return get_response(request)

    return middleware


def clear_site_data(get_response: Handler) -> Handler:
    """Keep browsers from storing private responses, and clear their stored data after a session ends.

    However a session ends (log-out, expiry, sign-out elsewhere, disabled account), the next response sends
    `Clear-Site-Data`. It does not clear cookies, because browsers would clear them for other ports and subdomains too.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        user = _user_by_session(request)
        if (user or "Authorization" in request.headers) and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        if user:
            activity.record_activity(request, user)
            if not request.COOKIES.get(SIGNED_IN_COOKIE):
                secure = settings.SESSION_COOKIE_SECURE
                response.set_cookie(
                    SIGNED_IN_COOKIE, "1", SIGNED_IN_COOKIE_SECONDS, httponly=True, samesite="Lax", secure=secure
                )
        elif request.COOKIES.get(SIGNED_IN_COOKIE):
            response.delete_cookie(SIGNED_IN_COOKIE, samesite="Lax")
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return middleware


def _user_by_session(request: HttpRequest) -> User | None:
    """Return the user of the session after the response was created.

    A response that did not access the session must not depend on it, because shared caches may store it. The API sets
    `request.user` to the authenticated caller, or to an anonymous user for signed URLs, so both sources are checked.
    """
    if not (request.session.session_key or request.session.accessed) or SESSION_KEY not in request.session:
        return None
    for user in (request.user, get_user(request)):
        if isinstance(user, User) and str(user.pk) == request.session[SESSION_KEY]:
            return user
    return None
