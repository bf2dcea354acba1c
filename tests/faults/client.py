"""A signed-in HTTP client of a running site."""

import json
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

CSRF = "a" * 32  # any 32 letters, the same in cookie and header


@dataclass
class ApiResponse:
    status: int
    body: Any
    headers: dict[str, str]


class ApiClient:
    def __init__(self, address: str, session: str = "") -> None:
        self.address, self.session = address, session

    def call(
        self,
        method: str,
        path: str,
        body: bytes | dict[str, Any] | None = None,
        content_type: str = "",
        timeout: float = 60,
    ) -> ApiResponse:
        """Send one request. `path` may be an absolute URL. Raises OSError if the server does not answer."""
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
        if isinstance(body, dict):
            body, content_type = json.dumps(body).encode(), "application/json"
        if content_type:
            headers["Content-Type"] = content_type
        address = path if path.startswith("http") else self.address + path
        request = urllib.request.Request(address, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return _read(response.status, response)
        except urllib.error.HTTPError as error:
            return _read(error.code, error)

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status == 200, answer
        return answer.body

    def is_healthy(self) -> bool:
        try:
            return self.call("GET", "/health", timeout=3).status == 200
        except OSError:
            return False

    def post_video(self, name: str, data: bytes) -> ApiResponse:
        """Upload a file in one request."""
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        body = f"{head}Content-Type: video/mp4\r\n\r\n".encode() + data + f"\r\n--{boundary}--\r\n".encode()
        return self.call("POST", "/v2/videos", body, f"multipart/form-data; boundary={boundary}")

    def upload(self, name: str, data: bytes) -> str:
        """Upload a file in one request and return the id of its video."""
        answer = self.post_video(name, data)
        assert answer.status == 201, answer
        return str(answer.body["video_id"])

    def compare(self, a: str, b: str) -> str:
        answer = self.call("POST", "/v2/comparisons", {"video_a": a, "video_b": b})
        assert answer.status == 202, answer
        return str(answer.body["id"])


def _read(status: int, answer: Any) -> ApiResponse:
    raw = answer.read()
    try:
        body = json.loads(raw) if raw else None
    except ValueError:
        body = raw
    return ApiResponse(status, body, {name.lower(): value for name, value in answer.headers.items()})
