"""Measure whether the time of a rejected log-in reveals accounts: known, unknown and password-less addresses."""

import logging
import os
import statistics
import time
from typing import Any

from tests.servers import LocalServers

ROUNDS = 30
ADDRESSES = {"known": "known@example.org", "unknown": "unknown@example.org", "without a password": "google@example.org"}


def report(rounds: int = ROUNDS) -> None:
    """Print times of wrong passwords at page and API. Addresses alternate, so that load affects all of them."""
    servers = LocalServers()
    servers.start()
    try:
        os.environ["DJANGO_SETTINGS_MODULE"] = "sage.settings"
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        settings.ALLOWED_HOSTS = ["testserver"]
        call_command("migrate", verbosity=0)
        logging.disable(logging.WARNING)  # each rejection would be logged
        _create_users()
        print(f"## Rejected log-ins, {rounds} of each (load at start {os.getloadavg()[0]:.1f})\n")
        print("| endpoint | address | p50, ms | p95, ms | p50 / known |\n|---|---|---|---|---|")
        for endpoint in ("page", "API"):
            _print_rows(endpoint, rounds)
        print()
    finally:
        servers.stop()


def _create_users() -> None:
    from accounts.models import User

    User.objects.create_user(ADDRESSES["known"], "correct horse battery", name="Known")
    User.objects.create_user(ADDRESSES["without a password"], name="Google")


def _print_rows(endpoint: str, rounds: int) -> None:
    from django.core.cache import cache
    from django.test import Client

    client, taken = Client(), {kind: [] for kind in ADDRESSES}  # type: dict[str, list[float]]
    for round_number in range(rounds + 1):
        for kind, email in ADDRESSES.items():
            cache.clear()  # resets the rate limit
            began = time.perf_counter()
            _log_in(client, endpoint, email)
            if round_number:  # the first round warms up
                taken[kind].append((time.perf_counter() - began) * 1000)
    known = statistics.median(taken["known"])
    for kind, times in taken.items():
        median, p95 = statistics.median(times), statistics.quantiles(times, n=20)[18]
        print(f"| {endpoint} | {kind} | {median:.1f} | {p95:.1f} | {median / known:.3f} |", flush=True)


def _log_in(client: Any, endpoint: str, email: str) -> None:
    if endpoint == "page":
        assert client.post("/account/login/", {"login": email, "password": "wrong"}).status_code == 200
    else:
        body = {"email": email, "password": "wrong"}
        assert client.post("/v2/auth/login", body, content_type="application/json").status_code == 401
