"""Count a request against the rate limit of its scope."""

from typing import Any

from django.http import HttpRequest

from sage.limits.client_ip import get_client_network, get_socket_network
from sage.limits.counters import counters
from sage.limits.rates import RateLimitStatus
from sage.limits.scopes import STATIC, RateLimitScope, find_scope


def count_request(request: HttpRequest, user_id: Any) -> RateLimitStatus | None:
    """Count a request of a user, or of an address if `user_id` is None. Return None if it is not limited here."""
    scope = find_scope(request)
    if scope is None or scope is STATIC:  # static files are counted by their own middleware
        return None
    return count(scope, f"user:{user_id}" if user_id and not scope.by_address else identify_client(request))


def count(scope: RateLimitScope, client: str, *, peek: bool = False) -> RateLimitStatus:
    """Count one request of a client in a scope. With `peek` only look whether it would be allowed."""
    return counters.count(f"{scope.name}:{client}", scope.rate, peek=peek)


def identify_client(request: HttpRequest) -> str:
    return f"from:{get_client_network(request)}"


def identify_socket_client(scope: dict[str, Any]) -> str:
    return f"from:{get_socket_network(scope)}"
