"""Many answers are followed over one connection, which ends with its last reader."""

import asyncio
import contextlib
import uuid

from chat import streams
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


async def test_a_reader_ends_though_a_command_has_hidden_its_cancellation():
    class Hiding:
        closed = False

        async def xread(self, *args, **kwargs):
            with contextlib.suppress(asyncio.CancelledError):  # as `asyncio.wait_for` of Python 3.11 does
                await asyncio.sleep(60)
            return []

        async def aclose(self):
            self.closed = True

    client = Hiding()
    task = asyncio.create_task(SharedReader()._read_until_cancelled(client))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.done()
    assert client.closed
