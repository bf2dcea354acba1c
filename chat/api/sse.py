"""Send an answer as server-sent events while it is written."""

import json
import uuid
from collections.abc import AsyncIterator

from django.http import StreamingHttpResponse

from chat import streams
from chat.models import Message
from chat.streams import Entry, Kind
from sage.db_connections import release_connections
from sage.errors import error_body

WAITING = ": waiting\n\n"  # a comment, which keeps proxies from closing the connection


def stream_answer(message_id: uuid.UUID, after: int = 0) -> StreamingHttpResponse:
    """Return the events of an answer after a number: `{content}` and so on, then `[DONE]` or `{error}`."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Message-ID": str(message_id)}
    return StreamingHttpResponse(_generate(message_id, after), content_type="text/event-stream", headers=headers)


async def _generate(message_id: uuid.UUID, after: int) -> AsyncIterator[str]:
    await release_connections()
    async for entries in streams.follow_answer(message_id, after):
        yield "".join(map(_format, entries)) or WAITING


def _format(entry: Entry) -> str:
    match entry.kind:
        case Kind.TEXT:
            data = streams.encode({"content": entry.data})
        case Kind.PROGRESS | Kind.OUTPUT:
            data = streams.encode({str(entry.kind): entry.data})
        case Kind.END:
            end = json.loads(entry.data)
            failed = end["status"] == Message.Status.FAILED
            data = streams.encode(error_body(end["code"], end["message"])) if failed else "[DONE]"
        case _:
            return WAITING  # what only pages show
    return f"id: {entry.number}\ndata: {data}\n\n"


def parse_event_id(text: str | None) -> int:
    """Return the number of a `Last-Event-ID` header, or 0."""
    return int(text) if text and text.isdecimal() and text.isascii() and len(text) < 10 else 0
