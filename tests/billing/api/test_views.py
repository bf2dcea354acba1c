import pytest

from billing import ledger
from billing.models import Tier

pytestmark = pytest.mark.django_db


def test_the_balance_shows_tokens_holds_and_plan(alice_client, alice):
    ledger.hold(alice.pk, 100, "work")

    answer = alice_client.get("/v2/billing/balance").json()

    tier = {"name": "Free", "tokens": 3600, "price": 0}
    assert answer == {"token_balance": 3500, "held": 100, "tier": tier}


def test_usage_lists_own_entries_newest_first(alice_client, alice, bob, django_assert_num_queries):
    ledger.hold(bob.pk, 7, "bobs")
    for number in range(12):
        ledger.hold(alice.pk, 1, f"work {number}")

    alice_client.get("/v2/billing/tiers")
    with django_assert_num_queries(3):  # user, count, entries
        page = alice_client.get("/v2/billing/usage?per_page=5&page=2").json()

    assert (page["total"], page["total_pages"], len(page["entries"])) == (13, 3, 5)
    assert [entry["balance_after"] for entry in page["entries"]] == [3593, 3594, 3595, 3596, 3597]
    assert set(page["entries"][0]) == {"id", "kind", "amount", "video_id", "reason", "balance_after", "created_at"}
    assert alice_client.get("/v2/billing/usage?page=0").status_code == 422


def test_only_offered_tiers_are_listed(alice_client):
    Tier.objects.filter(key=Tier.PRO).update(is_offered=False)

    tiers = alice_client.get("/v2/billing/tiers").json()["tiers"]

    assert [(tier["name"], tier["tokens"], tier["price"]) for tier in tiers] == [
        ("Free", 3600, 0),
        ("Studio", 360000, 79),
    ]


@pytest.mark.parametrize("call", ["balance", "usage", "tiers"])
def test_an_anonymous_call_is_unauthorized(client, call):
    assert client.get(f"/v2/billing/{call}").status_code == 401
