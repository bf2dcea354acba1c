"""Send requests to YouTube directly, or through the gateway of the setting YOUTUBE_GATEWAY.

A gateway gets the host as the first part of the path: `https://www.youtube.com/watch` becomes
`{gateway}/www.youtube.com/watch`. An operator can run one on a machine that YouTube does not block, and the tests put
their double there. Both libraries let their requests be rewritten at one place (an adapter of requests, `urlopen` of
yt-dlp), which needs no certificate, unlike a proxy for HTTPS.
"""

import time
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

CONNECT_SECONDS, READ_SECONDS = 10, 20
MAX_SECONDS = 60.0  # for one response
MAX_RESPONSE_BYTES = 32 * 1024**2
CHUNK_BYTES = 64 * 1024


class ResponseTooLarge(requests.RequestException):
    """The response is larger or slower than any that is expected."""


def rewrite_url(url: str, gateway: str) -> str:
    """Return the address of a request at the gateway. Without a gateway, and at the gateway, it is unchanged."""
    parts = urlsplit(url)
    if not gateway or url.startswith(f"{gateway}/") or parts.scheme not in ("http", "https"):
        return url
    query = f"?{parts.query}" if parts.query else ""
    return f"{gateway}/{parts.netloc}{parts.path}{query}"


class GatewayAdapter(HTTPAdapter):
    """Rewrite the address of each request, and limit the time and the size of its response."""

    def __init__(self, gateway: str) -> None:
        super().__init__()
        self._gateway = gateway

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        """Send a request and read its whole response. Raises `ResponseTooLarge`."""
        request.url = rewrite_url(request.url or "", self._gateway)
        deadline = time.monotonic() + MAX_SECONDS
        options |= {"stream": True, "timeout": (CONNECT_SECONDS, READ_SECONDS)}
        response = super().send(request, *arguments, **options)
        body = bytearray()
        for piece in response.iter_content(CHUNK_BYTES):
            body += piece
            if len(body) > MAX_RESPONSE_BYTES or time.monotonic() > deadline:
                response.close()
                raise ResponseTooLarge("The response of YouTube is too large or too slow.")
        response._content = bytes(body)
        return response


def open_session(gateway: str) -> requests.Session:
    """Return a session for requests to YouTube."""
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, GatewayAdapter(gateway))
    return session
