"""Measure answers that stream at once: the delay of the first chunk, throughput, and memory of an open stream.

The model is a double that sends a chunk of 10 letters every 20 ms. Throughput is compared with a FastAPI endpoint that
sends the same chunks and does nothing else, to the same clients.
"""

import asyncio
import os
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.chat import reconnects
from tests.benchmarks.chat.bench_site import ChatSite, open_bare_endpoint, open_site
from tests.benchmarks.chat.chunk_server import make_answer
from tests.benchmarks.chat.clients import Output, Received, ask_on_socket, read_stream

STREAMS = 200
CHUNKS = 1_500
PAUSE_MS = 20
RAMP_SECONDS = 20.0  # in which the questions are asked
ALONE = 40  # answers one after another
SHORT_CHUNKS = 20  # of these answers
CHUNK_LETTERS = 10
SETTLE_SECONDS = 2.0
WATCH_SECONDS = 5.0
ROLES = ("web", "priority", "valkey")


@dataclass
class Load:
    """What the processes used while all streams were open: shares of a processor, and MB more than before."""

    cpu: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)


def report() -> None:
    """Print delays, throughput, memory and reconnects."""
    print(f"## Answers that stream: a chunk every {PAUSE_MS} ms (load at start {os.getloadavg()[0]:.1f})\n")
    with open_bare_endpoint() as port:
        bare = asyncio.run(measure_bare(port))
    with open_site(STREAMS) as site:
        print("| delay of the first chunk | answers | p50 | p95 |\n|---|---|---|---|")
        asyncio.run(measure_alone(site))
        clients = [Received(f"k{number:03d}") for number in range(STREAMS)]
        load = asyncio.run(measure_together(site, clients, ask_over_sse))
        print_delays(f"{STREAMS} at once, SSE", site, clients)
        outputs = [Output(f"s{number:03d}") for number in range(STREAMS)]
        load_of_sockets = asyncio.run(measure_together(site, outputs, ask_by_socket))
        print_delays(f"{STREAMS} at once, socket", site, outputs)
        identical = sum(client.content.rstrip(" ") == make_answer(client.key, CHUNKS) for client in clients)
        same = sum(output.text == make_answer(output.key, CHUNKS) for output in outputs)
        rate = count_rate(clients)
        print("\n| measure | value |\n|---|---|")
        print(f"| answers that are byte-identical, SSE and socket | {identical} and {same} of {STREAMS} |")
        print(f"| chunks per second over SSE, as a share of FastAPI | {rate:,.0f}, {rate / bare:.2f} of {bare:,.0f} |")
        for name, one in (("SSE", load), ("socket", load_of_sockets)):
            cpu = ", ".join(f"{role} {share:.2f}" for role, share in one.cpu.items())
            memory = ", ".join(f"{role} {1000 * one.memory[role] / STREAMS:.0f} kB" for role in ROLES)
            print(f"| memory of an open stream, {name} | {memory} |")
            print(f"| processors in use, {name} | {cpu} |")
        asyncio.run(reconnects.report(site))
    print(f"\nLoad at the end {os.getloadavg()[0]:.1f}.\n", flush=True)


def print_delays(label: str, site: ChatSite, clients: Sequence[Received | Output]) -> None:
    times = site.fetch_times() or {}
    cuts = statistics.quantiles([client.first_at - times[client.key] for client in clients], n=20)
    print(f"| {label} | {len(clients)} | {cuts[9] * 1000:.0f} ms | {cuts[18] * 1000:.0f} ms |", flush=True)


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


async def measure_alone(site: ChatSite) -> None:
    """Print the delays of answers that are asked one after another."""
    clients = [Received(f"a{number:03d}") for number in range(ALONE)]
    outputs = [Output(f"b{number:03d}") for number in range(ALONE)]
    for number in range(ALONE):
        await ask_over_sse(site, number, clients[number], SHORT_CHUNKS)
        await ask_by_socket(site, number, outputs[number], SHORT_CHUNKS)
    print_delays("one at a time, SSE", site, clients)
    print_delays("one at a time, socket", site, outputs)


async def ask_over_sse(site: ChatSite, place: int, client: Received, chunks: int = CHUNKS) -> None:
    path = f"/v2/conversations/{site.conversations[place % len(site.conversations)]}/messages"
    body = {"message": f"{client.key} {chunks} {PAUSE_MS}"}
    await read_stream(site.port, "POST", path, site.token, client, body)


async def ask_by_socket(site: ChatSite, place: int, output: Output, chunks: int = CHUNKS) -> None:
    session = site.conversations[place % len(site.conversations)]
    content = [{"type": "text", "text": f"{output.key} {chunks} {PAUSE_MS}"}]
    message = {"msg_type": "input", "session_id": session, "content": content}
    await ask_on_socket(site.port, site.token, message, output)


async def measure_together(
    site: ChatSite, clients: Sequence[Received | Output], ask: Callable[..., Awaitable[None]]
) -> Load:
    """Have all clients ask within `RAMP_SECONDS`, and read all answers."""
    load, before = Load(), {role: site.measure_memory(role) for role in ROLES}

    async def ask_later(number: int) -> None:
        await asyncio.sleep(number * RAMP_SECONDS / STREAMS)
        await ask(site, number, clients[number])

    async def watch() -> None:
        while not all(client.first_at for client in clients):
            await asyncio.sleep(0.2)
        await asyncio.sleep(SETTLE_SECONDS)
        begun = site.measure_cpu()
        await asyncio.sleep(WATCH_SECONDS)
        load.cpu = {role: (seconds - begun[role]) / WATCH_SECONDS for role, seconds in site.measure_cpu().items()}
        load.memory = {role: site.measure_memory(role) - before[role] for role in ROLES}

    await asyncio.gather(*(ask_later(number) for number in range(STREAMS)), watch())
    return load
