"""The ledger with concurrent threads on real connections, and after a killed process."""

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
from tests.servers import ROOT
from videos import charging
from videos.models import Upload

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, ROUNDS = 32, 12


def test_concurrent_threads_never_lose_duplicate_or_overdraw_tokens():
    """Let half of the threads share one account that cannot cover all holds, and the others use four accounts."""
    shared, others = uuid.uuid4(), [uuid.uuid4() for _ in range(4)]
    done: Counter[str] = Counter()
    faults: list[BaseException] = []
    barrier, lock = threading.Barrier(THREADS), threading.Lock()

    def work(number: int) -> None:
        rng = random.Random(number)
        try:
            barrier.wait(60)
            for turn in range(ROUNDS):
                account = shared if number % 2 else others[turn % 4]
                name = f"{number % 16}:{turn}:{account}"  # two threads use the same name at once
                outcome = once(account, name, rng)
                with lock:
                    done[outcome] += 1
        except BaseException as fault:  # noqa: BLE001 - asserted below
            faults.append(fault)
        finally:
            connection.close()

    def once(account: uuid.UUID, name: str, rng: random.Random) -> str:
        try:
            ledger.hold(account, 70, name)
        except InsufficientTokens:
            return "refused"
        if rng.random() < 0.3:
            ledger.release(name)
            return "released"
        try:
            ledger.capture(name, rng.choice([None, 60, 75]))
        except ledger.HoldNotFound:  # the other thread released it first
            return "late"
        return "captured"

    threads = [threading.Thread(target=work, args=[number]) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert not faults
    assert sum(done.values()) == THREADS * ROUNDS
    assert Account.objects.count() == 5, "an account was opened twice"
    assert min(done["captured"], done["released"], done["refused"]) > 0
    for account in (shared, *others):
        entries = list(Entry.objects.of(account)[::-1])
        assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
        assert [entry.balance_after for entry in entries] == list(accumulate(entry.amount for entry in entries))
        assert min(entry.balance_after for entry in entries) >= 0
        assert ledger.balance(account) == ledger.Balance(sum(entry.amount for entry in entries), 0)
        ends = Counter(entry.hold for entry in entries if entry.is_last)
        assert set(ends.values()) == {1} and set(ends) == {entry.hold for entry in entries if entry.kind == "hold"}


def test_no_tokens_are_spent_between_checking_and_adjusting_a_balance(admin_client, alice, monkeypatch):
    """Start an upload while an operator subtracts the whole balance."""
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
        cleaned = clean(form)
        other.start()
        other.join(1)
        return cleaned

    monkeypatch.setattr(AccountForm, "clean", clean_while_other_spends)
    form = {"tier": Tier.objects.get(key=Tier.FREE).pk, "adjust": -3600, "reason": "A mistake"}

    shown = admin_client.post(f"/admin/billing/account/{alice.pk}/change/", form, follow=True).content.decode()

    other.join(60)
    assert "changed successfully" in shown and len(refused) == 1
    assert ledger.balance(alice.pk) == ledger.Balance(0, 0)


KILLED = """
import os, signal
from django.db import transaction
from accounts.models import User
from accounts.viewer import Viewer
from billing import ledger
from videos.uploads import multipart
from videos.uploads.announcement import UploadAnnouncement
alice = Viewer(User.objects.get(email="alice@example.org"))
multipart.start_upload(alice, UploadAnnouncement("clip.mp4", 10, "video/mp4", duration=50))
lost = multipart.start_upload(alice, UploadAnnouncement("lost.mp4", 10, "video/mp4", duration=60))
identity = lost.pk
lost.delete()
with transaction.atomic():
    ledger.capture(f"video:{identity}:1")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_holds_of_a_killed_process_are_settled_periodically(alice, monkeypatch, settings):
    """Kill a process that held tokens for two uploads, lost one of them and was writing the capture."""
    database = connection.settings_dict
    address = f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}"  # through its socket
    environment = {"DATABASE_URL": address, "VAR_DIR": str(configured.VAR_DIR), "REDIS_URL": configured.REDIS_URL}

    killed = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", KILLED],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert ledger.balance(alice.pk) == ledger.Balance(3490, 110), (
        "the capture must be rolled back and both holds stay open"
    )
    monkeypatch.setattr(charging, "RECONCILE_AFTER", timedelta(0))
    assert [charging.reconcile(), charging.reconcile()] == [1, 0]
    assert ledger.balance(alice.pk) == ledger.Balance(3550, 50), "the hold of the open upload must stay"
    assert Upload.objects.get().filename == "clip.mp4"
