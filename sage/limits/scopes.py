"""Define rate-limit scopes. Apps declare theirs in `limits.py` and register them when they start."""

import dataclasses

from django.conf import settings
from django.http import HttpRequest

from sage.limits.rates import Rate
from sage.limits.routes import RoutePattern


@dataclasses.dataclass(frozen=True)
class RateLimitScope:
    """A group of routes whose requests are counted together, per client.

    `default_rate` applies unless the environment sets `LIMIT_` and the name in capitals. With `by_address`, users are
    counted by their IP address too. The first registered scope with a matching route counts a request.
    """

    name: str
    default_rate: str
    routes: tuple[RoutePattern, ...] = ()
    by_address: bool = False

    @property
    def rate(self) -> Rate:
        return settings.LIMITS.get(self.name) or Rate.parse(self.default_rate)

    def matches(self, method: str, path: str) -> bool:
        return any(route.matches(method, path) for route in self.routes)


API = RateLimitScope("api", "60/m", (RoutePattern(r"/v2/.*"),))
PAGES = RateLimitScope("pages", "60/m")
PARTIALS = RateLimitScope("partials", "6000/m")  # requests by scripts of pages; a library has hundreds of cards
STATIC = RateLimitScope("static", "12000/m", (RoutePattern(r"/static/.*"),), by_address=True)
STILLS = RateLimitScope(  # stills, sprite sheets, tracks, waveforms and frame times; scrubbing loads many
    "stills", "12000/m", (RoutePattern(r".*\.[a-z0-9]{2,4}", ("GET", "HEAD")),)
)
REFUSED = RateLimitScope("refused", "60/m", by_address=True)  # requests without valid credentials
NOT_LIMITED = (RoutePattern(r"/health"),)

_registered: list[RateLimitScope] = []
_general = (STATIC, API, STILLS, PAGES, PARTIALS, REFUSED)


def register(*scopes: RateLimitScope) -> None:
    """Add the scopes of an app. Raises ValueError if another scope has the name."""
    for scope in scopes:
        if scope in _registered:
            continue
        if scope.name in {other.name for other in all_scopes()}:
            raise ValueError(f"There are two rate-limit scopes named {scope.name}.")
        _registered.append(scope)


def all_scopes() -> list[RateLimitScope]:
    """Return the scopes of all apps in the order in which they are matched, then the general ones."""
    return [*_registered, *_general]


def find_scope(request: HttpRequest) -> RateLimitScope | None:
    """Return the scope that counts a request, or None if it is not limited."""
    method, path = request.method or "", request.path_info
    if any(route.matches(method, path) for route in NOT_LIMITED):
        return None
    for scope in all_scopes():
        if scope.matches(method, path):
            return scope
    is_by_script = "HX-Request" in request.headers or request.headers.get("Sec-Fetch-Dest") == "empty"
    return PARTIALS if is_by_script else PAGES
