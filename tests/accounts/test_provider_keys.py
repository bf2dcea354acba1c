"""Provider keys, with a real worker between the web and doubles of the providers."""

import json
import logging

import pytest
from celery.contrib.testing.worker import start_worker
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import provider_keys, verdicts
from accounts.models import Answer, ProviderKey
from sage.errors import NotFound
from sage.providers import checking
from sage.providers.checking import Provider
from sage.sealing import seal
from tests.vendors import BAD, GOOD

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def worker():
    """Whoever takes the queue `high`, in a thread of this process."""
    from sage.celery import app

    with start_worker(app, queues=["high"], pool="threads", perform_ping_check=False, shutdown_timeout=10):
        yield


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(checking, "PAUSE_SECONDS", 0)


@pytest.fixture
def put(alices, vendors, worker):
    """Alice sends a key by the API."""

    def send(provider, key):
        return alices.put(f"/v2/provider-keys/{provider}", {"key": key}, "application/json")

    return send


@pytest.mark.parametrize("provider", Provider)
def test_a_key_that_its_provider_takes_is_kept_and_shown_by_its_last_four(alices, put, provider):
    answer = put(provider, f"  {GOOD[provider]}\n")

    assert answer.status_code == 200
    told = answer.json()
    assert told == alices.get(f"/v2/provider-keys/{provider}").json()
    assert (told["provider"], told["is_valid"], told["last_four"]) == (provider, True, "good")
    assert ProviderKey.objects.get().secret == GOOD[provider]


def test_a_key_that_is_refused_leaves_the_one_before_it(put, vendors):
    put("openai", GOOD["openai"])

    refused = put("openai", BAD["openai"])

    assert refused.status_code == 422
    assert refused.json()["error"]["details"][0]["type"] == "refused"
    vendors.mood = 503
    away = put("openai", BAD["openai"])
    assert (away.status_code, away.json()["error"]["code"]) == (502, "PROVIDER_ERROR")
    assert ProviderKey.objects.get().secret == GOOD["openai"]


