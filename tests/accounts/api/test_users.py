import pytest

from accounts.credentials import tokens
from accounts.models import User
from billing import ledger

pytestmark = pytest.mark.django_db
PATH = "/v2/users/me"


def change(client, body):
    return client.patch(PATH, body, "application/json")


def test_a_user_reads_their_profile(client, alice, alice_headers, django_assert_num_queries):
    ledger.open_account(alice.pk)
    before = ledger.balance(alice.pk).token_balance
    ledger.grant(alice.pk, 100, "For the test", "test:1")
    ledger.hold(alice.pk, 30, "test:2")
    tokens.create_token(alice)
    User.objects.update(picture="pictures/alice.jpg")

    with django_assert_num_queries(3):  # the user, the tokens, the balance
        me = client.get(PATH, headers=alice_headers).json()

    assert me == {
        "id": str(alice.pk),
        "email": "alice@example.org",
        "name": "Alice",
        "profile_image_url": "http://testserver/pictures/alice.jpg",
        "ai_notes_enabled": True,
        "token_exists": True,
        "token_balance": before + 70,
        "created_at": alice.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_name_and_ai_notes_can_be_changed(alice_client, alice):
    answer = change(alice_client, {"name": "Alice Liddell", "ai_notes_enabled": False})

    alice.refresh_from_db()
    assert (alice.name, alice.ai_notes_enabled) == ("Alice Liddell", False)
    assert (answer.json()["name"], answer.json()["ai_notes_enabled"]) == ("Alice Liddell", False)
    assert change(alice_client, {}).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "bob@example.org"},
        {"is_staff": True},
        {"name": "x"},
        {"name": 7},
        {"name": "a\u202eb"},
        {"ai_notes_enabled": "no"},
        {"ai_notes_enabled": None},
        {"name": "Eve", "epoch": 0},
        [],
    ],
)
def test_an_invalid_change_changes_nothing(alice_client, alice, changes):
    answer = change(alice_client, changes)

    assert answer.status_code == 422
    alice.refresh_from_db()
    assert (alice.name, alice.is_staff, alice.email) == ("Alice", False, "alice@example.org")
