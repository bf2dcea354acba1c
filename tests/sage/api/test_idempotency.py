import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from sage.errors import Conflict
from sage.models import IdempotentResponse
from videos.models import Upload
from videos.uploads import multipart

pytestmark = pytest.mark.django_db


def post(client, key="one", **overrides):
    body = {"filename": "a.mp4", "size": 6, **overrides}
    return client.post("/v2/uploads", body, "application/json", headers={"Idempotency-Key": key})


def test_a_repeated_request_gets_the_first_response(alice_client):
    first, again = post(alice_client), post(alice_client)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.get("Idempotent-Replay"), again["Idempotent-Replay"]) == (None, "true")
    assert Upload.objects.count() == 1


def test_another_body_with_the_same_key_is_refused(alice_client):
    post(alice_client)

    answer = post(alice_client, size=7)

    assert answer.status_code == 409
    assert "new key" in answer.json()["error"]["message"]
    assert Upload.objects.count() == 1


def test_users_may_use_the_same_key(alice_client, bob_client):
    assert post(alice_client).json()["upload_id"] != post(bob_client).json()["upload_id"]


def test_an_error_response_is_replayed(alice_client):
    first, again = post(alice_client, size=0), post(alice_client, size=0)

    assert (first.status_code, again.status_code) == (422, 422)
    assert again["Idempotent-Replay"] == "true"
    assert first.json() == again.json()


def test_a_503_response_is_not_stored(alice_client, monkeypatch):
    from sage.storage import storage

    with monkeypatch.context() as full:
        full.setattr(storage, "free_bytes", lambda: 0)
        assert post(alice_client).status_code == 503

    assert post(alice_client).status_code == 201


def test_an_exception_rolls_back_work_and_response(alice_client, monkeypatch):
    alice_client.raise_request_exception = False
    begin = multipart.start_upload

    def fail_halfway(*args):
        begin(*args)
        raise RuntimeError("half-way")

    with monkeypatch.context() as faulty:
        faulty.setattr(multipart, "start_upload", fail_halfway)
        assert post(alice_client).status_code == 500
    assert not Upload.objects.exists()
    assert not IdempotentResponse.objects.exists()

    assert post(alice_client).status_code == 201


def test_an_error_response_rolls_back_the_work(alice_client, monkeypatch):
    begin = multipart.start_upload

    def refuse(*args):
        begin(*args)
        raise Conflict("Not now.")

    monkeypatch.setattr(multipart, "start_upload", refuse)

    assert post(alice_client).status_code == 409
    assert not Upload.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 256, "naïve", "tab\there"])
def test_an_invalid_key_is_refused(alice_client, key):
    answer = post(alice_client, key)

    assert answer.status_code == 400
    assert "printable" in answer.json()["error"]["message"]


def test_a_key_can_be_reused_after_a_day(alice_client):
    first = post(alice_client).json()
    IdempotentResponse.objects.update(created_at=timezone.now() - timedelta(hours=25))

    assert post(alice_client).json() != first


def test_a_response_is_encrypted_and_not_replayed_without_its_encryption_key(alice_client, settings):
    identity = post(alice_client).json()["upload_id"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_answer::text FROM accounts_answer")
        (stored,) = cursor.fetchone()
    settings.FERNET_KEYS = ["A" * 43 + "="]

    again = post(alice_client)

    assert identity not in stored
    assert again.status_code == 409 and "shown only once" in again.json()["error"]["message"]
    assert Upload.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_requests_run_once(alice):
    answers = []

    def send():
        client = Client()
        client.force_login(alice)
        answers.append(post(client))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["upload_id"] for answer in answers}) == 1
    assert Upload.objects.count() == 1
