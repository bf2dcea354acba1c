"""Provider keys, with a real worker and doubles of the providers."""

import json
import logging

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.credentials import key_validation, provider_keys
from accounts.models import ProviderKey
from sage.encryption import encrypt
from sage.errors import NotFound
from sage.models import IdempotentResponse
from sage.providers import keys
from sage.providers.errors import ProviderRejected
from sage.providers.keys import Provider
from sage.providers.protocols import ChatMessage
from sage.providers.registry import choose_chat_model
from tests.vendors import BAD, GOOD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(keys, "PAUSE_SECONDS", 0)


@pytest.fixture
def put(alice_client, vendors, high_worker):
    """Return a function that sends a key to the API as Alice."""

    def send(provider, key):
        return alice_client.put(f"/v2/provider-keys/{provider}", {"key": key}, "application/json")

    return send


@pytest.mark.parametrize("provider", Provider)
def test_an_accepted_key_is_stored_and_shown_by_its_last_four_characters(alice_client, put, provider):
    answer = put(provider, f"  {GOOD[provider]}\n")

    assert answer.status_code == 200
    details = answer.json()
    assert details == alice_client.get(f"/v2/provider-keys/{provider}").json()
    assert (details["provider"], details["is_valid"], details["last_four"]) == (provider, True, "good")
    assert ProviderKey.objects.get().secret == GOOD[provider]


def test_a_refused_key_leaves_the_previous_one(put, vendors):
    put("openai", GOOD["openai"])

    refused = put("openai", BAD["openai"])

    assert refused.status_code == 422
    assert refused.json()["error"]["details"][0]["type"] == "refused"
    vendors.forced_response = 503
    away = put("openai", BAD["openai"])
    assert (away.status_code, away.json()["error"]["code"]) == (502, "PROVIDER_ERROR")
    assert ProviderKey.objects.get().secret == GOOD["openai"]


