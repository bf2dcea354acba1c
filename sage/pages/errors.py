"""Show errors as pages, or as JSON below `/v2/`."""

import sys
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from sage.errors import ApplicationError, BadRequest, Forbidden, NotFound, ServiceUnavailable
from sage.outages import find_outage

API_PREFIX = "/v2/"


def handle_application_errors(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware that turns an `ApplicationError` raised in a view into an error page."""

    class ErrorPageMiddleware:
        async_capable = sync_capable = True

        def __init__(self) -> None:
            if iscoroutinefunction(get_response):
                markcoroutinefunction(self)

        def __call__(self, request: HttpRequest) -> Any:
            return get_response(request)

        def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
            if isinstance(error, ApplicationError):
                return render_error(request, error)
            outage = find_outage(error)
            return render_outage(request, outage) if outage else None

    return ErrorPageMiddleware()


handle_application_errors.async_capable = True  # type: ignore[attr-defined]
handle_application_errors.sync_capable = True  # type: ignore[attr-defined]


def render_error(request: HttpRequest, error: ApplicationError) -> HttpResponse:
    """Return the error as JSON for the API, as a page for everything else."""
    return _respond(request, request, error, {})


def render_outage(request: HttpRequest, error: ServiceUnavailable) -> HttpResponse:
    """Return the error without any query. `sage.outages` has logged it."""
    response = _respond(request, None, error, {"theme": "dark"})
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _respond(
    request: HttpRequest, rendered_for: HttpRequest | None, error: ApplicationError, context: dict[str, str]
) -> HttpResponse:
    if request.path.startswith(API_PREFIX):
        return JsonResponse(error.as_dict(), status=error.status, headers=error.headers)
    response = render(rendered_for, "error.html", {"error": error, **context}, status=error.status)
    for name, value in error.headers.items():
        response.headers[name] = value
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if outage := find_outage(exception):
        return render_outage(request, outage)
    return render_error(request, BadRequest("Sage could not understand this request. Go back and try again."))


def permission_denied(request: HttpRequest, exception: PermissionDenied | None = None) -> HttpResponse:
    return render_error(request, Forbidden("You do not have permission to do this."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = "This form was open for too long. Nothing was changed. Reload the page and try again."
    return render_error(request, Forbidden(message))


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    message = "Nothing was found at this address. It may have been deleted, or you may not have access to it."
    return render_error(request, NotFound(message))


def server_error(request: HttpRequest) -> HttpResponse:
    """Return an error without any detail of the fault. The page needs neither the database nor the request.

    Django calls it while it handles the exception, also for an exception of a middleware.
    """
    if outage := find_outage(sys.exception()):
        return render_outage(request, outage)
    error = ApplicationError("Something went wrong on our side, and the error was logged. Try again in a moment.")
    return _respond(request, None, error, {"theme": "dark"})
