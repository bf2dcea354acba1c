"""Open uploads reserve disk space, tokens and places for what they announce."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from accounts.viewer import Viewer
from billing import ledger
from billing.models import Tier
from sage import errors
from sage.limits.incoming_bodies import incoming_bodies
from sage.storage import storage
from tests.videos.uploads.parts import put, start_upload
from videos.models import Upload, Video
from videos.uploads import multipart, reservations, transfer
from videos.uploads.single_request import store_file

pytestmark = pytest.mark.django_db
MB = 1024**2
MP4_HEAD = b"\0\0\0\x18ftypmp42"


@pytest.fixture
def set_free_bytes(monkeypatch):
    """Return a function that sets the free space of the storage."""
    return lambda free: monkeypatch.setattr(storage, "free_bytes", lambda: free)


def start_many(viewer, count, size, **more):
    """Start uploads and count their outcomes by class name."""

    def attempt(number):
        try:
            return type(start_upload(viewer, f"{number}.mp4", size, **more)).__name__
        except errors.ApplicationError as error:
            return type(error).__name__

    return Counter(attempt(number) for number in range(count))


def test_uploads_reserve_the_space_that_they_announce(alice, set_free_bytes):
    set_free_bytes(537 * MB)

    assert start_many(Viewer(alice), 8, 400 * MB) == {"Upload": 1, "ServiceUnavailable": 7}
    with pytest.raises(errors.ServiceUnavailable, match="no disk space") as refused:
        start_upload(Viewer(alice), "a.mp4", 138 * MB)
    assert refused.value.headers == {"Retry-After": "30"}
    assert isinstance(start_upload(Viewer(alice), "a.mp4", 137 * MB), Upload)


def test_uploads_of_other_users_reserve_space_too(alice, bob, set_free_bytes):
    set_free_bytes(500)
    start_upload(Viewer(alice), "a.mp4", 400)

    assert start_many(Viewer(bob), 1, 400) == {"ServiceUnavailable": 1}


@pytest.mark.parametrize("ending", ["aborted", "expired"])
def test_an_upload_that_ends_frees_its_reservation(alice, set_free_bytes, ending):
    set_free_bytes(500)
    upload = start_upload(Viewer(alice), "a.mp4", 400)
    if ending == "aborted":
        multipart.abort_upload(upload)
    else:
        Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert start_many(Viewer(alice), 1, 400) == {"Upload": 1}


def test_received_bytes_are_not_reserved_twice(alice, monkeypatch):
    monkeypatch.setattr(transfer, "PART_SIZE", MB)
    upload = start_upload(Viewer(alice), "a.mp4", 3 * MB)
    assert reservations.count_reserved_bytes() == 3 * MB

    put(upload, 2, bytes(range(256)) * 4096)

    assert reservations.count_reserved_bytes() == 2 * MB


def test_uploads_that_start_together_do_not_get_the_same_space(transactional_db, alice, set_free_bytes):
    set_free_bytes(537 * MB)
    gate = threading.Barrier(6)

    def attempt(_):
        gate.wait()
        try:
            return start_many(Viewer(alice), 1, 400 * MB)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        outcomes = sum(pool.map(attempt, range(6)), Counter())

    assert outcomes == {"Upload": 1, "ServiceUnavailable": 5}


def test_a_file_sent_in_one_request_leaves_the_announced_space_free(alice, bob, set_free_bytes):
    set_free_bytes(1000)
    start_upload(Viewer(bob), "b.mp4", 900)
    film = SimpleUploadedFile("a.mp4", MP4_HEAD + bytes(200), "video/mp4")

    with pytest.raises(errors.ServiceUnavailable, match="no disk space"):
        store_file(Viewer(alice), film)
    assert not list(storage.keys("videos"))


def test_a_file_sent_in_one_request_yields_to_uploads_announced_meanwhile(alice, bob, monkeypatch):
    store, free = storage.put_stream, [1000]

    def announce_meanwhile(*arguments):
        store(*arguments)
        start_upload(Viewer(bob), "b.mp4", 900)
        free[0] = 800

    monkeypatch.setattr(storage, "free_bytes", lambda: free[0])
    monkeypatch.setattr(storage, "put_stream", announce_meanwhile)

    with pytest.raises(errors.ServiceUnavailable, match="no disk space"):
        store_file(Viewer(alice), SimpleUploadedFile("a.mp4", MP4_HEAD + bytes(200), "video/mp4"))
    assert not Video.objects.exists()
    assert not list(storage.keys("videos"))


def test_bodies_on_their_way_reserve_space(alice, set_free_bytes):
    set_free_bytes(500)
    assert incoming_bodies.admit("request", 200, free_bytes=10_000)
    try:
        assert start_many(Viewer(alice), 1, 400) == {"ServiceUnavailable": 1}
    finally:
        incoming_bodies.release("request")
    assert start_many(Viewer(alice), 1, 400) == {"Upload": 1}


# --- Plans ---


def test_the_unfinished_uploads_of_a_plan_are_limited_in_bytes(alice, set_free_bytes):
    set_free_bytes(10**15)

    assert start_many(Viewer(alice), 10, 4 * 1024**3) == {"Upload": 2, "Conflict": 8}
    with pytest.raises(errors.Conflict, match="exceed the 10 GB that your plan, Free, allows. Finish or cancel"):
        start_upload(Viewer(alice), "a.mp4", 3 * 1024**3)


def test_the_unfinished_uploads_of_a_plan_are_limited_in_number(alice, bob):
    assert start_many(Viewer(alice), 21, 10) == {"Upload": 20, "Conflict": 1}
    with pytest.raises(errors.Conflict, match="You have 20 unfinished uploads"):
        start_upload(Viewer(alice), "a.mp4", 10)
    assert start_many(Viewer(bob), 1, 10) == {"Upload": 1}


def test_a_plan_always_allows_one_file_of_its_largest_size(alice, set_free_bytes):
    set_free_bytes(10**15)
    Tier.objects.update(open_upload_gb=0)

    assert start_many(Viewer(alice), 2, 5 * 1024**3) == {"Upload": 1, "Conflict": 1}


def test_uploads_that_start_together_do_not_exceed_the_plan(transactional_db, alice):
    ledger.open_account(alice.pk)
    Tier.objects.update(open_uploads=2)
    gate = threading.Barrier(6)

    def attempt(_):
        gate.wait()
        try:
            return start_many(Viewer(alice), 1, 10)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        outcomes = sum(pool.map(attempt, range(6)), Counter())

    assert outcomes == {"Upload": 2, "Conflict": 4}


# --- Tokens ---


def test_declared_durations_are_held_when_uploads_open(alice):
    assert start_many(Viewer(alice), 4, 10, duration=1200.0) == {"Upload": 3, "InsufficientTokens": 1}
    assert ledger.balance(alice.pk) == ledger.Balance(0, 3600)


def test_the_balance_covers_the_minimum_charge_of_every_open_upload(alice):
    ledger.open_account(alice.pk)
    ledger.hold(alice.pk, 3597, "other")

    assert start_many(Viewer(alice), 5, 10) == {"Upload": 3, "InsufficientTokens": 2}
    with pytest.raises(errors.InsufficientTokens) as refused:
        start_upload(Viewer(alice), "a.mp4", 10)
    assert refused.value.details == {"required": 4, "available": 3}


def test_a_declared_upload_leaves_the_minimum_charges_of_the_others(alice):
    ledger.open_account(alice.pk)
    start_many(Viewer(alice), 2, 10)

    assert start_many(Viewer(alice), 1, 10, duration=3599.0) == {"InsufficientTokens": 1}
    assert start_many(Viewer(alice), 1, 10, duration=3598.0) == {"Upload": 1}
