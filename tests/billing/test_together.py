"""Many at once, on real connections, and a process that is killed in the midst of it."""

import os
import random
import signal
import subprocess
import sys
import threading
import uuid
from collections import Counter
from datetime import timedelta
from itertools import accumulate
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection

from billing import ledger
from billing.admin import AccountForm
from billing.models import Account, Entry, Tier
from sage.errors import InsufficientTokens
from tests.stage import ROOT
from videos import charging
from videos.models import Upload

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, ROUNDS = 32, 12


def test_thirty_two_threads_lose_double_and_overdraw_nothing_and_never_wait_for_each_other():
    """Half of them on one account, which has too little for all of them; the others on four."""
    shared, others = uuid.uuid4(), [uuid.uuid4() for _ in range(4)]
    done: Counter[str] = Counter()
    faults: list[BaseException] = []
    barrier, lock = threading.Barrier(THREADS), threading.Lock()

    def work(number: int) -> None:
        chance = random.Random(number)
        try:
            barrier.wait(30)
            for turn in range(ROUNDS):
                mine = shared if number % 2 else others[turn % 4]
                name = f"{number % 16}:{turn}:{mine}"  # each is done by two at once
                outcome = once(mine, name, chance)
                with lock:
                    done[outcome] += 1
        except BaseException as fault:  # noqa: BLE001 - told below
            faults.append(fault)
        finally:
            connection.close()

    def once(mine: uuid.UUID, name: str, chance: random.Random) -> str:
        try:
            ledger.hold(mine, 70, name)
        except InsufficientTokens:
            return "refused"
        if chance.random() < 0.3:
            ledger.release(name)
            return "released"
        try:
            ledger.capture(name, chance.choice([None, 60, 75]))
        except ledger.NotHeld:  # its twin was faster, and released it
            return "late"
        return "captured"

    threads = [threading.Thread(target=work, args=[number]) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert not faults
    assert sum(done.values()) == THREADS * ROUNDS
    assert Account.objects.count() == 5, "each was opened once, whoever came first"
    assert min(done["captured"], done["released"], done["refused"]) > 0
    for mine in (shared, *others):
        entries = list(Entry.objects.of(mine)[::-1])
        assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
        assert [entry.balance_after for entry in entries] == list(accumulate(entry.amount for entry in entries))
        assert min(entry.balance_after for entry in entries) >= 0
        assert ledger.balance(mine) == ledger.Balance(sum(entry.amount for entry in entries), 0)
        ends = Counter(entry.hold for entry in entries if entry.is_last)
        assert set(ends.values()) == {1} and set(ends) == {entry.hold for entry in entries if entry.kind == "hold"}


def test_nothing_is_spent_between_the_look_at_a_balance_and_taking_from_it(admin_client, alice, monkeypatch):
    """An operator takes all that is there, while a video is announced."""
    ledger.open_account(alice.pk)
    refused: list[InsufficientTokens] = []

    def spend() -> None:
        try:
            ledger.hold(alice.pk, 100, "work")
        except InsufficientTokens as error:
            refused.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=spend)
    clean = AccountForm.clean

    def clean_while_other_spends(form: AccountForm) -> dict[str, Any]:
        said = clean(form)
        other.start()
        other.join(1)
        return said

    monkeypatch.setattr(AccountForm, "clean", clean_while_other_spends)
    asked = {"tier": Tier.objects.get(key=Tier.FREE).pk, "adjust": -3600, "reason": "A mistake"}

    shown = admin_client.post(f"/admin/billing/account/{alice.pk}/change/", asked, follow=True).content.decode()

    other.join(30)
    assert "changed successfully" in shown and len(refused) == 1
    assert ledger.balance(alice.pk) == ledger.Balance(0, 0)


KILLED = """
import os, signal
from django.db import transaction
from accounts.models import User
from accounts.viewer import Viewer
from billing import ledger
from videos import uploads
from videos.announced import Announced
alice = Viewer(User.objects.get(email="alice@example.org"))
uploads.begin(alice, Announced("clip.mp4", 10, "video/mp4", duration=50))
lost = uploads.begin(alice, Announced("lost.mp4", 10, "video/mp4", duration=60))
identity = lost.pk
lost.delete()
with transaction.atomic():
    ledger.capture(f"video:{identity}:1")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_on_hold_is_settled_by_beat(alice, monkeypatch, settings):
    """It held for two, lost one of them, and died while it wrote the capture."""
    database = connection.settings_dict
    address = f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}"  # by its socket
    environment = {"DATABASE_URL": address, "VAR_DIR": str(configured.VAR_DIR), "REDIS_URL": configured.REDIS_URL}

    killed = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", KILLED],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert ledger.balance(alice.pk) == ledger.Balance(3490, 110), "the capture came to nothing, both holds stand"
    monkeypatch.setattr(charging, "LEFT_FOR", timedelta(0))
    assert [charging.reconcile(), charging.reconcile()] == [1, 0]
    assert ledger.balance(alice.pk) == ledger.Balance(3550, 50), "the one that may still come keeps its own"
    assert Upload.objects.get().filename == "clip.mp4"
