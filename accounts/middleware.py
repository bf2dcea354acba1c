"""What is done around every request of somebody who is signed in."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import sessions, visits
from accounts.models import User

MARK = "here"  # a cookie that says only that somebody was signed in by this browser
MARK_LASTS_SECONDS = 30 * 24 * 3600
Handler = Callable[[HttpRequest], HttpResponse]


def refresh_session(get_response: Handler) -> Handler:
    """Renew a signed-in session in its last `SESSION_REFRESH_THRESHOLD` seconds, not at every request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated:
            sessions.renew(request.session, timezone.now().timestamp())
        return get_response(request)

    return middleware


def leave_nothing_behind(get_response: Handler) -> Handler:
    """Private answers are not stored; once a session is over, the browser forgets what it kept of this site.

    However a session ends (logged out, run out, signed out from elsewhere, disabled), the next answer clears what is
    left. Cookies are not among it: browsers clear them for every port and name beside ours.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        user = _user_by_session(request)
        if (user or "Authorization" in request.headers) and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        if user:
            visits.note(request, user)
            if not request.COOKIES.get(MARK):
                secure = settings.SESSION_COOKIE_SECURE
                response.set_cookie(MARK, "1", MARK_LASTS_SECONDS, httponly=True, samesite="Lax", secure=secure)
        elif request.COOKIES.get(MARK):
            response.delete_cookie(MARK, samesite="Lax")
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return middleware


def _user_by_session(request: HttpRequest) -> User | None:
    """Who this browser's session is of, after the answer.

    An answer that never asked for the session is not made to depend on it: it may be stored for everybody. The API puts
    into `request.user` whom it went by, nobody where an address is signed, so both are asked.
    """
    if not (request.session.session_key or request.session.accessed) or SESSION_KEY not in request.session:
        return None
    for user in (request.user, get_user(request)):
        if isinstance(user, User) and str(user.pk) == request.session[SESSION_KEY]:
            return user
    return None
