"""The one shape of an error: `{"error": {"code", "message", "details"}}` in the API, a calm page elsewhere.

Rooms raise a `Problem`; the doors (API, pages, sockets) show it. A `Problem`'s message is for the user: what happened,
what was kept, what to do.
"""

import logging
import math
from collections.abc import Callable, Mapping
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from sage.limits.rates import too_often
from sage.storage.base import StorageAway

NON_FIELD_ERRORS_KEY = api_settings.NON_FIELD_ERRORS_KEY
log = logging.getLogger(__name__)
MORE_TOKENS = "Ask for more under Plan and usage, or wait for the next month."


class Problem(Exception):
    """An error to be shown to whoever asked."""

    status = 400
    code = "BAD_REQUEST"
    headers: Mapping[str, str] = {}

    def __init__(self, message: str, details: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = {} if details is None else details

    def as_dict(self) -> dict[str, Any]:
        return error_body(self.code, self.message, self.details)


class Invalid(Problem):
    status, code = 422, "VALIDATION_ERROR"

    @classmethod
    def field(cls, field: str, message: str, rule: str) -> "Invalid":
        return cls(message, [{"field": field, "message": message, "type": rule}])


class InsufficientTokens(Problem):
    """`required` tokens are needed where `available` are left."""

    status, code = 402, "INSUFFICIENT_TOKENS"

    def __init__(self, required: int, available: int, then: str = MORE_TOKENS) -> None:
        self.required, self.available = required, available
        missing = f"{required - available:,} {'is' if required - available == 1 else 'are'} missing"
        said = (
            f"This needs {required:,} {'token' if required == 1 else 'tokens'}, and you have {available:,}: {missing}."
        )
        super().__init__(f"{said} {then}", {"required": required, "available": available})

    def saying(self, then: str) -> "InsufficientTokens":
        """The same, with another word of what was kept and what to do."""
        return InsufficientTokens(self.required, self.available, then)


class Unauthorized(Problem):
    status, code = 401, "UNAUTHORIZED"
    headers = {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    status, code = 403, "FORBIDDEN"


class NotFound(Problem):
    status, code = 404, "NOT_FOUND"


class MethodNotAllowed(Problem):
    status, code = 405, "METHOD_NOT_ALLOWED"


class Conflict(Problem):
    status, code = 409, "CONFLICT"


class Gone(Problem):
    status, code = 410, "GONE"


class TooLarge(Problem):
    status, code = 413, "PAYLOAD_TOO_LARGE"


class UnsupportedMedia(Problem):
    status, code = 415, "UNSUPPORTED_MEDIA_TYPE"


class RateLimited(Problem):
    """Too many of these; it may go better in so many seconds."""

    status, code = 429, "RATE_LIMIT_EXCEEDED"

    def __init__(self, message: str, reset_in_seconds: int) -> None:
        super().__init__(message, {"reset_in_seconds": reset_in_seconds})
        self.headers = {"Retry-After": str(reset_in_seconds)}


class ProviderError(Problem):
    status, code = 502, "PROVIDER_ERROR"


class Unavailable(Problem):
    status, code = 503, "SERVICE_UNAVAILABLE"


PROBLEMS: list[type[Problem]] = [Problem, *Problem.__subclasses__()]
CODES = {
    **{each.status: each.code for each in PROBLEMS},
    416: "RANGE_NOT_SATISFIABLE",
    500: "INTERNAL_ERROR",
}


def error_body(code: str, message: str, details: Any = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "details": {} if details is None else details}}


def handle_api_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error of the API in the one shape."""
    if isinstance(error, StorageAway):
        error = Unavailable(str(error))
    if isinstance(error, exceptions.Throttled):
        seconds = math.ceil(getattr(error, "wait", None) or 1)
        error = RateLimited(too_often(seconds), seconds)
    if isinstance(error, Problem):
        return Response(error.as_dict(), status=error.status, headers=dict(error.headers))
    if isinstance(error, exceptions.ValidationError):
        details = list(_field_errors(error.get_full_details()))
        message = details[0]["message"] if details else "The request is not valid."
        return Response(error_body("VALIDATION_ERROR", message, details), status=422)
    if isinstance(error, exceptions.NotAuthenticated):
        said = str(error.detail) if error.detail != exceptions.NotAuthenticated.default_detail else "Sign in first."
        return Response(error_body("UNAUTHORIZED", said), status=401, headers={"WWW-Authenticate": "Bearer"})
    if isinstance(error, RecursionError):
        return Response(error_body("BAD_REQUEST", "This JSON is nested too deeply."), status=400)
    if isinstance(error, Http404):
        nothing = "There is nothing here. It may have been deleted, or it is not yours."
        return Response(error_body("NOT_FOUND", nothing), status=404)
    response = exception_handler(error, context)
    if response is None:
        return None
    code = CODES.get(response.status_code, "BAD_REQUEST")
    message = str(getattr(error, "detail", "The request was refused."))
    response.data = error_body(code, message)
    return response


RULES = {
    "required": "missing",
    "null": "missing",
    "blank": "too_short",
    "min_length": "too_short",
    "max_length": "too_long",
    "min_value": "out_of_range",
    "max_value": "out_of_range",
}
NO_OBJECT = "The body of this request is a JSON object, such as {}."
PLAIN = {  # instead of what REST framework says by itself, which leaves out what it is about
    "This field is required.": "“{field}” is missing.",
    "This field may not be null.": "“{field}” is missing.",
    "This field may not be blank.": "“{field}” is empty.",
    "Not a valid string.": "“{field}” is a text.",
}


def _field_errors(details: Any, field: str = "") -> Any:
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        said = str(details["message"])
        message = NO_OBJECT if field == NON_FIELD_ERRORS_KEY else PLAIN.get(said, said).replace("{field}", field)
        yield {"field": field, "message": message, "type": RULES.get(details["code"], details["code"])}
    elif isinstance(details, dict):
        for name, inner in details.items():
            yield from _field_errors(inner, name if not field else f"{field}.{name}")
    elif isinstance(details, list):
        for inner in details:
            yield from _field_errors(inner, field)


def problems_as_pages(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware: a `Problem` raised in a page's view becomes a page that says it."""

    class ShowProblems:
        async_capable = sync_capable = True

        def __init__(self) -> None:
            if iscoroutinefunction(get_response):
                markcoroutinefunction(self)

        def __call__(self, request: HttpRequest) -> Any:
            return get_response(request)

        def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
            if isinstance(error, StorageAway):
                error = Unavailable(str(error))
            return show(request, error) if isinstance(error, Problem) else None

    return ShowProblems()


problems_as_pages.async_capable = problems_as_pages.sync_capable = True  # type: ignore[attr-defined]


def show(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem as JSON where a script asks, else as a page."""
    if request.path.startswith("/v2/"):
        return JsonResponse(problem.as_dict(), status=problem.status, headers=problem.headers)
    shown = render(request, "error.html", {"problem": problem}, status=problem.status)
    for name, value in problem.headers.items():
        shown.headers[name] = value
    return shown


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return show(request, NotFound("There is nothing at this address. It may have been deleted, or it is not yours."))


def permission_denied(request: HttpRequest, exception: PermissionDenied | None = None) -> HttpResponse:
    return show(request, Forbidden("You may not do that."))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return show(request, Problem("The browser sent something that Sage does not understand. Go back and try again."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return show(
        request, Forbidden("This form was open for too long. Nothing was changed; reload the page, then try again.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """No detail of the fault leaves the server; the page needs no database and no template context."""
    message = (
        "Something went wrong on our side, and it was written to the log. Nothing was lost; try again in a moment."
    )
    if request.path.startswith("/v2/"):
        return JsonResponse(error_body("INTERNAL_ERROR", message), status=500)
    problem = Problem(message)
    problem.status = 500
    return render(None, "error.html", {"problem": problem, "theme": "dark"}, status=500)
