"""How the API keeps limits: REST framework asks here once it is known who asks, and before anything is done."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from sage.limits.asking import counted


class Throttle(BaseThrottle):
    """For each call whose permissions let it pass."""

    seconds: float | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        known = request.user.pk if request.user and request.user.is_authenticated else None
        verdict = counted(request._request, known)
        if verdict is None:
            return True
        setattr(request._request, "verdict", verdict)  # noqa: B010 - its headers go on the answer
        self.seconds = verdict.reset_in_seconds
        return verdict.is_allowed

    def wait(self) -> float | None:
        return self.seconds
