"""Serve the site with Daphne, and bound the memory that large requests and responses use.

Daphne accepts bodies of any size, passes each to Django as one string, and buffers a response without limit if the
client reads slowly. `BoundedRequest` answers 413 to a body that is larger than its route allows, and refuses
senders of large bodies by their headers, also if the disk has no space for the body. `BoundedServer` passes
a body to Django in chunks from the file in which Daphne stored it, and pauses a response until the client has caught
up.
"""

import asyncio
import json
import logging
import os
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import IO, Any

from daphne.http_protocol import WebRequest
from daphne.server import Server
from django.conf import settings
from twisted.internet import reactor
from twisted.internet.interfaces import IPushProducer
from twisted.internet.threads import deferToThread
from zope.interface import implementer

from sage.errors import ApplicationError, PayloadTooLarge, ServiceUnavailable
from sage.limits.admission import SMALL_BODY_BYTES, build_request, find_check, find_refusal
from sage.limits.body_sizes import DEFAULT_BODY_BYTES, MB, max_body_bytes
from sage.limits.incoming_bodies import incoming_bodies, measure_temporary_space
from sage.outages import DISK_FULL, DISK_RETRY_AFTER_SECONDS, find_outage
from sage.pages.browser_policies import POLICIES, RESOURCE_POLICY

log = logging.getLogger(__name__)
CHUNK_BYTES = 256 * 1024  # of a request body, as Django receives it
LINGER_SECONDS = 30  # a connection stays open for this long after a refusal, so that the client can read the response
STALLED_SECONDS = 600  # a connection is closed if the client reads nothing for this long
BACKLOG = 1024  # connections that wait to be accepted; a burst beyond it is reset


@implementer(IPushProducer)
class BoundedRequest(WebRequest):
    """A request whose body has a maximum size, and whose response waits until the client has read it."""

    refused = False
    is_received = False
    received = 0
    limit = DEFAULT_BODY_BYTES
    may_write: asyncio.Event | None = None

    # --- Request body ---

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """Choose the limit after the headers. `length` is the `Content-Length`, None with chunked encoding."""
        method, path = (getattr(self.channel, name, b"").decode("latin-1") for name in ("_command", "_path"))
        self.limit = max_body_bytes(method, path.partition("?")[0])
        is_too_large = bool(length and length > self.limit)
        is_large = not is_too_large and (length is None or length > SMALL_BODY_BYTES)
        size = self.limit if length is None else length
        # Bodies of other routes are small, and anonymous clients may send them.
        is_counted = is_large and self.limit > DEFAULT_BODY_BYTES
        has_space = not is_counted or incoming_bodies.admit(self, size, measure_temporary_space())
        super().gotLength(length if has_space and not is_too_large else 0)
        if is_too_large:
            self._refuse_size(path)
        elif not has_space:
            self._refuse(path, _disk_full())
        elif is_large:
            self._check_admission(method, path)

    def _check_admission(self, method: str, uri: str) -> None:
        """Read no more of the body until the credentials in the headers are checked, if the route has a check."""
        check = find_check(method, uri.partition("?")[0])
        if check is None:
            return
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in self.requestHeaders.getAllRawHeaders()
            for value in values
            if b"_" not in name
        ]
        request = build_request(method, uri, headers, str(getattr(self.channel.getPeer(), "host", "")))
        self.channel._networkProducer.pauseProducing()
        checked = deferToThread(find_refusal, check, request)
        checked.addErrback(_log_failure)
        checked.addCallback(lambda error: self._end_admission(uri, error))

    def _end_admission(self, uri: str, error: ApplicationError | None) -> None:
        if self.channel is None:  # the client has gone
            return
        if error is not None and not self.is_received and not self.refused:
            self._refuse(uri, error)
        self.channel._networkProducer.resumeProducing()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self.received += len(data)
        if self.refused:
            return  # keep reading, because some clients read the response only after they have sent the body
        if self.received > self.limit:
            self._refuse_size(self.channel._path.decode("latin-1"))
            return
        try:
            super().handleContentChunk(data)
        except OSError as error:  # while the body is written to its temporary file
            if (outage := find_outage(error)) is None:
                raise
            self._refuse(self.channel._path.decode("latin-1"), outage)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802 - Twisted's name
        """Process the complete request. Twisted's own method would parse forms, reading the whole body into memory."""
        self.is_received = True
        if self.refused:
            self.channel.loseConnection()
            return
        self.method, self.uri, self.clientproto = command, path, version
        self.args: dict[bytes, list[bytes]] = {}
        self.path = path.partition(b"?")[0]
        self.client, self.host = self.channel.getPeer(), self.channel.getHost()
        self.process()

    def _refuse_size(self, path: str) -> None:
        message = f"This request is larger than the limit of {self.limit // MB} MB. Nothing was saved."
        if path.startswith("/library/upload/"):
            message += " Enable JavaScript in your browser to upload larger files."
        self._refuse(path, PayloadTooLarge(message))

    def _refuse(self, path: str, error: ApplicationError) -> None:
        """Send an error, then keep the connection open, because a client that is cut off does not see the response."""
        self.refused = True
        incoming_bodies.release(self)
        with suppress(OSError):  # a file in memory has no number; `truncate` would first write to a disk that is full
            os.ftruncate(self.content.fileno(), 0)
        body, kind = _render_error(path, error)
        headers = f"Content-Type: {kind}\r\nContent-Length: {len(body.encode())}\r\nConnection: close\r\n"
        policies = {**POLICIES, **error.headers}
        origin = (self.requestHeaders.getRawHeaders("Origin") or [""])[0]
        if path.startswith("/v2/") and origin in settings.CORS_ALLOWED_ORIGINS:  # browsers hide the response otherwise
            headers += f"Access-Control-Allow-Origin: {origin}\r\nVary: Origin\r\n"
            policies[RESOURCE_POLICY] = "cross-origin"
        headers += "".join(f"{name}: {value}\r\n" for name, value in policies.items())
        status = f"{error.status} {HTTPStatus(error.status).phrase}"
        self.channel.transport.write(f"HTTP/1.1 {status}\r\n{headers}\r\n{body}".encode())
        reactor.callLater(LINGER_SECONDS, self.channel.loseConnection)  # type: ignore[arg-type]

    # --- Response ---

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """Answer a request that does not reach Django, or whose processing failed."""
        for name, value in POLICIES.items():
            self.setHeader(name, value)
        super().basic_error(status, status_text, body)

    def handle_exception(self, exception: BaseException) -> None:
        """Answer a request whose processing failed outside of Django's own error handling. Daphne calls this."""
        outage = find_outage(exception)
        if outage is None or self._response_started:
            super().handle_exception(exception)
            return
        body, kind = _render_error(self.path.decode("latin-1"), outage)
        headers = {**POLICIES, **outage.headers, "Content-Type": kind}
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.handle_reply({"type": "http.response.start", "status": outage.status, "headers": encoded})
        self.handle_reply({"type": "http.response.body", "body": body.encode()})

    def follow_reader(self) -> None:
        """Make Twisted call `pauseProducing` when the client reads too slowly, and `resumeProducing` afterwards."""
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.registerProducer(self, True)

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        if self.may_write:
            self.may_write.clear()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        if self.may_write:
            self.may_write.set()

    stopProducing = resumeProducing  # noqa: N815 - Twisted's name; a closed connection needs no pause

    async def wait_for_reader(self) -> bool:
        """Wait until the client has caught up. Return False after closing a stalled connection."""
        assert self.may_write  # noqa: S101 - called only after `follow_reader`
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
        incoming_bodies.release(self)
        super().finish()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        incoming_bodies.release(self)
        super().connectionLost(reason)


