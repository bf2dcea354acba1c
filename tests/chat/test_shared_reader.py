"""Many answers are followed over one connection, which ends with its last reader."""

import asyncio
import uuid

from redis import ConnectionError as RedisConnectionError

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


async def test_a_reader_ends_though_an_error_of_redis_hides_its_cancellation(monkeypatch):
    class Interrupted:
        closed = False

        async def xread(self, *args, **kwargs):
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError as error:
                raise RedisConnectionError("The connection was lost.") from error

        async def aclose(self):
            self.closed = True

    monkeypatch.setattr(shared_reader, "OUTAGE_SECONDS", 0.0)
    client = Interrupted()
    task = asyncio.create_task(SharedReader()._read_until_cancelled(client))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.done()
    assert client.closed
