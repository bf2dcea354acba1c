"""Where limits are kept before a view is reached: before static files, and before pages. The API has `throttle.py`."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from sage.context import face
from sage.errors import RateLimited
from sage.limits.asking import count, counted, visitor
from sage.limits.classes import Class
from sage.limits.rates import Verdict, too_often

Handler = Callable[[HttpRequest], HttpResponseBase]
API = "/v2/"


def count_static(get_response: Handler) -> Handler:
    """Middleware, before the one that serves static files."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(settings.STATIC_URL):
            verdict = count(Class.STATIC, visitor(request))
            if not verdict.is_allowed:
                return HttpResponse(too_often(verdict.reset_in_seconds), "text/plain", 429, headers=_headers(verdict))
        return get_response(request)

    return middleware


def count_requests(get_response: Handler) -> Handler:
    """Middleware, behind the session: pages are counted here; of the API, who was refused too often stops here.

    Whoever asks by a token is known only in the API itself (`throttle.py`). Those it turns away never get so far, and
    would guess on for ever, so they are counted by their address.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(API):
            return _api(request, get_response)
        verdict = counted(request, _user(request))
        if verdict and not verdict.is_allowed:
            return _refusal(request, verdict)
        return _with_headers(get_response(request), verdict)

    return middleware


def _api(request: HttpRequest, get_response: Handler) -> HttpResponseBase:
    who = visitor(request)
    if "Authorization" in request.headers:
        verdict = count(Class.REFUSED, who, only_look=True)
        if not verdict.is_allowed:
            return _refusal(request, verdict)
    response = get_response(request)
    is_refused = response.status_code in {401, 403} and not hasattr(request, "verdict")
    if is_refused and "Authorization" in request.headers:
        count(Class.REFUSED, who)
    return _with_headers(response, getattr(request, "verdict", None))


def _user(request: HttpRequest) -> Any:
    """Whoever is signed in. One who brings no session is not asked for: then an answer does not depend on it."""
    return request.user.pk if request.session.session_key and request.user.is_authenticated else None


def _headers(verdict: Verdict) -> dict[str, str]:
    return {**verdict.headers, "Retry-After": str(verdict.reset_in_seconds), "Cache-Control": "no-store"}


def _refusal(request: HttpRequest, verdict: Verdict) -> HttpResponse:
    """The API's shape for scripts; a page, without a look into the database, for whoever looks at one."""
    problem = RateLimited(too_often(verdict.reset_in_seconds), verdict.reset_in_seconds)
    if request.path_info.startswith(API) or "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(problem.as_dict(), status=429, headers=_headers(verdict))
    shown = render(None, "429.html", {**face(request), "problem": problem}, status=429)
    for name, value in _headers(verdict).items():
        shown.headers[name] = value
    return shown


def _with_headers(response: HttpResponseBase, verdict: Verdict | None) -> HttpResponseBase:
    for name, value in (verdict.headers if verdict else {}).items():
        response.headers[name] = value
    return response