class BodyQueue(asyncio.Queue[dict[str, Any]]):
    """The messages that an application receives: the body in chunks from its file, then Daphne's other messages."""

    def __init__(self, content: IO[bytes]) -> None:
        super().__init__()
        self.content: IO[bytes] | None = content
        self.position = 0

    def put_nowait(self, item: dict[str, Any]) -> None:
        if item["type"] != "http.request":  # Daphne's own message with the whole body
            super().put_nowait(item)

    async def get(self) -> dict[str, Any]:
        if self.content is None or self.content.closed:
            return await super().get()
        self.content.seek(self.position)
        chunk = self.content.read(CHUNK_BYTES)
        self.position += len(chunk)
        more = len(chunk) == CHUNK_BYTES
        if not more:
            self.content = None
        return {"type": "http.request", "body": chunk, "more_body": more}


class BoundedServer(Server):
    """Daphne's server with `BoundedRequest`, chunked request bodies and responses that wait for the client."""

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> asyncio.Queue[dict[str, Any]] | None:
        scope["root_path"] = ""  # Daphne reads it from a header, so that a client could forge the links in emails
        if not isinstance(protocol, BoundedRequest):
            return super().create_application(protocol, scope)
        scope.setdefault("asgi", {"version": "3.0"})
        body = BodyQueue(protocol.content)
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
            if protocol.may_write and not await protocol.wait_for_reader():
                return
        await super().handle_reply(protocol, message)

    def run(self) -> None:
        from daphne import http_protocol

        http_protocol.WebRequest = BoundedRequest  # Daphne looks this name up for each connection
        super().run()


def _render_error(path: str, error: ApplicationError) -> tuple[str, str]:
    """Return the body of an error and its media type: JSON for the API, plain text for pages."""
    if path.startswith("/v2/"):
        return json.dumps(error.as_dict()), "application/json"
    return error.message, "text/plain; charset=utf-8"


def _disk_full() -> ServiceUnavailable:
    return ServiceUnavailable(DISK_FULL, retry_after_seconds=DISK_RETRY_AFTER_SECONDS)


def _log_failure(failure: Any) -> None:
    """Log an unexpected error of an admission check. The view then decides about the request."""
    log.error("server: a request could not be checked before its body: %s", failure.getErrorMessage())


def serve(host: str, port: int) -> None:
    """Serve the site until SIGTERM or SIGINT."""
    from sage.asgi import application

    interface = host.replace(":", r"\:")
    BoundedServer(
        application,
        endpoints=[f"tcp:port={port}:interface={interface}:backlog={BACKLOG}"],
        server_name="",
        websocket_timeout=-1,
        verbosity=1,
    ).run()
