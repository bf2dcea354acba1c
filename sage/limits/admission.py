"""Check the permission of requests with large bodies when their headers arrive, before the body is read.

Apps declare the routes and their checks. A check refuses early what the view would refuse after the body. The view
still decides about every request that was admitted.
"""

import dataclasses
from collections.abc import Callable, Iterable

from django.db import DatabaseError, connections
from django.http import HttpRequest, QueryDict, parse_cookie

from sage.errors import ApplicationError, RateLimitExceeded
from sage.limits.check import count, identify_client
from sage.limits.rates import describe_wait
from sage.limits.routes import RoutePattern
from sage.limits.scopes import REFUSED, RateLimitScope

SMALL_BODY_BYTES = 64 * 1024  # bodies up to this size are read before the view checks the request
Check = Callable[[HttpRequest], None]


@dataclasses.dataclass(frozen=True)
class AdmissionCheck:
    """A function that raises an `ApplicationError` if a request to the route must be refused. It has no body."""

    route: RoutePattern
    check: Check


_registered: list[AdmissionCheck] = []


def register(*checks: AdmissionCheck) -> None:
    """Add the checks of an app."""
    _registered.extend(check for check in checks if check not in _registered)


def find_check(method: str, path: str) -> Check | None:
    """Return the check of a route. `path` has no query string."""
    return next((one.check for one in _registered if one.route.matches(method, path)), None)


def build_request(method: str, uri: str, headers: Iterable[tuple[str, str]], peer: str) -> HttpRequest:
    """Return a request without a body from the first line and the headers that a client has sent."""
    request = HttpRequest()
    path, _, query = uri.partition("?")
    request.method, request.path, request.path_info = method, path, path
    request.GET = QueryDict(query)
    request.META = {"REMOTE_ADDR": peer, "REQUEST_METHOD": method}
    for name, value in headers:
        key = f"HTTP_{name.upper().replace('-', '_')}"
        request.META[key] = f"{request.META[key]},{value}" if key in request.META else value
    request.COOKIES = parse_cookie(request.META.get("HTTP_COOKIE", ""))
    return request


def find_refusal(check: Check, request: HttpRequest) -> ApplicationError | None:
    """Return why a request is refused, or None. Count refused credentials. Runs in a thread of the web server."""
    client = identify_client(request)
    try:
        require_allowance(REFUSED, client)
        check(request)
    except ApplicationError as error:
        if error.status in (401, 403):
            count(REFUSED, client)
        return error
    except DatabaseError:  # the view reports it
        return None
    finally:
        connections.close_all()
    return None


def require_allowance(scope: RateLimitScope, client: str) -> None:
    """Raise `RateLimitExceeded` if a client may send no more requests of a scope. Nothing is counted."""
    status = count(scope, client, peek=True)
    if not status.is_allowed:
        raise RateLimitExceeded(describe_wait(status.reset_in_seconds), status.reset_in_seconds)
