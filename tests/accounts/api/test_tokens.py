import pytest

from accounts import jwts, tokens
from accounts.models import Answer, LongTermToken

pytestmark = pytest.mark.django_db
PATH = "/v2/auth/tokens"


def make(client, headers, body=None):
    return client.post(PATH, body or {}, "application/json", headers=headers)


def test_a_token_is_shown_once_listed_and_revoked(client, as_alice):
    made = make(client, as_alice, {"name": "Laptop"})
    again = make(client, as_alice)
    listed = client.get(PATH, headers=as_alice).json()

    assert made.status_code == 201 and set(made.json()) == {"id", "name", "token", "message"}
    assert [one["name"] for one in listed] == ["Browser extension", "Laptop"]
    assert all(set(one) == {"id", "name", "created_at", "last_used_at"} for one in listed)
    assert made.json()["token"] not in str(list(LongTermToken.objects.values_list()))
    assert client.delete(f"{PATH}/{made.json()['id']}", headers=as_alice).status_code == 204
    token = {"Authorization": f"Bearer {made.json()['token']}"}
    assert client.get(PATH, headers=token).status_code == 401
    assert client.delete(PATH, headers=as_alice).status_code == 204
    assert not LongTermToken.objects.exists()
    assert client.delete(f"{PATH}/{again.json()['id']}", headers=as_alice).status_code == 404


def test_only_a_jwt_makes_one(alices, alice):
    _, text = tokens.make(alice)

    assert make(alices, {}).status_code == 403
    assert make(alices, {"Authorization": f"Bearer {text}"}).status_code == 403
    assert alices.get(PATH).status_code == 200


def test_anothers_is_unknown(client, alice, bob):
    made, _ = tokens.make(alice)
    his = {"Authorization": f"Bearer {jwts.issue(bob)}"}

    assert client.delete(f"{PATH}/{made.pk}", headers=his).status_code == 404
    client.delete(PATH, headers=his)
    assert LongTermToken.objects.filter(pk=made.pk).exists()


def test_what_is_shown_once_is_not_kept_for_a_repeated_request_either(client, as_alice):
    headers = {**as_alice, "Idempotency-Key": "one"}
    text = make(client, headers).json()["token"]

    again = make(client, headers)

    assert (again.status_code, again["Idempotent-Replay"]) == (409, "true")
    assert LongTermToken.objects.count() == 1
    assert text not in str(Answer.objects.values_list())


def test_there_is_an_end_of_them(client, alice, as_alice, monkeypatch):
    monkeypatch.setattr(tokens, "MOST", 1)
    make(client, as_alice)

    assert make(client, as_alice).status_code == 409
    assert LongTermToken.objects.count() == 1
