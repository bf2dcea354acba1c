"""Compare the origin of a WebSocket with the origin of this site.

Browsers send the session cookie with every WebSocket to this host, also from pages of other ports and of plain HTTP.
Only the whole `Origin` header (scheme, host and port; RFC 6454, section 7) tells such pages from those of this site.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest


class _HandshakeRequest(HttpRequest):
    """The HTTP request that opened a WebSocket, with the host and scheme that Django finds for other requests."""

    def __init__(self, scope: dict[str, Any]) -> None:
        super().__init__()
        self._is_encrypted = scope.get("scheme") in ("wss", "https")
        server = scope.get("server") or ("localhost", 80)
        self.META = {"SERVER_NAME": str(server[0]), "SERVER_PORT": str(server[1])}
        for name, value in scope.get("headers", ()):
            self.META[f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"] = value.decode("latin-1")

    def _get_scheme(self) -> str:
        return "https" if self._is_encrypted else "http"


def is_own_origin(scope: dict[str, Any]) -> bool:
    """Return whether a page of this site opened the WebSocket. Browsers always send an origin."""
    origins = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"origin"]
    if len(origins) != 1:
        return False
    if origins[0] in settings.CSRF_TRUSTED_ORIGINS:
        return True
    request = _HandshakeRequest(scope)
    try:
        return origins[0] == f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        return False