def test_a_key_is_never_logged_shown_sent_or_stored_in_plain_text(
    confirmed_client, alice, put, admin_client, vendors, caplog, monkeypatch
):
    sent = []
    send_task = key_validation.current_app.send_task
    monkeypatch.setattr(
        key_validation.current_app, "send_task", lambda *a, **k: (sent.append((a, k)), send_task(*a, **k))
    )
    secrets = [GOOD["gemini"], BAD["gemini"]]
    with caplog.at_level(logging.DEBUG):
        outputs = [put("gemini", key).content.decode() for key in secrets]
        vendors.forced_response = 500
        outputs += [
            confirmed_client.post("/account/keys/gemini/", {"gemini-key": key}).content.decode() for key in secrets
        ]
    stored_key = ProviderKey.objects.get()
    outputs += [
        confirmed_client.get("/account/keys/").content.decode(),
        confirmed_client.get("/v2/users/me").content.decode(),
    ]
    for path in ("", f"{stored_key.pk}/change/", f"{stored_key.pk}/delete/"):
        shown = admin_client.get(f"/admin/accounts/providerkey/{path}")
        assert shown.status_code == 200
        outputs.append(shown.content.decode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_providerkey")
        outputs.append(str(cursor.fetchall()))

    assert len(sent) == 4 and stored_key.secret == GOOD["gemini"]
    for where in [*outputs, caplog.text, json.dumps(sent), repr(stored_key), str(vars(stored_key))]:
        assert not [key for key in secrets if key in where]
    assert stored_key.sealed not in "".join(outputs[:-1])


MALFORMED_KEYS = [
    "short",
    "with a space in the middle",
    "x" * 301,
    "two\r\nX-Header: lines",
    "ключ-из-других-букв",
    7,
    None,
]


@pytest.mark.parametrize("key", MALFORMED_KEYS)
def test_a_malformed_key_is_not_sent_to_a_provider(put, vendors, key):
    answer = put("openai", key)

    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "key"
    assert vendors.requested_paths == []


def test_keys_belong_to_one_user_and_can_be_removed(alice_client, bob_client, put):
    put("gemini", GOOD["gemini"])

    assert bob_client.get("/v2/provider-keys/gemini").status_code == 404
    assert bob_client.delete("/v2/provider-keys/gemini").status_code == 404
    assert alice_client.get("/v2/provider-keys/anthropic").status_code == 404
    assert alice_client.delete("/v2/provider-keys/gemini").status_code == 204
    assert alice_client.get("/v2/provider-keys/gemini").status_code == 404
    assert not ProviderKey.objects.exists()


def test_without_a_worker_the_request_times_out_with_a_message(alice_client, vendors, monkeypatch):
    monkeypatch.setattr(key_validation, "WAIT_SECONDS", 1)
    monkeypatch.setattr(key_validation, "TASK", "unknown.task")

    answer = alice_client.put("/v2/provider-keys/openai", {"key": GOOD["openai"]}, "application/json")

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert "Try again" in answer.json()["error"]["message"]


def test_without_redis_the_request_fails_with_a_message(alice_client, vendors, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = alice_client.put("/v2/provider-keys/openai", {"key": GOOD["openai"]}, "application/json")

    assert answer.status_code == 503


def test_the_page_saves_rechecks_and_removes_a_key(confirmed_client, alice, vendors, high_worker):
    saved = confirmed_client.post("/account/keys/openai/", {"openai-key": GOOD["openai"]}, follow=True)
    assert b"OpenAI accepted your key" in saved.content
    vendors.forced_response = 401
    again = confirmed_client.post("/account/keys/openai/check/", follow=True)
    assert b"no longer accepts your key" in again.content
    assert ProviderKey.objects.get().is_valid is False
    vendors.forced_response = None
    assert b"still accepts" in confirmed_client.post("/account/keys/openai/check/", follow=True).content

    refused = confirmed_client.post("/account/keys/openai/", {"openai-key": BAD["openai"]})
    assert refused.status_code == 422 and b"does not accept this key" in refused.content
    assert confirmed_client.post("/account/keys/openai/", {}).status_code == 422
    assert confirmed_client.get("/account/keys/openai/").status_code == 405

    assert b"key removed" in confirmed_client.post("/account/keys/openai/remove/", follow=True).content
    with pytest.raises(NotFound):
        provider_keys.get_key(alice, Provider.OPENAI)


def test_the_page_makes_the_same_queries_for_any_number_of_keys(alice_client, alice):
    alice_client.get("/account/keys/")  # renews the session
    with CaptureQueriesContext(connection) as none:
        alice_client.get("/account/keys/")
    for provider in Provider:
        ProviderKey.objects.create(user=alice, provider=provider, sealed=encrypt(GOOD[provider]), last_four="good")

    with CaptureQueriesContext(connection) as three:
        assert alice_client.get("/account/keys/").content.count(b"Ends with") == 3

    assert len(three) == len(none) < 8


def test_rotating_encrypts_everything_with_the_first_key_and_reports_what_is_lost(alice, bob, settings, capsys):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FERNET_KEYS = [old]
    for person in (alice, bob):
        ProviderKey.objects.create(user=person, provider="openai", sealed=encrypt(GOOD["openai"]), last_four="good")
    answer = IdempotentResponse.objects.create(user=alice, key="one", request_digest="0" * 64)
    answer.store(200, {"said": "so"})

    settings.FERNET_KEYS = [new, old]
    call_command("rotate_keys")
    call_command("rotate_keys")  # harmless
    settings.FERNET_KEYS = [new]

    assert {one.secret for one in ProviderKey.objects.all()} == {GOOD["openai"]}
    assert IdempotentResponse.objects.get().body == {"said": "so"}
    settings.FERNET_KEYS = [old]
    with pytest.raises(CommandError, match="3 secrets cannot be decrypted"):
        call_command("rotate_keys")


def test_a_key_that_cannot_be_decrypted_is_reported(alice_client, alice, settings):
    ProviderKey.objects.create(user=alice, provider="openai", sealed=encrypt(GOOD["openai"]), last_four="good")
    settings.FERNET_KEYS = [Fernet.generate_key().decode()]

    page = alice_client.post("/account/keys/openai/check/", follow=True)

    assert b"Save the key again" in page.content


def test_a_call_for_a_user_takes_their_own_valid_key(alice, bob, settings):
    settings.CHAT_MODEL = "openai:gpt"
    row = ProviderKey.objects.create(user=alice, provider="openai", sealed=encrypt(GOOD["openai"]), last_four="good")

    own = provider_keys.describe_caller(alice.pk, "CHAT_MODEL")

    assert (own["key"], own["user_id"]) == (GOOD["openai"], alice.pk)
    assert provider_keys.describe_caller(bob.pk, "CHAT_MODEL") == {"key": "", "user_id": bob.pk}
    assert provider_keys.describe_caller(alice.pk, "SPEECH_MODEL") == {"key": "", "user_id": alice.pk}
    ProviderKey.objects.filter(pk=row.pk).update(sealed="unreadable")
    assert provider_keys.find_valid_key(alice.pk, Provider.OPENAI) == ""


def test_a_key_that_is_refused_during_a_call_is_marked_and_no_longer_used(alice, settings, vendors):
    settings.CHAT_MODEL, settings.OPENAI_API_KEY = "openai:gpt", ""
    ProviderKey.objects.create(user=alice, provider="openai", sealed=encrypt(BAD["openai"]), last_four="evil")
    vendors.forced_response = 401
    model = choose_chat_model(**provider_keys.describe_caller(alice.pk, "CHAT_MODEL"))

    with pytest.raises(ProviderRejected, match="OpenAI does not accept your key. Replace it under Provider keys."):
        list(model.stream([ChatMessage("user", "Hello?")]))

    assert not ProviderKey.objects.get().is_valid
    assert provider_keys.find_valid_key(alice.pk, Provider.OPENAI) == ""


def test_a_key_that_was_replaced_meanwhile_stays_valid(alice):
    ProviderKey.objects.create(user=alice, provider="openai", sealed=encrypt(GOOD["openai"]), last_four="good")

    provider_keys.mark_key_invalid(alice.pk, Provider.OPENAI, BAD["openai"])

    assert ProviderKey.objects.get().is_valid
