"""Define the errors that the API, pages, sockets and commands show to users.

Every error has an HTTP status, a stable code, and a message that says what happened, what was kept and what to do.
The API handler is in `sage.api.errors`, the page handlers are in `sage.pages.errors`.
"""

from collections.abc import Mapping
from typing import Any

REQUEST_TOKENS = "Request a larger plan under Plan and usage, or wait for next month's tokens."


class ApplicationError(Exception):
    """Base class of errors whose message is shown to the user."""

    status = 500
    code = "INTERNAL_ERROR"
    headers: Mapping[str, str] = {}

    def __init__(self, message: str, details: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = {} if details is None else details

    def as_dict(self) -> dict[str, Any]:
        return error_body(self.code, self.message, self.details)


class BadRequest(ApplicationError):
    status, code = 400, "BAD_REQUEST"


class Unauthorized(ApplicationError):
    status, code = 401, "UNAUTHORIZED"
    headers = {"WWW-Authenticate": "Bearer"}


class InsufficientTokens(ApplicationError):
    """The operation needs `required` tokens and the balance has `available`."""

    status, code = 402, "INSUFFICIENT_TOKENS"

    def __init__(self, required: int, available: int, advice: str = REQUEST_TOKENS) -> None:
        self.required, self.available = required, available
        missing = f"{required - available:,} {'is' if required - available == 1 else 'are'} missing"
        need = f"This needs {required:,} {'token' if required == 1 else 'tokens'}"
        super().__init__(
            f"{need}, and you have {available:,}: {missing}. {advice}",
            {"required": required, "available": available},
        )

    def with_advice(self, advice: str) -> "InsufficientTokens":
        """Return the same error with another last sentence: what was kept and what to do."""
        return InsufficientTokens(self.required, self.available, advice)


class Forbidden(ApplicationError):
    status, code = 403, "FORBIDDEN"


class NotFound(ApplicationError):
    status, code = 404, "NOT_FOUND"


class MethodNotAllowed(ApplicationError):
    status, code = 405, "METHOD_NOT_ALLOWED"


class Conflict(ApplicationError):
    status, code = 409, "CONFLICT"


class Gone(ApplicationError):
    status, code = 410, "GONE"


class PayloadTooLarge(ApplicationError):
    status, code = 413, "PAYLOAD_TOO_LARGE"


class UnsupportedMediaType(ApplicationError):
    status, code = 415, "UNSUPPORTED_MEDIA_TYPE"


class InvalidInput(ApplicationError):
    """One or more values are invalid; `details` lists the fields."""

    status, code = 422, "VALIDATION_ERROR"

    @classmethod
    def field(cls, field: str, message: str, rule: str) -> "InvalidInput":
        """Return the error for one field that breaks one rule."""
        return cls(message, [{"field": field, "message": message, "type": rule}])


class RateLimitExceeded(ApplicationError):
    """A rate limit is used up for `reset_in_seconds` more seconds."""

    status, code = 429, "RATE_LIMIT_EXCEEDED"

    def __init__(self, message: str, reset_in_seconds: int) -> None:
        super().__init__(message, {"reset_in_seconds": reset_in_seconds})
        self.headers = {"Retry-After": str(reset_in_seconds)}


class ProviderError(ApplicationError):
    status, code = 502, "PROVIDER_ERROR"


class ServiceUnavailable(ApplicationError):
    """The request may succeed later, after `retry_after_seconds` if the site can tell."""

    status, code = 503, "SERVICE_UNAVAILABLE"

    def __init__(self, message: str, details: Any = None, retry_after_seconds: int | None = None) -> None:
        super().__init__(message, details)
        if retry_after_seconds is not None:
            self.headers = {"Retry-After": str(retry_after_seconds)}


# In the order in which the API schema lists the codes.
CODES = {
    **{error.status: error.code for error in ApplicationError.__subclasses__()},
    416: "RANGE_NOT_SATISFIABLE",
    500: ApplicationError.code,
}


def error_body(code: str, message: str, details: Any = None) -> dict[str, Any]:
    """Return the body that every error of the API has."""
    return {"error": {"code": code, "message": message, "details": {} if details is None else details}}
