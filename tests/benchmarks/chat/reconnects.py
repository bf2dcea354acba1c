"""Read answers with 1,000 random disconnects: each reader takes the stream up after the last event that it has."""

import asyncio
import random
import time

from tests.benchmarks.chat.bench_site import ChatSite
from tests.benchmarks.chat.chunk_server import make_answer
from tests.benchmarks.chat.clients import Received, read_stream

RECONNECTS = 1_000
READERS = 20
CHUNKS = 500
PAUSE_MS = 20
LONGEST_SECONDS = 0.4  # of a connection
SEED = 17


async def report(site: ChatSite) -> None:
    """Print how many answers were byte-identical after `RECONNECTS` reconnects in all."""
    chosen, began = random.Random(SEED), time.monotonic()
    reconnects = answers = identical = 0
    while reconnects < RECONNECTS:
        keys = [f"r{answers + number:03d}" for number in range(READERS)]
        rounds = await asyncio.gather(*(read_in_pieces(site, number, key, chosen) for number, key in enumerate(keys)))
        answers += len(keys)
        reconnects += sum(count for _, count in rounds)
        identical += sum(
            text.rstrip(" ") == make_answer(key, CHUNKS) for key, (text, _) in zip(keys, rounds, strict=True)
        )
    seconds = time.monotonic() - began
    print(
        f"| {reconnects:,} reconnects at random moments: answers that are byte-identical | {identical} of {answers} |"
    )
    print(f"<!-- {seconds:.0f} s, seed {SEED} -->", flush=True)


async def read_in_pieces(site: ChatSite, place: int, key: str, chosen: random.Random) -> tuple[str, int]:
    """Read one answer over many connections. Return its text and the number of reconnects."""
    path = f"/v2/conversations/{site.conversations[place]}/messages"
    first = await read_stream(
        site.port, "POST", path, site.token, Received(key), {"message": f"{key} {CHUNKS} {PAUSE_MS}"},
        stop_after=chosen.uniform(0.1, LONGEST_SECONDS),
    )  # fmt: skip
    events, reconnects = first.list_events(), 0
    while not first.is_complete:
        url = f"{path}/{first.message_id}/stream"
        last = events[-1][0] if events else 0
        again = Received(key)
        pause = chosen.uniform(0.0, LONGEST_SECONDS)
        await read_stream(site.port, "GET", url, site.token, again, stop_after=pause, last=last)
        reconnects += 1
        events += again.list_events()
        first.is_complete = again.is_complete
    assert [number for number, _ in events] == sorted({number for number, _ in events}), "an event came twice"
    return "".join(text for _, text in events), reconnects
