"""A double of OpenAI's chat completions that sends chunks at a steady pace: `python -m …chunk_server PORT`.

A question such as "k017 500 20" is answered by 500 chunks of 10 letters, one every 20 ms. `GET /times` returns the time
at which the first chunk of each answer was sent, in seconds since the epoch.
"""

import asyncio
import json
import sys
import time
from contextlib import suppress

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
GROUP = 50  # chunks that an answer without a pause sends at once

times: dict[str, float] = {}


def make_chunk(key: str, number: int) -> str:
    """Return the text of a chunk. All have the same length."""
    return f"{key}.{number:04d} "


def make_answer(key: str, count: int) -> str:
    """Return the whole answer, as Sage stores it."""
    return "".join(make_chunk(key, number) for number in range(count)).rstrip(" ")


def encode_event(choice: dict[str, object]) -> bytes:
    """Return an event of the protocol as a chunk of the response."""
    shared = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "bench"}
    line = b"data: %s\n\n" % json.dumps({**shared, "choices": [{"index": 0, **choice}]}).encode()
    return b"%x\r\n%s\r\n" % (len(line), line)


async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.IncompleteReadError):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        if head.startswith("get"):
            body = json.dumps(times).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body))
            await writer.drain()
        else:
            length = next(int(line.split(":")[1]) for line in head.splitlines() if line.startswith("content-length"))
            asked = json.loads(await reader.readexactly(length))
            await answer(writer, *asked["messages"][-1]["content"].split()[-3:])
    writer.close()


async def answer(writer: asyncio.StreamWriter, key: str, count: str, pause_ms: str) -> None:
    writer.write(HEAD)
    events = [
        encode_event({"delta": {"content": make_chunk(key, number)}, "finish_reason": None})
        for number in range(int(count))
    ]
    if float(pause_ms):
        await write_at_pace(writer, key, events, float(pause_ms) / 1000)
    else:
        times[key] = time.time()
        for place in range(0, len(events), GROUP):
            writer.write(b"".join(events[place : place + GROUP]))
            await writer.drain()
    done = b"data: [DONE]\n\n"
    writer.write(encode_event({"delta": {}, "finish_reason": "stop"}) + b"%x\r\n%s\r\n0\r\n\r\n" % (len(done), done))
    await writer.drain()


async def write_at_pace(writer: asyncio.StreamWriter, key: str, events: list[bytes], pause: float) -> None:
    """Write an event every `pause` seconds. Timers cost less than a task that sleeps."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    began = loop.time()

    def write(number: int) -> None:
        if number == len(events) or writer.is_closing():
            ended.set()
            return
        writer.write(events[number])
        times.setdefault(key, time.time())
        loop.call_at(began + (number + 1) * pause, write, number + 1)

    write(0)
    await ended.wait()


async def serve(port: int) -> None:
    server = await asyncio.start_server(handle, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
