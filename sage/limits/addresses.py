"""Whence a request comes, or a socket."""

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest

NETWORK_BITS = 64  # of IPv6: whoever has one address has all of its network


def address_of(request: HttpRequest) -> str:
    """The visitor's address; of IPv6 the network."""
    return _network(whole_address_of(request))


def whole_address_of(request: HttpRequest) -> str:
    """As it was told, which may be anything."""
    return _outermost(str(request.META.get("REMOTE_ADDR", "")), request.headers.get("X-Forwarded-For", ""))


def address_of_socket(scope: dict[str, Any]) -> str:
    """The same of whoever opens a socket."""
    said = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"]
    return _network(_outermost(str((scope.get("client") or [""])[0]), ",".join(said)))


def _outermost(seen: str, forwarded_for: str) -> str:
    """`X-Forwarded-For` counts only behind proxies of ours: each appends whom it saw, so the one that the outermost of
    `TRUSTED_PROXIES` saw stands that many from the end; what stands before it anybody may have written."""
    if settings.BEHIND_PROXY:
        said = [one.strip() for one in forwarded_for.split(",")]
        if len(said) >= settings.TRUSTED_PROXIES:
            seen = said[-settings.TRUSTED_PROXIES]
    return seen


def _network(seen: str) -> str:
    try:
        address = ipaddress.ip_address(seen.strip("[]"))
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, NETWORK_BITS), strict=False))
    return str(address)
