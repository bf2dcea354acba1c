"""A double of TwelveLabs. It speaks the wire format of the API v1.3 over loopback, and keeps assets and tasks."""

import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.vendors import GOOD, TASKS

CHUNK_BYTES = 4096  # small, so that a test clip has several chunks
DIMENSIONS = 512


@dataclass
class Scripted:
    """A response that replaces the usual one. `wait` is set by the test that lets a response go."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    wait: threading.Event | None = None


def axis(number: int) -> list[float]:
    """Return the vector along one axis."""
    return [1.0 if index == number else 0.0 for index in range(DIMENSIONS)]


class TwelveLabsServer(ThreadingHTTPServer):
    """TwelveLabs with one account, whose key is valid.

    `scripts` has responses by the name of a route; the last one of a list is repeated. `clip_vector` returns the vector
    of a clip by its number, `text_vector` that of a text. A task is ready after `polls` questions.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), TwelveLabsHandler)
        self.scripts: dict[str, list[Scripted]] = {}
        self.key = GOOD["twelvelabs"]
        self.polls = 1
        self.clip_count = 1
        self.clip_vector: Callable[[int], list[float]] = axis
        self.text_vector: Callable[[str], list[float]] = lambda text: axis(0)
        self.assets: dict[str, bytes] = {}  # the bytes of each file
        self.tasks: list[dict[str, Any]] = []  # the requests that created them
        self.requests: list[str] = []  # the name of the route of each
        self.texts: list[str] = []
        self.polled: dict[str, int] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Write nothing about clients that leave."""

    def count(self, name: str) -> int:
        """Return how often a route was asked."""
        return self.requests.count(name)


ROUTES = [
    ("check key", "GET", r"/v1\.3/embed/tasks"),
    ("create asset", "POST", r"/v1\.3/assets/multipart-uploads"),
    ("list addresses", "POST", r"/v1\.3/assets/multipart-uploads/([\w-]+)/presigned-urls"),
    ("report chunk", "POST", r"/v1\.3/assets/multipart-uploads/([\w-]+)"),
    ("send chunk", "PUT", r"/upload/([\w-]+)/(\d+)"),
    ("read asset", "GET", r"/v1\.3/assets/([\w-]+)"),
    ("delete asset", "DELETE", r"/v1\.3/assets/([\w-]+)"),
    ("create task", "POST", r"/v1\.3/embed-v2/tasks"),
    ("read task", "GET", r"/v1\.3/embed-v2/tasks/([\w-]+)"),
    ("embed text", "POST", r"/v1\.3/embed-v2"),
]


class TwelveLabsHandler(BaseHTTPRequestHandler):
    server: TwelveLabsServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.partition("?")[0]
        for name, method, pattern in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == self.command:
                with suppress(OSError):
                    self._respond(name, found.groups(), body)
                return
        self._send(404, {"code": "not_found", "message": "no such route"})

    def do_POST(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def _respond(self, name: str, groups: tuple[str, ...], body: bytes) -> None:
        self.server.requests.append(name)
        if name != "send chunk" and self.headers["x-api-key"] != self.server.key:
            self._send(401, {"code": "api_key_invalid", "message": "API key is invalid."})
            return
        scripts = self.server.scripts.get(name)
        if scripts:
            script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
            if script.wait:
                script.wait.wait(20)
            self._send(script.status, script.body, script.headers)
            return
        getattr(self, "_" + name.replace(" ", "_"))(*groups, body)

    def _check_key(self, body: bytes) -> None:
        self._send(200, TASKS)

    def _create_asset(self, body: bytes) -> None:
        size = json.loads(body)["total_size"]
        number = len(self.server.assets) + 1
        asset_id, upload_id = f"asset-{number}", f"upload-{number}"
        self.server.assets[asset_id] = b""
        count = -(-size // CHUNK_BYTES)
        self._send(
            200,
            {
                "upload_id": upload_id,
                "asset_id": asset_id,
                "chunk_size": CHUNK_BYTES,
                "total_chunks": count,
                "upload_urls": self._addresses(upload_id, 1, 2),  # the rest must be asked for
                "upload_headers": {"x-signed": "yes"},
                "expires_at": "2030-01-01T00:00:00Z",
            },
        )

    def _addresses(self, upload_id: str, start: int, count: int) -> list[dict[str, Any]]:
        return [
            {"chunk_index": index, "url": f"{self.server.address}/upload/{upload_id}/{index}"}
            for index in range(start, start + count)
        ]

    def _list_addresses(self, upload_id: str, body: bytes) -> None:
        asked = json.loads(body)
        urls = self._addresses(upload_id, asked["start"], asked["count"])
        self._send(200, {"upload_id": upload_id, "upload_urls": urls})

    def _send_chunk(self, upload_id: str, number: str, body: bytes) -> None:
        if "x-api-key" in self.headers or self.headers["x-signed"] != "yes" or "Content-Length" not in self.headers:
            self._send(403, {})
            return
        self.server.assets[upload_id.replace("upload", "asset")] += body
        self._send(200, {}, {"ETag": f'"etag-{number}"'})

    def _report_chunk(self, upload_id: str, body: bytes) -> None:
        [chunk] = json.loads(body)["completed_chunks"]
        is_right = chunk["proof"] == f"etag-{chunk['chunk_index']}" and chunk["proof_type"] == "etag"
        self._send(200 if is_right else 400, {"processed_chunks": 1, "duplicate_chunks": 0})

    def _read_asset(self, asset_id: str, body: bytes) -> None:
        known = asset_id in self.server.assets
        self._send(200 if known else 404, {"_id": asset_id, "method": "multipart", "status": "ready"})

    def _delete_asset(self, asset_id: str, body: bytes) -> None:
        known = self.server.assets.pop(asset_id, None) is not None
        self._send(204 if known else 404, None if known else {})

    def _create_task(self, body: bytes) -> None:
        self.server.tasks.append(json.loads(body))
        self._send(202, {"_id": f"task-{len(self.server.tasks)}", "status": "processing", "data": None})

    def _read_task(self, task_id: str, body: bytes) -> None:
        number = int(task_id.removeprefix("task-"))
        if number > len(self.server.tasks):
            self._send(404, {"code": "not_found", "message": "no such task"})
            return
        polled = self.server.polled[task_id] = self.server.polled.get(task_id, 0) + 1
        shared = {"_id": task_id, "created_at": "2030-01-01T00:00:00Z", "updated_at": "2030-01-01T00:00:00Z"}
        if polled < self.server.polls:
            self._send(200, {**shared, "status": "processing", "data": None})
            return
        data = [
            {
                "embedding": self.server.clip_vector(clip),
                "embedding_option": "visual",
                "embedding_scope": "clip",
                "start_sec": 2.0 * clip,
                "end_sec": 2.0 * clip + 2,
            }
            for clip in reversed(range(self.server.clip_count))  # in no order that a client may rely on
        ]
        whole = {"embedding": axis(500), "embedding_option": "visual", "embedding_scope": "asset"}
        self._send(200, {**shared, "status": "ready", "data": [{**whole, "start_sec": 0, "end_sec": 2}, *data]})

    def _embed_text(self, body: bytes) -> None:
        asked = json.loads(body)
        text = asked["text"]["input_text"] if asked["input_type"] == "text" else asked["multi_input"]["input_text"]
        self.server.texts.append(text)
        vector = self.server.text_vector(text)
        self._send(200, {"data": [{"embedding": vector, "embedding_option": None, "embedding_scope": None}]})

    def _send(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        """Write no log."""


@contextmanager
def twelvelabs_server() -> Iterator[TwelveLabsServer]:
    server = TwelveLabsServer()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server
    for script in itertools.chain.from_iterable(server.scripts.values()):
        if script.wait:
            script.wait.set()
    server.shutdown()
    server.server_close()
