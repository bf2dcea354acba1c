"""Pass an answer from the worker that writes it to all its readers, through a Redis stream.

Each entry has a number from 1 on, which is its ID in the stream and in server-sent events. A reader takes up the stream
after any number. The writer gives each number once: if another process has taken it, the answer was ended there.
The stream lasts for `KEPT_SECONDS`; later readers get the content of the row.
"""

import asyncio
import contextlib
import dataclasses
import enum
import json
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from redis.exceptions import RedisError, ResponseError

from chat.models import Message
from chat.shared_reader import Row, SharedReader, get_shared_reader, parse_number, was_cancelled
from sage.redis_client import get_client

log = logging.getLogger(__name__)
KEPT_SECONDS = 24 * 3600
TIMEOUT_SECONDS = 5.0
OUTAGE_SECONDS = 1.0  # between two tries of a writer while Redis is unavailable
WAIT_SECONDS = 5.0  # that a reader waits for an entry before it looks at the row
FIRST_WAIT_SECONDS = 0.5  # the same for its first entry, because the answer may have ended long ago
READER_SECONDS = 2 * WAIT_SECONDS + 5  # after which a reader that was not seen counts no more


class Kind(enum.StrEnum):
    """What an entry of a stream is."""

    TEXT = "text"
    PROGRESS = "progress"  # what is being done before the text
    OUTPUT = "output"  # the ID of something that an agent has made
    PART = "part"  # JSON: what a client shows beside the text, such as {type: search_results}
    CITATION = "citation"  # JSON: {video_id, start, text}
    END = "end"  # JSON: {status, message, code}; the last two are of a failure


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    number: int
    kind: str
    data: str


@dataclasses.dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """What a stream holds."""

    content: str
    citations: list[dict[str, Any]]
    last: int
    is_ended: bool
    entries: Sequence[Entry] = ()
    outputs: list[str] = dataclasses.field(default_factory=list)
    parts: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    progress: str = ""

    @property
    def has_begun(self) -> bool:
        return bool(self.content or self.outputs or self.parts)


class StreamEnded(Exception):
    """Another process has written to the stream, for example because the user has stopped the answer."""


class AnswerWriter:
    """Append entries to the stream of an answer.

    While Redis is unavailable, the answer goes on. The entries that the stream lacks are appended when Redis is back,
    or else by `end_answer`.
    """

    def __init__(self, message_id: uuid.UUID, last: int = 0) -> None:
        self._key = _build_key(message_id)
        self._client = get_client(settings.REDIS_URL, TIMEOUT_SECONDS)
        self._last = self._appended = last
        self._retry_at = 0.0
        self.entries: list[Entry] = []

    def append(self, kind: Kind, data: str) -> None:
        """Append an entry. Raises `StreamEnded` if its number is taken."""
        self._last += 1
        self.entries.append(Entry(self._last, kind, data))
        if time.monotonic() < self._retry_at:
            return
        try:
            if self._retry_at:
                self._find_appended()
            for entry in self.entries[self._appended - self._last :]:
                self._client.xadd(self._key, {"kind": entry.kind, "data": entry.data}, id=f"{entry.number}-0")
                self._appended = entry.number
                if entry is self.entries[0] or entry.kind is Kind.END:
                    self._client.expire(self._key, KEPT_SECONDS)
        except ResponseError as error:
            raise StreamEnded from error
        except (RedisError, OSError) as error:
            log.warning("chat: the stream of an answer is interrupted: %s", error)
            self._retry_at = time.monotonic() + OUTAGE_SECONDS
        else:
            self._retry_at = 0.0

    def _find_appended(self) -> None:
        """Find which entries the stream has after an outage. A command that failed may have appended its entry.

        Raises `StreamEnded` if the last entry is not of this writer.
        """
        rows: Any = self._client.xrevrange(self._key, count=1)
        last = _parse_entry(rows[0]) if rows else None
        if last and last.number >= self.entries[0].number and last not in self.entries:
            raise StreamEnded
        self._appended = max(last.number if last else 0, self.entries[0].number - 1)


def read_answer(message_id: uuid.UUID) -> WrittenAnswer:
    """Return what the stream of an answer holds. Empty if there is none, or Redis is unavailable."""
    try:
        rows: Any = get_client(settings.REDIS_URL, TIMEOUT_SECONDS).xrange(_build_key(message_id))
    except (RedisError, OSError) as error:
        log.warning("chat: could not read the stream of an answer: %s", error)
        rows = []
    entries = [_parse_entry(row) for row in rows]
    return WrittenAnswer(
        "".join(entry.data for entry in entries if entry.kind == Kind.TEXT),
        [json.loads(entry.data) for entry in entries if entry.kind == Kind.CITATION],
        entries[-1].number if entries else 0,
        bool(entries) and entries[-1].kind == Kind.END,
        entries,
        [entry.data for entry in entries if entry.kind == Kind.OUTPUT],
        [json.loads(entry.data) for entry in entries if entry.kind == Kind.PART],
        next((entry.data for entry in reversed(entries) if entry.kind == Kind.PROGRESS), ""),
    )


def has_readers(message_id: uuid.UUID) -> bool:
    """Return whether a page or a socket follows an answer now. False if Redis is unavailable."""
    try:
        client: Any = get_client(settings.REDIS_URL, TIMEOUT_SECONDS)
        return bool(client.zcount(_build_readers_key(message_id), time.time(), "+inf"))
    except (RedisError, OSError) as error:
        log.warning("chat: could not count the readers of an answer: %s", error)
        return False


