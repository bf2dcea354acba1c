"""Somebody at a site's API: signed in, speaking HTTP, knowing nothing of what is behind it."""

import json
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

CSRF = "torture" * 4 + "0000"  # any 32 letters, the same in cookie and header


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


class Visitor:
    def __init__(self, address: str, session: str = "") -> None:
        self.address, self.session = address, session

    def call(
        self, method: str, path: str, body: bytes | dict[str, Any] | None = None, kind: str = "", timeout: float = 30
    ) -> Answer:
        """One request; `path` may be a whole address. Raises OSError where nobody answers."""
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
        if isinstance(body, dict):
            body, kind = json.dumps(body).encode(), "application/json"
        if kind:
            headers["Content-Type"] = kind
        address = path if path.startswith("http") else self.address + path
        request = urllib.request.Request(address, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return _read(answer.status, answer)
        except urllib.error.HTTPError as error:
            return _read(error.code, error)

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status == 200, answer
        return answer.body

    def answers_health(self) -> bool:
        try:
            return self.call("GET", "/health", timeout=3).status == 200
        except OSError:
            return False

    def send_whole(self, name: str, data: bytes) -> Answer:
        """A file in one request."""
        border = uuid.uuid4().hex
        head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        body = f"{head}Content-Type: video/mp4\r\n\r\n".encode() + data + f"\r\n--{border}--\r\n".encode()
        return self.call("POST", "/v2/videos", body, f"multipart/form-data; boundary={border}")

    def upload(self, name: str, data: bytes) -> str:
        """The id of the video that a file became."""
        answer = self.send_whole(name, data)
        assert answer.status == 201, answer
        return str(answer.body["video_id"])

    def compare(self, a: str, b: str) -> str:
        answer = self.call("POST", "/v2/comparisons", {"video_a": a, "video_b": b})
        assert answer.status == 202, answer
        return str(answer.body["id"])


def _read(status: int, answer: Any) -> Answer:
    raw = answer.read()
    try:
        body = json.loads(raw) if raw else None
    except ValueError:
        body = raw
    return Answer(status, body, {name.lower(): value for name, value in answer.headers.items()})
