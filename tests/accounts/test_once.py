import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Answer
from sage.errors import Conflict
from videos import uploads
from videos.models import Upload

pytestmark = pytest.mark.django_db


def post(client, key="one", **said):
    body = {"filename": "a.mp4", "size": 6, **said}
    return client.post("/v2/uploads", body, "application/json", headers={"Idempotency-Key": key})


def test_the_same_request_again_gets_the_first_answer(alices):
    first, again = post(alices), post(alices)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.get("Idempotent-Replay"), again["Idempotent-Replay"]) == (None, "true")
    assert Upload.objects.count() == 1


def test_another_body_under_the_same_key_is_refused(alices):
    post(alices)

    answer = post(alices, size=7)

    assert answer.status_code == 409
    assert "new key" in answer.json()["error"]["message"]
    assert Upload.objects.count() == 1


def test_a_key_is_its_owners_own(alices, bobs):
    assert post(alices).json()["upload_id"] != post(bobs).json()["upload_id"]


def test_a_refusal_is_an_answer_too(alices):
    first, again = post(alices, size=0), post(alices, size=0)

    assert (first.status_code, again.status_code) == (422, 422)
    assert again["Idempotent-Replay"] == "true"
    assert first.json() == again.json()


def test_what_may_go_better_next_time_is_tried_again(alices, monkeypatch):
    from sage.storage import storage

    with monkeypatch.context() as full:
        full.setattr(storage, "free_bytes", lambda: 0)
        assert post(alices).status_code == 503

    assert post(alices).status_code == 201


def test_a_fault_half_way_leaves_neither_work_nor_answer(alices, monkeypatch):
    alices.raise_request_exception = False
    begin = uploads.begin

    def fall_over(*said):
        begin(*said)
        raise RuntimeError("half-way")

    with monkeypatch.context() as faulty:
        faulty.setattr(uploads, "begin", fall_over)
        assert post(alices).status_code == 500
    assert not Upload.objects.exists()
    assert not Answer.objects.exists()

    assert post(alices).status_code == 201


def test_a_refusal_undoes_what_was_written_before_it(alices, monkeypatch):
    begin = uploads.begin

    def refuse(*said):
        begin(*said)
        raise Conflict("Not now.")

    monkeypatch.setattr(uploads, "begin", refuse)

    assert post(alices).status_code == 409
    assert not Upload.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 256, "naïve", "tab\there"])
def test_a_key_that_is_none_is_told(alices, key):
    answer = post(alices, key)

    assert answer.status_code == 400
    assert "printable" in answer.json()["error"]["message"]


def test_a_day_later_a_key_is_free_again(alices):
    first = post(alices).json()
    Answer.objects.update(created_at=timezone.now() - timedelta(hours=25))

    assert post(alices).json() != first


def test_an_answer_lies_sealed_and_says_no_more_once_its_key_is_gone(alices, settings):
    identity = post(alices).json()["upload_id"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_answer::text FROM accounts_answer")
        (kept,) = cursor.fetchone()
    settings.FERNET_KEYS = ["A" * 43 + "="]

    again = post(alices)

    assert identity not in kept
    assert again.status_code == 409 and "shown only once" in again.json()["error"]["message"]
    assert Upload.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_done_once(alice):
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