def end_answer(
    message_id: uuid.UUID, status: str, error: dict[str, str] | None = None, entries: Sequence[Entry] = ()
) -> WrittenAnswer:
    """End the stream of an answer, unless it has ended. Return what it holds. Its writer cannot append any more.

    `entries` are all entries of its writer. Those that the stream lacks, because of an outage of Redis, come first.
    """
    for _ in range(20):  # the writer may append at the same time
        written = read_answer(message_id)
        if written.is_ended:
            break
        try:
            writer = _restore_entries(message_id, written, entries)
            writer.append(Kind.END, json.dumps({"status": status, **(error or {})}))
        except StreamEnded:
            continue
        break
    return written


def _restore_entries(message_id: uuid.UUID, written: WrittenAnswer, entries: Sequence[Entry]) -> AnswerWriter:
    """Append the entries that a stream lacks, with their numbers. Return its writer."""
    if not entries or (written.last >= entries[-1].number and written.entries[0].number <= entries[0].number):
        return AnswerWriter(message_id, written.last)
    last = written.last
    if not last or written.entries[0].number > entries[0].number:  # Redis has lost the beginning
        with contextlib.suppress(RedisError, OSError):
            get_client(settings.REDIS_URL, TIMEOUT_SECONDS).delete(_build_key(message_id))
        last = entries[0].number - 1
    writer = AnswerWriter(message_id, last)
    for entry in entries:
        if entry.number > last:
            writer.append(Kind(entry.kind), entry.data)
    return writer


async def follow_answer(message_id: uuid.UUID, after: int = 0) -> AsyncIterator[list[Entry]]:
    """Yield the entries after a number as they are written, in groups, until the end. The last entry is an `END`.

    A group is empty if nothing was written for `WAIT_SECONDS`.

    What the stream does not hold comes from the row: if it is gone, the whole content, else the rest.
    """
    reader, key, last = get_shared_reader(), _build_key(message_id), after
    async with reader.follow(key, after) as follower, _count_reader(reader, message_id) as renew:
        wait = FIRST_WAIT_SECONDS  # an answer that has ended comes at once
        while not was_cancelled():
            rows: list[Row] = []
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    rows = await follower.rows.get()
            entries = [_parse_entry(row) for row in rows]
            if entries:
                last = entries[-1].number
                yield entries
                if entries[-1].kind == Kind.END:
                    return
            elif rest := await _read_rest(reader, message_id, last):
                yield rest
                return
            elif wait == WAIT_SECONDS:
                yield []
            wait = WAIT_SECONDS
            await renew()


@contextlib.asynccontextmanager
async def _count_reader(reader: SharedReader, message_id: uuid.UUID) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Count a reader of an answer until it leaves. It counts no more unless it calls the function that is yielded."""
    key, name, renew_at = _build_readers_key(message_id), str(uuid.uuid4()), 0.0

    async def renew() -> None:
        nonlocal renew_at
        if time.monotonic() >= renew_at:
            renew_at = time.monotonic() + WAIT_SECONDS
            with contextlib.suppress(RedisError, OSError):
                await reader.client.zadd(key, {name: time.time() + READER_SECONDS})
                await reader.client.expire(key, int(READER_SECONDS))

    await renew()
    try:
        yield renew
    finally:
        with contextlib.suppress(RedisError, OSError):
            await reader.client.zrem(key, name)


async def read_stored(message_id: uuid.UUID, after: int = 0) -> list[Entry]:
    """Return the entries of an answer that has ended, from its row. Empty if it is still written."""
    row = await _read_row(message_id)
    if row is None:
        return [Entry(after + 1, Kind.END, json.dumps(DELETED))]
    content, status, metadata = row
    if status == Message.Status.STREAMING:
        return []
    found = [(Kind.TEXT, content)] if content else []
    if not after:  # a reader that has begun knows them
        found += [(Kind.OUTPUT, output_id) for output_id in metadata.get("outputs", ())]
        found += [(Kind.PART, encode(part)) for part in metadata.get("parts", ())]
    found.append((Kind.END, json.dumps({"status": status, **(metadata.get("error") or {})})))
    return [Entry(number, kind, data) for number, (kind, data) in enumerate(found, after + 1)]


DELETED = {"status": Message.Status.FAILED, "code": "NOT_FOUND", "message": "This answer was deleted."}


async def _read_rest(reader: SharedReader, message_id: uuid.UUID, last: int) -> list[Entry]:
    """Return what a reader at number `last` lacks of an answer that has ended without an `END` in its stream."""
    entries = await read_stored(message_id, last)
    if not entries or entries[0].kind != Kind.TEXT or not last:
        return entries
    try:
        rows = await reader.list_entries(_build_key(message_id), last=last)
    except (RedisError, OSError):
        rows = []
    sent = "".join(entry.data for entry in map(_parse_entry, rows) if entry.kind == Kind.TEXT)
    text, *_, end = entries
    rest = text.data.removeprefix(sent)
    return [dataclasses.replace(text, data=rest), end] if rest else [dataclasses.replace(end, number=last + 1)]


@database_sync_to_async
def _read_row(message_id: uuid.UUID) -> tuple[str, str, dict[str, Any]] | None:
    row = Message.objects.filter(pk=message_id).values_list("content", "status", "metadata").first()
    return None if row is None else (row[0], row[1], row[2])


def encode(value: dict[str, Any]) -> str:
    """Return the data of an entry that is JSON."""
    return json.dumps(value, ensure_ascii=False)


def _build_key(message_id: uuid.UUID) -> str:
    return f"answer:{message_id}"


def _build_readers_key(message_id: uuid.UUID) -> str:
    """Return the key of a sorted set: the readers of an answer, by when they count no more."""
    return f"answer:{message_id}:readers"


def _parse_entry(row: Row) -> Entry:
    return Entry(parse_number(row), row[1]["kind"], row[1]["data"])
