"""Doubles of the AI providers. They speak the wire formats over loopback and accept one key each."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GOOD = {
    "twelvelabs": "tlk_0123456789ABCDEFGHIJ_good",
    "gemini": "AIzaSy0123456789-abcdefghij_good",
    "openai": "sk-proj-0123456789abcdefghij-good",
}
BAD = {name: key.replace("good", "evil") for name, key in GOOD.items()}
TASKS = {"data": [], "page_info": {"limit_per_page": 1, "page": 1, "total_page": 1, "total_results": 0}}
MODEL = {"name": "models/gemini-3.5-flash", "version": "3.5", "displayName": "Gemini 3.5 Flash"}
GEMINI_REFUSAL = {
    "code": 400,
    "message": "API key not valid. Please pass a valid API key.",
    "status": "INVALID_ARGUMENT",
    "details": [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
        }
    ],
}


class VendorServer(ThreadingHTTPServer):
    """All three providers at one address.

    `forced_response` replaces every response: a status, or a body that is not in a provider's format.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), VendorHandler)
        self.forced_response: int | bytes | None = None
        self.requested_paths: list[str] = []

    @property
    def settings(self) -> dict[str, str]:
        """Return the settings that make Sage use this server."""
        address = f"http://127.0.0.1:{self.server_port}"
        return {
            "TWELVELABS_BASE_URL": f"{address}/v1.3",
            "GEMINI_BASE_URL": address,
            "OPENAI_BASE_URL": f"{address}/v1",
        }


class VendorHandler(BaseHTTPRequestHandler):
    server: VendorServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.requested_paths.append(path)
        forced = self.server.forced_response
        if isinstance(forced, bytes):
            self._send(200, forced)
        elif forced is not None:
            self._send(forced, b'{"error": {"message": "not now", "code": %d, "status": "X"}}' % forced)
        else:
            self._send(*self._answer(path))

    def _answer(self, path: str) -> tuple[int, Any]:
        if path == "/v1.3/embed/tasks":
            is_valid = self.headers["x-api-key"] == GOOD["twelvelabs"]
            return (200, TASKS) if is_valid else (401, {"code": "api_key_invalid", "message": "API key is invalid."})
        if path == "/v1beta/models":
            is_valid = self.headers["x-goog-api-key"] == GOOD["gemini"]
            return (200, {"models": [MODEL]}) if is_valid else (400, {"error": GEMINI_REFUSAL})
        if path == "/v1/models":
            is_valid = self.headers["Authorization"] == f"Bearer {GOOD['openai']}"
            refused = {
                "message": "Incorrect API key provided.",
                "type": "invalid_request_error",
                "code": "invalid_api_key",
            }
            return (200, {"object": "list", "data": []}) if is_valid else (401, {"error": refused})
        return 404, {}

    def _send(self, status: int, body: Any) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        """Write no log."""


@contextmanager
def vendors() -> Iterator[VendorServer]:
    server = VendorServer()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
