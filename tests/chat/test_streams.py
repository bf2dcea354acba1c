"""The streams of answers: several readers over one connection, and streams that lack a part."""

import asyncio
import uuid

import pytest
from redis import Redis

from chat import streams
from chat.streams import AnswerWriter, Kind, StreamEnded

PIECES = [f"piece {number} " for number in range(40)]


async def read(message_id, after=0):
    """Return the text of an answer after a number."""
    groups = [group async for group in streams.follow_answer(message_id, after)]
    return "".join(entry.data for group in groups for entry in group if entry.kind == Kind.TEXT)


async def test_readers_that_come_at_any_time_get_what_they_lack():
    message_id = uuid.uuid4()
    writer, readers = AnswerWriter(message_id), []
    for number, piece in enumerate(PIECES):
        await asyncio.to_thread(writer.append, Kind.TEXT, piece)
        after = number // 2
        readers.append((after, asyncio.create_task(read(message_id, after))))
        await asyncio.sleep(0.005)
    await asyncio.to_thread(writer.append, Kind.END, '{"status": "complete"}')

    async with asyncio.timeout(30):
        for after, reader in readers:
            assert await reader == "".join(PIECES[after:])


def write_three(message_id):
    writer = AnswerWriter(message_id)
    for piece in ("The ", "harbour ", "opens."):
        writer.append(Kind.TEXT, piece)
    return writer.entries


@pytest.mark.parametrize("kept", [[], [1], [1, 2], [2, 3], [3], [1, 2, 3]])
def test_the_end_of_an_answer_brings_what_an_outage_has_lost(kept):
    message_id = uuid.uuid4()
    entries = write_three(message_id)
    client, key = streams.get_client(streams.settings.REDIS_URL, 5), f"answer:{message_id}"
    client.delete(key)
    for number in kept:
        client.xadd(key, {"kind": "text", "data": entries[number - 1].data}, id=f"{number}-0")

    streams.end_answer(message_id, "complete", entries=entries)

    written = streams.read_answer(message_id)
    assert (written.content, written.last, written.is_ended) == ("The harbour opens.", 4, True)


def test_the_end_of_an_answer_keeps_what_was_streamed():
    message_id = uuid.uuid4()
    AnswerWriter(message_id).append(Kind.TEXT, "The harbour ")

    streams.end_answer(message_id, "failed")

    assert streams.read_answer(message_id).content == "The harbour "


def test_a_writer_goes_on_after_an_outage(monkeypatch):
    monkeypatch.setattr(streams, "OUTAGE_SECONDS", 0.0)
    message_id = uuid.uuid4()
    writer = AnswerWriter(message_id)
    writer.append(Kind.TEXT, "The ")
    working, writer._client = writer._client, Redis(port=1)
    writer.append(Kind.TEXT, "harbour ")
    writer._client = working
    writer.append(Kind.TEXT, "opens.")

    assert streams.read_answer(message_id).content == "The harbour opens."


def test_an_answer_that_was_stopped_during_an_outage_stays_stopped(monkeypatch):
    monkeypatch.setattr(streams, "OUTAGE_SECONDS", 0.0)
    message_id = uuid.uuid4()
    writer = AnswerWriter(message_id)
    writer.append(Kind.TEXT, "The ")
    working, writer._client = writer._client, Redis(port=1)
    writer.append(Kind.TEXT, "harbour ")
    writer._client = working
    streams.end_answer(message_id, "stopped")

    with pytest.raises(StreamEnded):
        writer.append(Kind.TEXT, "opens.")
    assert streams.read_answer(message_id).content == "The "
