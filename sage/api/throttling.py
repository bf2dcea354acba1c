"""Apply rate limits to API requests after authentication and permission checks."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from sage.limits.check import count_request


class ScopeThrottle(BaseThrottle):
    """Count requests by the rate-limit scope of their route."""

    wait_seconds: float | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        user_id = request.user.pk if request.user and request.user.is_authenticated else None
        status = count_request(request._request, user_id)
        if status is None:
            return True
        setattr(request._request, "rate_limit_status", status)  # noqa: B010 - the middleware adds its headers
        self.wait_seconds = status.reset_in_seconds
        return status.is_allowed

    def wait(self) -> float | None:
        return self.wait_seconds
