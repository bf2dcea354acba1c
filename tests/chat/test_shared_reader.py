"""Many answers are followed over one connection, which ends with its last reader."""

import asyncio
import contextlib
import uuid

from chat import shared_reader, streams
from chat.shared_reader import SharedReader, get_shared_reader
from chat.streams import AnswerWriter, Kind
from tests.chat.test_streams import read


async def test_readers_share_a_connection():
    message_ids = [uuid.uuid4() for _ in range(30)]
    readers = [asyncio.create_task(read(message_id)) for message_id in message_ids]
    await asyncio.sleep(0.1)

    assert len(get_shared_reader()._followers) == 30
    for message_id in message_ids:
        await asyncio.to_thread(AnswerWriter(message_id).append, Kind.TEXT, str(message_id))
        await asyncio.to_thread(streams.end_answer, message_id, "complete")

    async with asyncio.timeout(30):
        assert await asyncio.gather(*readers) == [str(message_id) for message_id in message_ids]
    assert not get_shared_reader()._followers


class HidingClient:
    """A client whose first command hides a cancellation, as `asyncio.wait_for` of Python 3.11 does."""

    is_closed = False

    async def hide(self, *args, **kwargs):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return []

    async def do_nothing(self, *args, **kwargs):
        return None

    xread = zadd = hide
    expire = zrem = do_nothing

    async def aclose(self):
        self.is_closed = True


async def cancel(coroutine):
    """Begin a task, cancel it, and return whether it ends."""
    task = asyncio.create_task(coroutine)
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task], timeout=10)
    return task.done()


async def test_the_shared_reader_ends_though_a_command_has_hidden_its_cancellation():
    client = HidingClient()
    assert await cancel(SharedReader()._read_until_cancelled(client))
    assert client.is_closed


async def test_a_follower_ends_though_a_command_has_hidden_its_cancellation(monkeypatch):
    monkeypatch.setattr(shared_reader, "open_client", HidingClient)
    monkeypatch.setattr(streams, "read_stored", lambda message_id, after: asyncio.sleep(0, []))
    assert await cancel(read(uuid.uuid4()))
