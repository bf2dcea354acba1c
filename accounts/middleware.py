"""Sessions that live an hour and are renewed while somebody is there."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

RENEW_AT = "renew_at"


def refresh_session(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Renew a signed-in session in its last `SESSION_REFRESH_THRESHOLD` seconds, not at every request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated:
            now = timezone.now().timestamp()
            if now >= request.session.get(RENEW_AT, 0):
                request.session[RENEW_AT] = now + settings.SESSION_COOKIE_AGE - settings.SESSION_REFRESH_THRESHOLD
        return get_response(request)

    return middleware
