"""Measure answers that stream at once: the delay of the first chunk, throughput, and memory of an open stream.

The model is a double that sends a chunk of 10 letters every 20 ms. Throughput is compared with a FastAPI endpoint that
sends the same chunks and does nothing else, under the same clients.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Sequence

from tests.benchmarks.chat.bench_site import ChatSite, open_bare_endpoint, open_site
from tests.benchmarks.chat.chunk_server import make_answer
from tests.benchmarks.chat.clients import Output, Received, ask_on_socket, read_stream

STREAMS = int(os.environ.get("N", "200"))
CHUNKS = 1_500
PAUSE_MS = 20
RAMP_SECONDS = 20.0  # in which the questions are asked
ALONE = 40  # answers one after another
CHUNK_LETTERS = 10


def report() -> None:
    print(f"## Answers that stream (load at start {os.getloadavg()[0]:.1f})\n")
    with open_bare_endpoint() as port:
        bare = asyncio.run(measure_bare(port))
    with open_site(STREAMS) as site:
        alone = asyncio.run(measure_alone(site))
        print_delays("one answer at a time, SSE", alone[0])
        print_delays("one answer at a time, socket", alone[1])
        sse = asyncio.run(measure_sse(site))
        print(f"\nthroughput over SSE: {sse:,.0f} chunks a second, ratio {sse / bare:.2f} of {bare:,.0f}\n")
        asyncio.run(measure_sockets(site))


def print_delays(label: str, delays: Sequence[float]) -> None:
    cuts = statistics.quantiles(delays, n=20)
    print(f"| {label} | {len(delays)} | {cuts[9] * 1000:.0f} ms | {cuts[18] * 1000:.0f} ms |", flush=True)


async def measure_bare(port: int) -> float:
    """Return the chunks that the bare endpoint delivers per second to all clients."""
    clients = [Received(f"k{number:03d}") for number in range(STREAMS)]
    paths = [f"/{client.key}/{CHUNKS // 2}/{PAUSE_MS}" for client in clients]
    tasks = [read_stream(port, "GET", path, "-", client) for path, client in zip(paths, clients, strict=True)]
    await asyncio.gather(*tasks)
    return count_rate(clients)


def count_rate(clients: Sequence[Received]) -> float:
    """Return the chunks per second in the time in which all streams are open."""
    begin, end = max(client.first_at for client in clients), min(client.parts[-1][0] for client in clients)
    assert end > begin + 1, f"not all streams were open at the same time: {end - begin:.1f} s"
    return sum(client.count_letters(begin, end) for client in clients) / CHUNK_LETTERS / (end - begin)


async def measure_alone(site: ChatSite) -> tuple[list[float], list[float]]:
    """Return the delays of answers that are asked one after another, over SSE and over the socket."""
    over_sse, over_socket = [], []
    for number in range(ALONE):
        client = Received(f"a{number:03d}")
        await ask_over_sse(site, number, client, 20)
        over_sse.append(client.first_at - (site.fetch_times() or {})[client.key])
        output = Output(f"b{number:03d}")
        await ask_by_socket(site, number, output, 20)
        over_socket.append(output.first_at - (site.fetch_times() or {})[output.key])
    return over_sse, over_socket


async def ask_over_sse(site: ChatSite, place: int, client: Received, chunks: int) -> Received:
    path = f"/v2/conversations/{site.conversations[place % len(site.conversations)]}/messages"
    return await read_stream(
        site.port, "POST", path, site.token, client, {"message": f"{client.key} {chunks} {PAUSE_MS}"}
    )


async def ask_by_socket(site: ChatSite, place: int, output: Output, chunks: int) -> Output:
    content = [{"type": "text", "text": f"{output.key} {chunks} {PAUSE_MS}"}]
    message = {
        "msg_type": "input",
        "session_id": site.conversations[place % len(site.conversations)],
        "content": content,
    }
    return await ask_on_socket(site.port, site.token, message, output)


async def measure_sse(site: ChatSite) -> float:
    """Print the delays of answers that stream at once over SSE. Return the chunks delivered per second."""
    clients = [Received(f"k{number:03d}") for number in range(STREAMS)]
    before = site.measure_cpu(), time.monotonic()
    memory = {role: site.measure_memory(role) for role in ("web", "priority", "valkey")}

    async def ask(number: int) -> None:
        await asyncio.sleep(number * RAMP_SECONDS / STREAMS)
        await ask_over_sse(site, number, clients[number], CHUNKS)

    async def watch() -> None:
        while not all(client.first_at for client in clients):
            await asyncio.sleep(0.2)
        await asyncio.sleep(2)
        begun, at = site.measure_cpu(), time.monotonic()
        await asyncio.sleep(5)
        ended, seconds = site.measure_cpu(), time.monotonic() - at
        print({role: round((ended[role] - begun[role]) / seconds, 2) for role in ended})
        print({role: round(site.measure_memory(role) - memory[role], 1) for role in memory})

    await asyncio.gather(*(ask(number) for number in range(STREAMS)), watch())
    times = site.fetch_times() or {}
    print(f"{time.monotonic() - before[1]:.1f} s")
    print_delays(f"{STREAMS} at once, SSE", [client.first_at - times[client.key] for client in clients])
    wrong = [client.key for client in clients if client.content.rstrip(" ") != make_answer(client.key, CHUNKS)]
    for client in clients:
        if client.key in wrong:
            print(client.key, len(client.content), client.body[-40:])
    print("\n".join(site.lines[-6:]))
    assert not wrong, f"answers differ: {wrong}"
    return count_rate(clients)


async def measure_sockets(site: ChatSite) -> None:
    outputs = [Output(f"s{number:03d}") for number in range(STREAMS)]
    began = time.monotonic()

    async def ask(number: int) -> None:
        await asyncio.sleep(number * RAMP_SECONDS / STREAMS)
        await ask_by_socket(site, number, outputs[number], CHUNKS)

    async def watch() -> None:
        while not all(output.first_at for output in outputs):
            await asyncio.sleep(0.2)
        await asyncio.sleep(2)
        begun, at = site.measure_cpu(), time.monotonic()
        await asyncio.sleep(5)
        ended, seconds = site.measure_cpu(), time.monotonic() - at
        print({role: round((ended[role] - begun[role]) / seconds, 2) for role in ended})

    await asyncio.gather(*(ask(number) for number in range(STREAMS)), watch())
    times = site.fetch_times() or {}
    print_delays(f"{STREAMS} at once, socket", [output.first_at - times[output.key] for output in outputs])
    wrong = [output.key for output in outputs if output.text != make_answer(output.key, CHUNKS)]
    print(f"{time.monotonic() - began:.1f} s", f"wrong: {wrong[:5]}")
    print(f"{sum(o.outputs for o in outputs)} outputs, {sum(o.bytes for o in outputs) / 1e6:.0f} MB")