def test_a_key_is_neither_logged_nor_shown_nor_sent_nor_stored_in_the_open(
    alices, alice, put, admin_client, vendors, caplog, monkeypatch
):
    sent = []
    passed_on = verdicts.current_app.send_task
    monkeypatch.setattr(verdicts.current_app, "send_task", lambda *a, **k: (sent.append((a, k)), passed_on(*a, **k)))
    secrets = [GOOD["gemini"], BAD["gemini"]]
    with caplog.at_level(logging.DEBUG):
        said = [put("gemini", key).content.decode() for key in secrets]
        vendors.mood = 500
        said += [alices.post("/account/keys/gemini/", {"gemini-key": key}).content.decode() for key in secrets]
    kept = ProviderKey.objects.get()
    said += [alices.get("/account/keys/").content.decode(), alices.get("/v2/users/me").content.decode()]
    for path in ("", f"{kept.pk}/change/", f"{kept.pk}/delete/"):
        shown = admin_client.get(f"/admin/accounts/providerkey/{path}")
        assert shown.status_code == 200
        said.append(shown.content.decode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_providerkey")
        said.append(str(cursor.fetchall()))

    assert len(sent) == 4 and kept.secret == GOOD["gemini"]
    for where in [*said, caplog.text, json.dumps(sent), repr(kept), str(vars(kept))]:
        assert not [key for key in secrets if key in where]
    assert kept.sealed not in "".join(said[:-1])


NO_KEYS = ["short", "with a space in the middle", "x" * 301, "two\r\nX-Header: lines", "ключ-из-других-букв", 7, None]


@pytest.mark.parametrize("key", NO_KEYS)
def test_what_is_no_key_never_reaches_a_provider(put, vendors, key):
    answer = put("openai", key)

    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "key"
    assert vendors.asked == []


def test_keys_are_ones_own_and_can_be_taken_away(alices, bobs, put):
    put("gemini", GOOD["gemini"])

    assert bobs.get("/v2/provider-keys/gemini").status_code == 404
    assert bobs.delete("/v2/provider-keys/gemini").status_code == 404
    assert alices.get("/v2/provider-keys/anthropic").status_code == 404
    assert alices.delete("/v2/provider-keys/gemini").status_code == 204
    assert alices.get("/v2/provider-keys/gemini").status_code == 404
    assert not ProviderKey.objects.exists()


def test_without_a_worker_it_is_said_and_nothing_waits_for_ever(alices, vendors, monkeypatch):
    monkeypatch.setattr(verdicts, "WAIT_SECONDS", 1)
    monkeypatch.setattr(verdicts, "TASK", "nobodys.task")

    answer = alices.put("/v2/provider-keys/openai", {"key": GOOD["openai"]}, "application/json")

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert "try again" in answer.json()["error"]["message"]


def test_without_redis_it_is_said_too(alices, vendors, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = alices.put("/v2/provider-keys/openai", {"key": GOOD["openai"]}, "application/json")

    assert answer.status_code == 503


def test_the_page_saves_checks_again_and_removes(alices, alice, vendors, worker):
    saved = alices.post("/account/keys/openai/", {"openai-key": GOOD["openai"]}, follow=True)
    assert b"OpenAI takes your key" in saved.content
    vendors.mood = 401
    again = alices.post("/account/keys/openai/check/", follow=True)
    assert b"no longer takes your key" in again.content
    assert ProviderKey.objects.get().is_valid is False
    vendors.mood = None
    assert b"still takes" in alices.post("/account/keys/openai/check/", follow=True).content

    refused = alices.post("/account/keys/openai/", {"openai-key": BAD["openai"]})
    assert refused.status_code == 422 and b"does not take this key" in refused.content
    assert alices.post("/account/keys/openai/", {}).status_code == 422
    assert alices.get("/account/keys/openai/").status_code == 405

    assert b"is gone" in alices.post("/account/keys/openai/remove/", follow=True).content
    with pytest.raises(NotFound):
        provider_keys.of(alice, Provider.OPENAI)


def test_the_page_asks_the_same_of_the_database_whatever_is_kept(alices, alice):
    alices.get("/account/keys/")  # renews the session
    with CaptureQueriesContext(connection) as none:
        alices.get("/account/keys/")
    for provider in Provider:
        ProviderKey.objects.create(user=alice, provider=provider, sealed=seal(GOOD[provider]), last_four="good")

    with CaptureQueriesContext(connection) as three:
        assert alices.get("/account/keys/").content.count(b"Ends with") == 3

    assert len(three) == len(none) < 8


def test_rotating_seals_everything_with_the_first_key_and_says_what_is_lost(alice, bob, settings, capsys):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FERNET_KEYS = [old]
    for person in (alice, bob):
        ProviderKey.objects.create(user=person, provider="openai", sealed=seal(GOOD["openai"]), last_four="good")
    answer = Answer.objects.create(user=alice, key="one", asked="0" * 64)
    answer.keep(200, {"said": "so"})

    settings.FERNET_KEYS = [new, old]
    call_command("rotate_keys")
    call_command("rotate_keys")  # harmless
    settings.FERNET_KEYS = [new]

    assert {one.secret for one in ProviderKey.objects.all()} == {GOOD["openai"]}
    assert Answer.objects.get().body == {"said": "so"}
    settings.FERNET_KEYS = [old]
    with pytest.raises(CommandError, match="3 cannot be read"):
        call_command("rotate_keys")


def test_a_key_that_can_no_longer_be_read_is_told(alices, alice, settings):
    ProviderKey.objects.create(user=alice, provider="openai", sealed=seal(GOOD["openai"]), last_four="good")
    settings.FERNET_KEYS = [Fernet.generate_key().decode()]

    told = alices.post("/account/keys/openai/check/", follow=True)

    assert b"Save the key once more" in told.content
