"""Clients that read many streams at once. They store what arrives, and parse it after the measurement."""

import asyncio
import base64
import contextlib
import json
import os
import time
from dataclasses import dataclass, field

CONTENT = b'{"content": '
TEXT, PING, PONG = 1, 9, 10  # kinds of frames (RFC 6455, section 5.2)
DONE = b"data: [DONE]"
LARGE = 256 * 1024


@dataclass
class Received:
    """What one client has received: the parts with their times in seconds since the epoch."""

    key: str
    parts: list[tuple[float, bytes]] = field(default_factory=list)
    first_at: float = 0.0  # when the first content arrived
    is_complete: bool = False

    @property
    def message_id(self) -> str:
        """The ID of the answer, from the header of the response."""
        head = b"".join(part for _, part in self.parts).partition(b"\r\n\r\n")[0].decode().lower()
        return next(line.split(": ")[1] for line in head.splitlines() if line.startswith("x-message-id"))

    @property
    def body(self) -> bytes:
        return decode_chunked(b"".join(part for _, part in self.parts).partition(b"\r\n\r\n")[2])

    @property
    def content(self) -> str:
        return "".join(content for _, content in self.list_events())

    def list_events(self) -> list[tuple[int, str]]:
        """Return the number and the content of each event."""
        return parse_events(self.body)

    def count_letters(self, begin: float, end: float) -> int:
        """Return how many letters of content arrived between two times."""
        return sum(count_content(part) for at, part in self.parts if begin <= at < end)


def decode_chunked(data: bytes) -> bytes:
    """Return the body of a response with chunked encoding, which may be incomplete."""
    found, place = [], 0
    while (end := data.find(b"\r\n", place)) >= 0 and (size := int(data[place:end], 16)):
        found.append(data[end + 2 : end + 2 + size])
        place = end + 2 + size + 2
    return b"".join(found)


def parse_events(body: bytes) -> list[tuple[int, str]]:
    """Return the number and the content of each complete event. `[DONE]` is left out."""
    events = []
    for block in body.decode(errors="replace").split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields and fields["data"].startswith(CONTENT.decode()):
            events.append((int(fields["id"]), json.loads(fields["data"])["content"]))
    return events


def count_content(part: bytes) -> int:
    """Return the letters of content in a part of a response. Events that are cut count in part."""
    letters = 0
    for piece in part.split(CONTENT)[1:]:
        letters += max(0, len(piece.partition(b"}")[0]) - 2)
    return letters


async def read_stream(
    port: int,
    method: str,
    path: str,
    token: str,
    received: Received,
    body: object = None,
    *,
    stop_after: float = 0,
    last: int = 0,
) -> Received:
    """Read a stream after the event `last` to its end. With `stop_after`, leave so many seconds after the headers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=LARGE)
    data = json.dumps(body).encode() if body is not None else b""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"Authorization: Bearer {token}", f"Content-Length: {len(data)}", "Connection: close"]
    lines += [f"Last-Event-ID: {last}"] if last else []
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(None) as limit:
            while part := await reader.read(LARGE):
                now = time.time()
                if stop_after and not received.parts:
                    limit.reschedule(asyncio.get_running_loop().time() + stop_after)
                received.parts.append((now, part))
                if not received.first_at and CONTENT in part:
                    received.first_at = now
    received.is_complete = DONE in received.body
    writer.close()
    return received


@dataclass
class Output:
    """The last output that a socket has received for one question."""

    key: str
    first_at: float = 0.0
    text: str = ""
    status: str = ""
    outputs: int = 0
    bytes: int = 0


async def ask_on_socket(port: int, token: str, message: dict[str, object], output: Output) -> Output:
    """Send a question on a socket of its own, and read the outputs to the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=16 * LARGE)
    lines = ["GET /ws/chat/ HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade"]
    lines += [f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", "Sec-WebSocket-Version: 13"]
    writer.write("\r\n".join([*lines, f"Sec-WebSocket-Protocol: bearer, {token}"]).encode() + b"\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in head, head
    writer.write(mask_frame(json.dumps(message).encode()))
    try:
        while output.status not in ("success", "error"):
            kind, payload = await read_frame(reader)
            if kind == PING:
                writer.write(mask_frame(payload, PONG))
                continue
            output.outputs += 1
            output.bytes += len(payload)
            if output.first_at and b'"status": "progress", "content"' in payload:
                continue  # the next one replaces it
            parsed = json.loads(payload)
            output.status = parsed["status"]
            output.text = parsed["content"][0]["text"] if parsed["content"] else str(parsed)
            if output.text and not output.first_at:
                output.first_at = time.time()
    finally:
        writer.close()
    return output


def mask_frame(data: bytes, kind: int = TEXT) -> bytes:
    """Return a frame of a client. Its mask is zero, so the data stays as it is."""
    size = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0x80 | 126]) + len(data).to_bytes(2, "big")
    return bytes([0x80 | kind]) + size + bytes(4) + data


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return the kind and the data of the next frame of the server."""
    kind, size = await reader.readexactly(2)
    if size >= 126:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
    return kind & 0x0F, await reader.readexactly(size)
