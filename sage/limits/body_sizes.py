"""Limit the size of request bodies. Apps declare the routes that accept more than the default."""

import dataclasses

from sage.limits.routes import RoutePattern

MB = 1024 * 1024
DEFAULT_BODY_BYTES = 2 * MB
FORM_OVERHEAD_BYTES = 1 * MB  # the multipart headers around a file


@dataclasses.dataclass(frozen=True)
class BodyLimit:
    """The maximum size in bytes of the bodies that a route accepts."""

    route: RoutePattern
    max_bytes: int


_registered: list[BodyLimit] = []


def register(*limits: BodyLimit) -> None:
    """Add the body limits of an app."""
    _registered.extend(limit for limit in limits if limit not in _registered)


def max_body_bytes(method: str, path: str) -> int:
    """Return the maximum body size of a request. `path` has no query string."""
    return next((limit.max_bytes for limit in _registered if limit.route.matches(method, path)), DEFAULT_BODY_BYTES)
