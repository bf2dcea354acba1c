"""Read the streams of all answers that this process passes on, over one connection to Redis.

A connection for each open stream would take memory on both sides, and many commands a second. Each event loop has one
reader, which runs while at least one answer is followed.
"""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from redis import asyncio as async_redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
Row = tuple[str, dict[str, str]]  # the ID and the fields of an entry
BLOCK_SECONDS = 5.0  # that a command waits for an entry
SOCKET_SECONDS = BLOCK_SECONDS + 5
READ_SECONDS = 0.02  # between two commands, so that one of them takes the entries of many streams
OUTAGE_SECONDS = 2.0  # between two tries while Redis is unavailable
MAX_ENTRIES = 500  # of each stream that a command takes
MAX_CONNECTIONS = 8  # one that waits, and some for the first look at a stream
WAKE_KEPT_SECONDS = 60


def parse_number(row: Row) -> int:
    """Return the number of an entry, which is the first part of its ID."""
    return int(row[0].partition("-")[0])


def was_cancelled() -> bool:
    """Return whether the current task was cancelled, which a loop of commands asks itself.

    A cancellation while a command is sent is lost: `asyncio.wait_for` of Python 3.11, which the client uses, returns
    the result instead.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def open_client() -> Any:
    """Return a client with few connections, which wait for each other."""
    pool: Any = async_redis.BlockingConnectionPool.from_url(
        settings.REDIS_URL,
        max_connections=MAX_CONNECTIONS,
        timeout=SOCKET_SECONDS,
        socket_connect_timeout=3,
        socket_timeout=SOCKET_SECONDS,
        decode_responses=True,
    )
    return async_redis.Redis.from_pool(pool)


class Follower:
    """The place of one reader in a stream. `rows` holds groups of entries that it has not taken."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.rows: asyncio.Queue[list[Row]] = asyncio.Queue()

    def take(self, rows: list[Row]) -> None:
        """Keep the entries that are new to this reader."""
        new = [row for row in rows if parse_number(row) > self.last]
        if new:
            self.last = parse_number(new[-1])
            self.rows.put_nowait(new)


class SharedReader:
    """Read the streams of many followers by one command at a time."""

    def __init__(self) -> None:
        self._followers: dict[str, list[Follower]] = {}
        self._task: asyncio.Task[None] | None = None
        self._wake, self._woken = f"answer-wake:{uuid.uuid4()}", "0"
        self.client: Any = None

    @asynccontextmanager
    async def follow(self, key: str, last: int) -> AsyncIterator[Follower]:
        """Take the entries of the stream `key` after the number `last` from the follower's queue."""
        follower = Follower(last)
        self._followers.setdefault(key, []).append(follower)
        try:
            if self._task is None:
                self.client = open_client()
                self._task = asyncio.create_task(self._read_until_cancelled(self.client))
            else:
                await self._wake_up()
            yield follower
        finally:
            self._followers[key].remove(follower)
            if not self._followers[key]:
                del self._followers[key]
            if not self._followers and self._task:
                self._task.cancel()
                self._task = None

    async def list_entries(self, key: str, after: int = 0, last: int | None = None) -> list[Row]:
        """Return what a stream holds after one number and up to another, without waiting. Call it inside `follow`."""
        most = "+" if last is None else f"{last}-0"
        rows: list[Row] = await self.client.xrange(key, f"({after}-0", most)
        return rows

    async def _wake_up(self) -> None:
        """End the command that waits, so that the next one reads the new stream too."""
        try:
            await self.client.xadd(self._wake, {"": ""}, maxlen=1, approximate=False)
            await self.client.expire(self._wake, WAKE_KEPT_SECONDS)
        except (RedisError, OSError) as error:
            log.warning("chat: could not add a stream to those that are read: %s", error)

    async def _read_until_cancelled(self, client: Any) -> None:
        try:
            while not was_cancelled():
                try:
                    await self._read(client)
                    await asyncio.sleep(READ_SECONDS)
                except (RedisError, OSError) as error:
                    log.warning("chat: could not follow answers: %s", error)
                    await asyncio.sleep(OUTAGE_SECONDS)
        finally:
            await client.aclose()

    async def _read(self, client: Any) -> None:
        places = {key: min(one.last for one in each) for key, each in self._followers.items()}
        asked = {self._wake: self._woken, **{key: f"{place}-0" for key, place in places.items()}}
        found: Any = await client.xread(asked, MAX_ENTRIES, block=int(BLOCK_SECONDS * 1000))
        for key, rows in found:
            if key == self._wake:
                self._woken = rows[-1][0]
            for follower in self._followers.get(key, ()):
                if follower.last >= places[key]:  # otherwise it has come meanwhile, and lacks earlier entries
                    follower.take(rows)


_readers: WeakKeyDictionary[asyncio.AbstractEventLoop, SharedReader] = WeakKeyDictionary()


def get_shared_reader() -> SharedReader:
    """Return the reader of the running event loop."""
    return _readers.setdefault(asyncio.get_running_loop(), SharedReader())
