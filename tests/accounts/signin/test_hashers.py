"""Bursts of log-ins and registrations: passwords are hashed a few at a time and without a database connection."""

import threading

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password
from django.db import connection

from accounts.models import User
from accounts.signin import hashers
from accounts.signin.hashers import HashingQueue
from sage.errors import ServiceUnavailable

PASSWORD = "correct horse battery"
NEW_PASSWORD = "another long phrase"
JSON = "application/json"


def log_in(client):
    return client.post("/v2/auth/login", {"email": "alice@example.org", "password": PASSWORD}, JSON)


def register(client):
    return client.post("/v2/auth/register", {"email": "carol@example.org", "password": PASSWORD, "name": "Carol"}, JSON)


def log_in_on_page(client):
    return client.post("/account/login/", {"login": "alice@example.org", "password": PASSWORD})


def sign_up_on_page(client):
    return client.post("/account/signup/", {"email": "carol@example.org", "password1": PASSWORD, "name": "Carol"})


def log_in_as_unknown(client):
    return client.post("/v2/auth/login", {"email": "nobody@example.org", "password": PASSWORD}, JSON)


def change_password(client):
    client.force_login(User.objects.get())
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return client.post("/account/password/change/", form)


def confirm_identity(client):
    client.force_login(User.objects.get())
    return client.post("/account/reauthenticate/", {"password": PASSWORD})


def reset_password(client):
    alice = User.objects.get()
    key = f"{user_pk_to_url_str(alice)}-{default_token_generator.make_token(alice)}"
    form_page = client.get(f"/account/password/reset/key/{key}/")
    return client.post(form_page.url, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})


HASHING_REQUESTS = [
    log_in,
    register,
    log_in_on_page,
    sign_up_on_page,
    log_in_as_unknown,
    change_password,
    confirm_identity,
    reset_password,
]


@pytest.fixture
def busy_queue(monkeypatch):
    """Occupy the only place of the queue."""
    monkeypatch.setattr(hashers, "queue", HashingQueue(running=1, waiting=0, wait_seconds=0))
    with hashers.queue.enter():
        yield


@pytest.mark.parametrize("send", HASHING_REQUESTS)
@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_a_password_is_hashed(send, client, alice, monkeypatch):
    held, encode = [], PBKDF2PasswordHasher.encode

    def record(*arguments):
        held.append(connection.connection is not None)
        return encode(*arguments)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", record)

    assert send(client).status_code < 500
    assert held
    assert not any(held)


@pytest.mark.parametrize("send", HASHING_REQUESTS)
@pytest.mark.django_db
def test_a_request_beyond_the_queue_is_503_and_says_when_to_retry(send, client, alice, busy_queue):
    answer = send(client)

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    if answer.request["PATH_INFO"].startswith("/v2/"):
        assert answer.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
        assert set(answer.json()["error"]) == {"code", "message", "details"}
    else:
        assert b"Too many people are logging in" in answer.content
    alice.refresh_from_db()
    assert list(User.objects.all()) == [alice]
    assert alice.password.startswith("pbkdf2_sha256$")


@pytest.mark.django_db
def test_other_requests_are_answered_while_the_queue_is_full(alice_client, busy_queue):
    assert alice_client.get("/library/").status_code == 200
    assert alice_client.get("/v2/videos").status_code == 200


@pytest.mark.django_db
def test_a_login_that_could_not_be_checked_is_not_a_failed_one(client, alice, monkeypatch):
    with monkeypatch.context() as burst:
        burst.setattr(hashers, "queue", HashingQueue(running=1, waiting=0, wait_seconds=0))
        with hashers.queue.enter():
            assert [log_in(client).status_code for _ in range(6)] == [503] * 6

    assert log_in(client).status_code == 200


def test_only_so_many_threads_hash_at_a_time():
    queue, running, most = HashingQueue(running=2, waiting=20, wait_seconds=60), [], []

    def work():
        with queue.enter():
            running.append(1)
            most.append(len(running))
            make_password(PASSWORD)
            running.pop()

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(most) == 12
    assert max(most) <= 2


def test_a_thread_waits_only_so_long():
    queue = HashingQueue(running=1, waiting=1, wait_seconds=0)

    with queue.enter(), pytest.raises(ServiceUnavailable, match="Try again in a few seconds"), queue.enter():
        pass
    with queue.enter():
        pass  # the refused thread has left the queue


def test_hashes_of_django_stay_valid():
    stored = PBKDF2PasswordHasher().encode(PASSWORD, "salt")

    assert check_password(PASSWORD, stored)
    assert make_password(PASSWORD).startswith("pbkdf2_sha256$")
