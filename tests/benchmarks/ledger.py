"""How fast tokens are held and taken by many at once, and how long a balance takes to read."""

import multiprocessing
import os
import statistics
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from tests.stage import Stage

WRITERS = 8
ENTRIES = 100_000


def report(seconds: float = 8) -> None:
    """On a database of its own, each writer a process of its own, as workers are."""
    stage = Stage()
    stage.set_up()
    try:
        _set_up()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        _writing(seconds)
        _reading()
    finally:
        stage.strike()


def _set_up() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "sage.settings"
    django.setup()


def _writing(seconds: float) -> None:
    print(f"## The ledger, {WRITERS} writers (load {os.getloadavg()[0]:.1f} when begun)\n")
    print("An operation is a hold or a capture, a transaction of its own; news of it go to its owner's pages after.\n")
    print("| accounts | news | operations a second | p50, ms | p95, ms |\n|---|---|---|---|---|")
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WRITERS, mp_context=spawn, initializer=_set_up) as writers:
        for count in (1, 1000):
            for news in (True, False):
                accounts = [uuid.uuid4() for _ in range(count)]
                began = time.time() + (3 if news and count == 1 else 1)  # until all of them are there
                races = [writers.submit(_write, accounts, number, began, seconds, news) for number in range(WRITERS)]
                taken = [one for race in races for one in race.result()]
                cuts = statistics.quantiles(taken, n=20)
                rate = len(taken) / seconds
                said = "told" if news else "not told"
                print(f"| {count} | {said} | {rate:.0f} | {cuts[9] * 1000:.1f} | {cuts[18] * 1000:.1f} |", flush=True)
    print()


def _write(accounts: list[uuid.UUID], number: int, began: float, seconds: float, news: bool) -> list[float]:
    """How long each operation took that ended in time."""
    from billing import ledger
    from sage import events

    events.publish, publish = (events.publish if news else lambda *_: None), events.publish
    for user_id in accounts[number::WRITERS]:
        ledger.grant(user_id, 10**9, "Ample", f"ample:{user_id}")
    time.sleep(max(0.0, began - time.time()))
    until, taken, turn = time.perf_counter() + seconds, [], number
    while time.perf_counter() < until:
        reference = str(uuid.uuid4())
        user_id = accounts[turn % len(accounts)]
        began_one = time.perf_counter()
        ledger.hold(user_id, 7, reference)
        half = time.perf_counter()
        ledger.capture(reference)
        taken += [half - began_one, time.perf_counter() - half]
        turn += WRITERS
    events.publish = publish
    return taken


def _reading() -> None:
    from billing import ledger
    from billing.models import Entry

    someone = ledger.open_account(uuid.uuid4()).user_id
    left = ledger.balance(someone).token_balance
    entries = (
        Entry(
            user_id=someone,
            number=number,
            kind=Entry.Kind.GRANT,
            amount=1,
            balance_after=left + number - 1,
            held_after=0,
            reference=f"{someone}:{number}",
            reason="",
        )
        for number in range(2, ENTRIES + 1)
    )
    Entry.objects.bulk_create(entries, batch_size=2000)
    print(f"## A balance of {ENTRIES:,} entries\n\n| read from | ms (median of 20) |\n|---|---|")
    looks: dict[str, Callable[[], object]] = {
        "their sum": lambda: Entry.objects.of(someone).total(),
        "the newest of them": lambda: ledger.balance(someone),
    }
    for name, look in looks.items():
        times = []
        for _ in range(20):
            began = time.perf_counter()
            look()
            times.append(time.perf_counter() - began)
        print(f"| {name} | {statistics.median(times) * 1000:.2f} |")
    assert Entry.objects.of(someone).total() == ledger.balance(someone).token_balance
    print()
