"""Find the IP address of a client, behind trusted proxies too."""

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest

IPV6_PREFIX_BITS = 64  # one client usually controls all addresses of a /64 network


def get_client_network(request: HttpRequest) -> str:
    """Return the IPv4 address or the IPv6 /64 network of a client, or `unknown`."""
    return _network_of(get_client_address(request))


def get_client_address(request: HttpRequest) -> str:
    """Return the address of a client as the server or a trusted proxy reported it. It may not be a valid address."""
    return _select_address(str(request.META.get("REMOTE_ADDR", "")), request.headers.get("X-Forwarded-For", ""))


def get_socket_network(scope: dict[str, Any]) -> str:
    """Return the IPv4 address or the IPv6 /64 network of the client of a WebSocket."""
    forwarded = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"]
    return _network_of(_select_address(str((scope.get("client") or [""])[0]), ",".join(forwarded)))


def _select_address(peer: str, forwarded_for: str) -> str:
    """Return the address that the outermost trusted proxy saw, or the peer's.

    Each proxy appends the address that it saw to `X-Forwarded-For`, so the address is `TRUSTED_PROXIES` entries from
    the end. The entries before it can be forged.
    """
    if settings.BEHIND_PROXY:
        entries = [entry.strip() for entry in forwarded_for.split(",")]
        if len(entries) >= settings.TRUSTED_PROXIES:
            return entries[-settings.TRUSTED_PROXIES]
    return peer


def _network_of(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, IPV6_PREFIX_BITS), strict=False))
    return str(address)
