"""The web server: daphne, with three things mended that a video site depends on.

Daphne takes in a whole request before Django sees it, hands it over in memory however large it is, and hands out a
response as fast as Django makes it, however slow the client reads. `BoundedRequest` refuses a body that is larger than
its route allows, before or while it arrives; `BoundedServer` passes a body on piece by piece from the file that it was
spooled to, and waits for a slow reader, so that neither way fills memory.
"""

import asyncio
import json
import re
from functools import partial
from typing import IO, Any

from daphne.http_protocol import WebRequest
from daphne.server import Server
from django.conf import settings
from twisted.internet import reactor
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from sage.errors import error_body

MB = 1024 * 1024
FORM_OVERHEAD = 1 * MB
DEFAULT_LIMIT = 2 * MB
PIECE = 256 * 1024
LINGER_SECONDS = 30
STALLED_SECONDS = 600
FORM_LIMIT = 100 * MB + FORM_OVERHEAD
PART_LIMIT = 100 * MB
BIG_BODIES = (
    ("POST", re.compile(r"/library/upload/"), FORM_LIMIT),
    ("POST", re.compile(r"/v2/videos"), FORM_LIMIT),
    ("PUT", re.compile(r"/v2/uploads/[0-9a-f-]{36}/parts/\d+"), PART_LIMIT),
)


def body_limit(method: str, path: str) -> int:
    """How many bytes the body of this request may have. `path` comes without its query."""
    for big_method, pattern, limit in BIG_BODIES:
        if method == big_method and pattern.fullmatch(path):
            return limit
    return DEFAULT_LIMIT


@implementer(IPushProducer)
class BoundedRequest(WebRequest):
    """Refuses a body once it is larger than its route allows; its response waits for the reader."""

    refused = False
    received = 0
    limit = DEFAULT_LIMIT
    may_write: asyncio.Event | None = None

    # --- The body, on its way in ---

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """All headers are here; `length` is the announced size of the body, None where it comes in chunks."""
        method, path = (getattr(self.channel, name, b"").decode("latin-1") for name in ("_command", "_path"))
        self.limit = body_limit(method, path.partition("?")[0])
        super().gotLength(0 if length and length > self.limit else length)
        if length and length > self.limit:
            self._refuse(path)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self.received += len(data)
        if self.refused:
            return  # read and forgotten, so that the client gets to see the answer
        if self.received > self.limit:
            self._refuse(self.channel._path.decode("latin-1"))
            return
        super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802 - Twisted's name
        """The body is here. Unlike Twisted's own, this parses no form: that would read it all into memory."""
        if self.refused:
            self.channel.loseConnection()
            return
        self.method, self.uri, self.clientproto = command, path, version
        self.args: dict[bytes, list[bytes]] = {}
        self.path = path.partition(b"?")[0]
        self.client, self.host = self.channel.getPeer(), self.channel.getHost()
        self.process()

    def _refuse(self, path: str) -> None:
        """Answer 413 at once; then let the client finish for a while, since one cut off mid-way sees no answer."""
        self.refused = True
        self.content.truncate(0)
        size = f"{self.limit // MB} MB"
        message = f"This is larger than the {size} that may be sent here. Nothing was kept."
        if path.startswith("/library/upload/"):
            message += " With scripts switched on, the library page sends files of any size in parts."
        if path.startswith("/v2/"):
            body, kind = json.dumps(error_body("PAYLOAD_TOO_LARGE", message)), "application/json"
        else:
            body, kind = message, "text/plain; charset=utf-8"
        headers = f"Content-Type: {kind}\r\nContent-Length: {len(body.encode())}\r\nConnection: close\r\n"
        origin = (self.requestHeaders.getRawHeaders("Origin") or [""])[0]
        if path.startswith("/v2/") and origin in settings.CORS_ALLOWED_ORIGINS:  # or its browser would hide the answer
            headers += f"Access-Control-Allow-Origin: {origin}\r\nVary: Origin\r\n"
        self.channel.transport.write(f"HTTP/1.1 413 Content Too Large\r\n{headers}\r\n{body}".encode())
        reactor.callLater(LINGER_SECONDS, self.channel.loseConnection)  # type: ignore[arg-type]

    # --- The response, on its way out ---

    def follow_reader(self) -> None:
        """Be told when the client reads too slowly (`pauseProducing`) and when it has caught up."""
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.registerProducer(self, True)

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        if self.may_write:
            self.may_write.clear()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        if self.may_write:
            self.may_write.set()

    stopProducing = resumeProducing  # noqa: N815 - the reader is gone: nothing is worth waiting for

    async def reader_goes_on(self) -> bool:
        """Wait until the client has caught up; give up, and hang up, on one that reads nothing for too long."""
        assert self.may_write  # noqa: S101 - asked for only after `follow_reader`
        try:
            await asyncio.wait_for(self.may_write.wait(), STALLED_SECONDS)
        except TimeoutError:
            self.channel.forceAbortClient() if self.channel else None
            return False
        return True

    def finish(self) -> None:
        if self.may_write:
            self.unregisterProducer()
            self.may_write = None
        super().finish()


class Body(asyncio.Queue[dict[str, Any]]):
    """What an application receives: the body piece by piece from its file, then whatever else daphne has to say."""

    def __init__(self, content: IO[bytes]) -> None:
        super().__init__()
        self.content: IO[bytes] | None = content
        self.at = 0

    def put_nowait(self, item: dict[str, Any]) -> None:
        if item["type"] != "http.request":  # daphne's own copies of the body, all at once
            super().put_nowait(item)

    async def get(self) -> dict[str, Any]:
        if self.content is None or self.content.closed:
            return await super().get()
        self.content.seek(self.at)
        piece = self.content.read(PIECE)
        self.at += len(piece)
        more = len(piece) == PIECE
        if not more:
            self.content = None
        return {"type": "http.request", "body": piece, "more_body": more}


class BoundedServer(Server):
    """Daphne's server with our request, with bodies in pieces and responses that wait for their reader."""

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> asyncio.Queue[dict[str, Any]] | None:
        scope["root_path"] = ""  # daphne takes it from a header of the client's, and links in mails would lead there
        if not isinstance(protocol, BoundedRequest):
            return super().create_application(protocol, scope)
        scope.setdefault("asgi", {"version": "3.0"})
        body = Body(protocol.content)
        running = self.application(scope=scope, receive=body.get, send=partial(self.handle_reply, protocol))
        if protocol not in self.connections:
            running.close()
            return None
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(running)
        return body

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        if isinstance(protocol, BoundedRequest) and message.get("more_body"):
            if protocol.may_write is None and not protocol.finished and protocol.channel:
                protocol.follow_reader()
            if protocol.may_write and not await protocol.reader_goes_on():
                return
        await super().handle_reply(protocol, message)

    def run(self) -> None:
        from daphne import http_protocol

        http_protocol.WebRequest = BoundedRequest  # the factory looks this name up for each connection
        super().run()


def serve(host: str, port: int) -> None:
    """Serve the site until SIGTERM or SIGINT."""
    from sage.asgi import application

    interface = host.replace(":", r"\:")
    BoundedServer(
        application,
        endpoints=[f"tcp:port={port}:interface={interface}"],
        server_name="",
        websocket_timeout=-1,
        verbosity=1,
    ).run()
