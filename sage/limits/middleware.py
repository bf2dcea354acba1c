"""Apply rate limits to static files and pages. `sage.api.throttling` applies them to API requests."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from sage.errors import RateLimitExceeded
from sage.limits.check import count, count_request, identify_client
from sage.limits.rates import RateLimitStatus, describe_wait
from sage.limits.scopes import REFUSED, STATIC
from sage.pages.context_processors import site_context

Handler = Callable[[HttpRequest], HttpResponseBase]
API_PREFIX = "/v2/"


def limit_static_files(get_response: Handler) -> Handler:
    """Middleware before the one that serves static files."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(settings.STATIC_URL):
            status = count(STATIC, identify_client(request))
            if not status.is_allowed:
                message = describe_wait(status.reset_in_seconds)
                return HttpResponse(message, "text/plain", 429, headers=_refusal_headers(status))
        return get_response(request)

    return middleware


def limit_requests(get_response: Handler) -> Handler:
    """Middleware after the session's: count pages, and refuse API requests of clients that were often refused.

    The API counts its requests itself, once the user is known. Requests without valid credentials never get that far,
    so they are counted here by address, which limits the guessing of tokens and signatures.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(API_PREFIX):
            return _limit_api(request, get_response)
        status = count_request(request, _user_id(request))
        if status and not status.is_allowed:
            return _refuse(request, status)
        return _add_headers(get_response(request), status)

    return middleware


def _limit_api(request: HttpRequest, get_response: Handler) -> HttpResponseBase:
    client = identify_client(request)
    status = count(REFUSED, client, peek=True)
    if not status.is_allowed and not _is_session_of_user(request):
        return _refuse(request, status)
    response = get_response(request)
    is_counted = hasattr(request, "rate_limit_status") and not getattr(request, "has_refused_signature", False)
    if response.status_code in {401, 403} and not is_counted:
        count(REFUSED, client)
    return _add_headers(response, getattr(request, "rate_limit_status", None))


def _is_session_of_user(request: HttpRequest) -> bool:
    """Return whether a session authenticates the request. Others of the same address do not lock its user out."""
    return "Authorization" not in request.headers and _user_id(request) is not None


def _user_id(request: HttpRequest) -> Any:
    """Return the id of the signed-in user. Without a session `request.user` is not read, so caches need not vary."""
    return request.user.pk if request.session.session_key and request.user.is_authenticated else None


def _refusal_headers(status: RateLimitStatus) -> dict[str, str]:
    return {**status.headers, "Retry-After": str(status.reset_in_seconds), "Cache-Control": "no-store"}


def _refuse(request: HttpRequest, status: RateLimitStatus) -> HttpResponse:
    """Return 429 as JSON for scripts, else as a page that needs no database query."""
    error = RateLimitExceeded(describe_wait(status.reset_in_seconds), status.reset_in_seconds)
    if request.path_info.startswith(API_PREFIX) or "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(error.as_dict(), status=429, headers=_refusal_headers(status))
    response = render(None, "429.html", {**site_context(request), "error": error}, status=429)
    for name, value in _refusal_headers(status).items():
        response.headers[name] = value
    return response


def _add_headers(response: HttpResponseBase, status: RateLimitStatus | None) -> HttpResponseBase:
    for name, value in (status.headers if status else {}).items():
        response.headers[name] = value
    return response
