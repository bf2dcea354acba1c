"""Measure the cost of authentication: one call per method, next to an anonymous call."""

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

SET_UP = """
import json
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from accounts.credentials import tokens
from accounts.signin import jwts
from accounts.models import User
settings.ALLOWED_HOSTS = ["*"]
alice = User.objects.create_user("alice@example.org", "correct horse battery", name="Alice")
client = Client()
client.force_login(alice)
cookie = client.cookies["sessionid"].value
methods = {
    "anonymous": {},
    "JWT": {"Authorization": f"Bearer {jwts.issue(alice)}"},
    "session": {"Cookie": f"sessionid={cookie}"},
    "long-term token": {"Authorization": f"Bearer {tokens.create_token(alice)[1]}"},
}
queries = {}
for name, headers in methods.items():
    measured_client = Client()
    measured_client.get("/v2/auth/status", headers=headers)
    with CaptureQueriesContext(connection) as captured:
        measured_client.get("/v2/auth/status", headers=headers)
    queries[name] = len(captured)
print("made", json.dumps({"methods": methods, "queries": queries}))
"""


def report() -> None:
    """Print response times per authentication method with many clients, and their ratios to an anonymous call."""
    print(f"## Cost of authentication, {CLIENTS} concurrent clients (load at start {os.getloadavg()[0]:.1f})\n")
    print("| method | queries | p50, ms | p95, ms | p50 / anonymous | p95 / anonymous |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder) / "var").start()
        try:
            (line,) = (one for one in site.run(SET_UP).splitlines() if one.startswith("made "))
            created = json.loads(line.removeprefix("made "))
            times = asyncio.run(_timed(site.address + PATH, created["methods"]))
        finally:
            site.stop()
    anonymous = _quantiles(times["anonymous"])
    for name, seconds in times.items():
        median, p95 = _quantiles(seconds)
        print(
            f"| {name} | {created['queries'][name]} | {median * 1000:.1f} | {p95 * 1000:.1f} "
            f"| {median / anonymous[0]:.2f} | {p95 / anonymous[1]:.2f} |"
        )
    print()


async def _timed(address: str, methods: dict[str, dict[str, str]]) -> dict[str, list[float]]:
    """Return the seconds of each response. Methods alternate, so that other load on the machine affects all of them."""
    times: dict[str, list[float]] = {name: [] for name in methods}
    limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def ask(name: str) -> None:
            began = time.perf_counter()
            (await client.get(address, headers=methods[name])).raise_for_status()
            times[name].append(time.perf_counter() - began)

        for name in methods:  # warm up
            await asyncio.gather(*(ask(name) for _ in range(CLIENTS)))
            times[name].clear()
        for _ in range(ROUNDS):
            for name in methods:
                await asyncio.gather(*(ask(name) for _ in range(CLIENTS)))
    return times


def _quantiles(seconds: list[float]) -> tuple[float, float]:
    return statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
