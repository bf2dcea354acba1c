"""Whether a wrong log-in tells by its time who has an account: addresses known, unknown, and without a password."""

import logging
import os
import statistics
import time
from typing import Any

from tests.stage import Stage

ROUNDS = 30
ADDRESSES = {"known": "known@example.org", "unknown": "unknown@example.org", "without a password": "google@example.org"}


def report(rounds: int = ROUNDS) -> None:
    """Wrong passwords at the page and the API, in turn, so that a busy machine slows all of them alike."""
    stage = Stage()
    stage.set_up()
    try:
        os.environ["DJANGO_SETTINGS_MODULE"] = "sage.settings"
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        settings.ALLOWED_HOSTS = ["testserver"]
        call_command("migrate", verbosity=0)
        logging.disable(logging.WARNING)  # each refusal would be a line
        _people()
        print(f"## Wrong log-ins, {rounds} of each (load {os.getloadavg()[0]:.1f} when begun)\n")
        print("| at | address | p50, ms | p95, ms | of the known one's p50 |\n|---|---|---|---|---|")
        for where in ("page", "API"):
            _table(where, rounds)
        print()
    finally:
        stage.strike()


def _people() -> None:
    from accounts.models import User

    User.objects.create_user(ADDRESSES["known"], "correct horse battery", name="Known")
    User.objects.create_user(ADDRESSES["without a password"], name="Google")


def _table(where: str, rounds: int) -> None:
    from django.core.cache import cache
    from django.test import Client

    client, taken = Client(), {kind: [] for kind in ADDRESSES}  # type: dict[str, list[float]]
    for turn in range(rounds + 1):
        for kind, email in ADDRESSES.items():
            cache.clear()  # the limit on tries is another matter
            began = time.perf_counter()
            _try(client, where, email)
            if turn:  # the first of each warms up
                taken[kind].append((time.perf_counter() - began) * 1000)
    usual = statistics.median(taken["known"])
    for kind, times in taken.items():
        middle, slow = statistics.median(times), statistics.quantiles(times, n=20)[18]
        print(f"| {where} | {kind} | {middle:.1f} | {slow:.1f} | {middle / usual:.3f} |", flush=True)


def _try(client: Any, where: str, email: str) -> None:
    if where == "page":
        assert client.post("/account/login/", {"login": email, "password": "wrong"}).status_code == 200
    else:
        body = {"email": email, "password": "wrong"}
        assert client.post("/v2/auth/login", body, content_type="application/json").status_code == 401
