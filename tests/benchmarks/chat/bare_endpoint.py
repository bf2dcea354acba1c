"""A FastAPI endpoint that sends the same chunks and does nothing else. Uvicorn serves it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from tests.benchmarks.chat.chunk_server import make_chunk

app = FastAPI()


@app.get("/{key}/{count}/{pause_ms}")
async def stream(key: str, count: int, pause_ms: float) -> StreamingResponse:
    return StreamingResponse(generate(key, count, pause_ms / 1000), media_type="text/event-stream")


async def generate(key: str, count: int, pause: float) -> AsyncIterator[str]:
    began = time.monotonic()
    for number in range(count):
        data = json.dumps({"content": make_chunk(key, number)}, ensure_ascii=False)
        yield f"id: {number + 1}\ndata: {data}\n\n"
        if pause:
            await asyncio.sleep(max(0.0, began + (number + 1) * pause - time.monotonic()))
    yield f"id: {count + 1}\ndata: [DONE]\n\n"
