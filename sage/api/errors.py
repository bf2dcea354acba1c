"""Turn every exception of the API into one error body."""

import math
from collections.abc import Iterator
from typing import Any

from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler, set_rollback

from sage.errors import CODES, ApplicationError, RateLimitExceeded, error_body
from sage.limits.rates import describe_wait
from sage.outages import find_outage

NON_FIELD_ERRORS_KEY = api_settings.NON_FIELD_ERRORS_KEY
SIGN_IN_FIRST = "Sign in first."
NOT_FOUND = "Not found. It may have been deleted, or you may not have access to it."
NOT_A_LIST = "The body of this request must be a JSON list, such as []."
NOT_AN_OBJECT = "The body of this request must be a JSON object, such as {}."
RULES = {
    "required": "missing",
    "null": "missing",
    "blank": "too_short",
    "min_length": "too_short",
    "max_length": "too_long",
    "min_value": "out_of_range",
    "max_value": "out_of_range",
}
MESSAGES = {  # REST framework's own messages do not name the field
    "This field is required.": "“{field}” is missing.",
    "This field may not be null.": "“{field}” is missing.",
    "This field may not be blank.": "“{field}” is empty.",
    "Not a valid string.": "“{field}” must be a string.",
}


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the error response for an exception, or None for an unexpected one. REST framework calls this."""
    if isinstance(error, exceptions.Throttled):
        seconds = math.ceil(getattr(error, "wait", None) or 1)
        error = RateLimitExceeded(describe_wait(seconds), seconds)
    if isinstance(error, ApplicationError):
        return Response(error.as_dict(), status=error.status, headers=dict(error.headers))
    if isinstance(error, exceptions.ValidationError):
        details = list(_flatten_field_errors(error.get_full_details()))
        message = details[0]["message"] if details else "The request is not valid."
        return Response(error_body("VALIDATION_ERROR", message, details), status=422)
    if isinstance(error, exceptions.NotAuthenticated):
        is_default = error.detail == exceptions.NotAuthenticated.default_detail
        message = SIGN_IN_FIRST if is_default else str(error.detail)
        return Response(error_body("UNAUTHORIZED", message), status=401, headers={"WWW-Authenticate": "Bearer"})
    if isinstance(error, RecursionError):
        return Response(error_body("BAD_REQUEST", "This JSON is nested too deeply."), status=400)
    if isinstance(error, Http404):
        return Response(error_body("NOT_FOUND", NOT_FOUND), status=404)
    response = exception_handler(error, context)
    if response is None:
        return _respond_to_outage(error)
    code = CODES.get(response.status_code, "BAD_REQUEST")
    response.data = error_body(code, str(getattr(error, "detail", "The request was refused.")))
    return response


def _respond_to_outage(error: Exception) -> Response | None:
    outage = find_outage(error)
    if outage is None:
        return None
    set_rollback()
    response = Response(outage.as_dict(), status=outage.status, headers=dict(outage.headers))
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _flatten_field_errors(details: Any, field: str = "") -> Iterator[dict[str, str]]:
    """Yield one `{field, message, type}` for each error; names of nested fields are joined by dots."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        message = str(details["message"])
        if field == NON_FIELD_ERRORS_KEY:
            message = NOT_A_LIST if details["code"] == "not_a_list" else NOT_AN_OBJECT
        elif field.endswith(f".{NON_FIELD_ERRORS_KEY}"):
            field = field.removesuffix(f".{NON_FIELD_ERRORS_KEY}")
            message = "“{field}” must be a JSON object, such as {}."
        message = MESSAGES.get(message, message)
        rule = str(RULES.get(details["code"], details["code"]))
        yield {"field": field, "message": message.replace("{field}", field), "type": rule}
    elif isinstance(details, dict):
        for name, inner in details.items():
            yield from _flatten_field_errors(inner, f"{field}.{name}" if field else str(name))
    elif isinstance(details, list):
        for inner in details:
            yield from _flatten_field_errors(inner, field)
