"""What it costs to be known: one call by each way to say who one is, beside the same call of a stranger."""

import asyncio
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from tests.site import Site

CLIENTS = 50
ROUNDS = 20
PATH = "/v2/auth/status"

ASK = """
import json
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from accounts import jwts, tokens
from accounts.models import User
settings.ALLOWED_HOSTS = ["*"]
alice = User.objects.create_user("alice@example.org", "correct horse battery", name="Alice")
client = Client()
client.force_login(alice)
cookie = client.cookies["sessionid"].value
doors = {
    "nobody": {},
    "JWT": {"Authorization": f"Bearer {jwts.issue(alice)}"},
    "session": {"Cookie": f"sessionid={cookie}"},
    "long-term token": {"Authorization": f"Bearer {tokens.make(alice)[1]}"},
}
queries = {}
for name, headers in doors.items():
    asking = Client()
    asking.get("/v2/auth/status", headers=headers)
    with CaptureQueriesContext(connection) as asked:
        asking.get("/v2/auth/status", headers=headers)
    queries[name] = len(asked)
print("made", json.dumps({"doors": doors, "queries": queries}))
"""


def report() -> None:
    """Times as many clients see them, in turn by each door, and as ratios to those of a stranger."""
    print(f"## Being known, {CLIENTS} clients at once (load {os.getloadavg()[0]:.1f} when begun)\n")
    print("| who asks | queries | p50, ms | p95, ms | p50 : nobody | p95 : nobody |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder) / "var").start()
        try:
            (line,) = (one for one in site.run(ASK).splitlines() if one.startswith("made "))
            made = json.loads(line.removeprefix("made "))
            times = asyncio.run(_timed(site.address + PATH, made["doors"]))
        finally:
            site.end()
    bare = _quantiles(times["nobody"])
    for name, seconds in times.items():
        middle, late = _quantiles(seconds)
        print(
            f"| {name} | {made['queries'][name]} | {middle * 1000:.1f} | {late * 1000:.1f} "
            f"| {middle / bare[0]:.2f} | {late / bare[1]:.2f} |"
        )
    print()


async def _timed(address: str, doors: dict[str, dict[str, str]]) -> dict[str, list[float]]:
    """Seconds of each answer. The doors take turns, so that whatever else the machine does meets them all."""
    times: dict[str, list[float]] = {name: [] for name in doors}
    limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def ask(name: str) -> None:
            began = time.perf_counter()
            (await client.get(address, headers=doors[name])).raise_for_status()
            times[name].append(time.perf_counter() - began)

        for name in doors:  # what is loaded once
            await asyncio.gather(*(ask(name) for _ in range(CLIENTS)))
            times[name].clear()
        for _ in range(ROUNDS):
            for name in doors:
                await asyncio.gather(*(ask(name) for _ in range(CLIENTS)))
    return times


def _quantiles(seconds: list[float]) -> tuple[float, float]:
    return statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
