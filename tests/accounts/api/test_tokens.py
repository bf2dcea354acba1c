import pytest

from accounts.credentials import tokens
from accounts.models import LongTermToken
from accounts.signin import jwts
from sage.models import IdempotentResponse

pytestmark = pytest.mark.django_db
PATH = "/v2/auth/tokens"


def make(client, headers, body=None):
    return client.post(PATH, body or {}, "application/json", headers=headers)


def test_a_token_is_shown_once_listed_and_revoked(client, alice_headers):
    created = make(client, alice_headers, {"name": "Laptop"})
    again = make(client, alice_headers)
    listed = client.get(PATH, headers=alice_headers).json()

    assert created.status_code == 201 and set(created.json()) == {"id", "name", "token", "message"}
    assert [one["name"] for one in listed] == ["Browser extension", "Laptop"]
    assert all(set(one) == {"id", "name", "created_at", "last_used_at"} for one in listed)
    assert created.json()["token"] not in str(list(LongTermToken.objects.values_list()))
    assert client.delete(f"{PATH}/{created.json()['id']}", headers=alice_headers).status_code == 204
    token = {"Authorization": f"Bearer {created.json()['token']}"}
    assert client.get(PATH, headers=token).status_code == 401
    assert client.delete(PATH, headers=alice_headers).status_code == 204
    assert not LongTermToken.objects.exists()
    assert client.delete(f"{PATH}/{again.json()['id']}", headers=alice_headers).status_code == 404


def test_only_a_jwt_creates_a_token(alice_client, alice):
    _, text = tokens.create_token(alice)

    assert make(alice_client, {}).status_code == 403
    assert make(alice_client, {"Authorization": f"Bearer {text}"}).status_code == 403
    assert alice_client.get(PATH).status_code == 200


def test_another_users_token_is_404(client, alice, bob):
    created, _ = tokens.create_token(alice)
    bobs_headers = {"Authorization": f"Bearer {jwts.issue(bob)}"}

    assert client.delete(f"{PATH}/{created.pk}", headers=bobs_headers).status_code == 404
    client.delete(PATH, headers=bobs_headers)
    assert LongTermToken.objects.filter(pk=created.pk).exists()


def test_the_token_is_not_stored_for_a_repeated_request(client, alice_headers):
    headers = {**alice_headers, "Idempotency-Key": "one"}
    text = make(client, headers).json()["token"]

    again = make(client, headers)

    assert (again.status_code, again["Idempotent-Replay"]) == (409, "true")
    assert LongTermToken.objects.count() == 1
    assert text not in str(IdempotentResponse.objects.values_list())


def test_the_number_of_tokens_is_limited(client, alice, alice_headers, monkeypatch):
    monkeypatch.setattr(tokens, "MAX_TOKENS", 1)
    make(client, alice_headers)

    assert make(client, alice_headers).status_code == 409
    assert LongTermToken.objects.count() == 1
