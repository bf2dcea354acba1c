"""Measure concurrent holds and captures of tokens, and the time to read a balance."""

import multiprocessing
import os
import statistics
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from tests.servers import LocalServers

WRITERS = 8
ENTRIES = 100_000


def report(seconds: float = 8) -> None:
    """Print the figures, measured on a separate database with one process per writer."""
    servers = LocalServers()
    servers.start()
    try:
        _set_up()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        _measure_writes(seconds)
        _measure_reads()
    finally:
        servers.stop()


def _set_up() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "sage.settings"
    django.setup()


def _measure_writes(seconds: float) -> None:
    print(f"## Ledger, {WRITERS} writers (load at start {os.getloadavg()[0]:.1f})\n")
    print(
        "An operation is a hold or a capture in its own transaction. Live updates are sent to the pages of the owner.\n"
    )
    print("| accounts | live updates | operations per second | p50, ms | p95, ms |\n|---|---|---|---|---|")
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WRITERS, mp_context=spawn, initializer=_set_up) as writers:
        for count in (1, 1000):
            for live_updates in (True, False):
                accounts = [uuid.uuid4() for _ in range(count)]
                start = time.time() + (3 if live_updates and count == 1 else 1)  # the time until all writers are ready
                results = [
                    writers.submit(_write, accounts, number, start, seconds, live_updates) for number in range(WRITERS)
                ]
                taken = [one for result in results for one in result.result()]
                cuts = statistics.quantiles(taken, n=20)
                rate = len(taken) / seconds
                updates = "sent" if live_updates else "off"
                print(
                    f"| {count} | {updates} | {rate:.0f} | {cuts[9] * 1000:.1f} | {cuts[18] * 1000:.1f} |", flush=True
                )
    print()


def _write(accounts: list[uuid.UUID], number: int, start: float, seconds: float, live_updates: bool) -> list[float]:
    """Return the duration of each operation that finished in time."""
    from billing import ledger
    from sage import events

    publish = events.Topic.publish
    if not live_updates:
        events.Topic.publish = lambda *_: None
    for user_id in accounts[number::WRITERS]:
        ledger.grant(user_id, 10**9, "Ample", f"ample:{user_id}")
    time.sleep(max(0.0, start - time.time()))
    until, taken, index = time.perf_counter() + seconds, [], number
    while time.perf_counter() < until:
        reference = str(uuid.uuid4())
        user_id = accounts[index % len(accounts)]
        began = time.perf_counter()
        ledger.hold(user_id, 7, reference)
        half = time.perf_counter()
        ledger.capture(reference)
        taken += [half - began, time.perf_counter() - half]
        index += WRITERS
    events.Topic.publish = publish
    return taken


def _measure_reads() -> None:
    from billing import ledger
    from billing.models import Entry

    user_id = ledger.open_account(uuid.uuid4()).user_id
    balance = ledger.balance(user_id).token_balance
    entries = (
        Entry(
            user_id=user_id,
            number=number,
            kind=Entry.Kind.GRANT,
            amount=1,
            balance_after=balance + number - 1,
            held_after=0,
            reference=f"{user_id}:{number}",
            reason="",
        )
        for number in range(2, ENTRIES + 1)
    )
    Entry.objects.bulk_create(entries, batch_size=2000)
    print(f"## Balance of {ENTRIES:,} entries\n\n| source | ms (median of 20) |\n|---|---|")
    reads: dict[str, Callable[[], object]] = {
        "sum of the entries": lambda: Entry.objects.of(user_id).total(),
        "newest entry": lambda: ledger.balance(user_id),
    }
    for name, read in reads.items():
        times = []
        for _ in range(20):
            start = time.perf_counter()
            read()
            times.append(time.perf_counter() - start)
        print(f"| {name} | {statistics.median(times) * 1000:.2f} |")
    assert Entry.objects.of(user_id).total() == ledger.balance(user_id).token_balance
    print()
