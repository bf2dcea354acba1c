import pytest

from billing import ledger
from billing.models import Tier

pytestmark = pytest.mark.django_db


def test_the_balance_shows_what_is_left_what_is_held_and_the_plan(alices, alice):
    ledger.hold(alice.pk, 100, "work")

    answer = alices.get("/v2/billing/balance").json()

    tier = {"name": "Free", "tokens": 3600, "price": 0}
    assert answer == {"token_balance": 3500, "held": 100, "tier": tier}


def test_usage_lists_ones_own_entries_the_newest_first(alices, alice, bob, django_assert_num_queries):
    ledger.hold(bob.pk, 7, "bobs")
    for number in range(12):
        ledger.hold(alice.pk, 1, f"work {number}")

    alices.get("/v2/billing/tiers")
    with django_assert_num_queries(3):  # user, count, entries
        page = alices.get("/v2/billing/usage?per_page=5&page=2").json()

    assert (page["total"], page["total_pages"], len(page["entries"])) == (13, 3, 5)
    assert [entry["balance_after"] for entry in page["entries"]] == [3593, 3594, 3595, 3596, 3597]
    assert set(page["entries"][0]) == {"id", "kind", "amount", "video_id", "reason", "balance_after", "created_at"}
    assert alices.get("/v2/billing/usage?page=0").status_code == 422


def test_tiers_are_those_that_are_offered(alices):
    Tier.objects.filter(key=Tier.PRO).update(is_offered=False)

    tiers = alices.get("/v2/billing/tiers").json()["tiers"]

    assert [(tier["name"], tier["tokens"], tier["price"]) for tier in tiers] == [
        ("Free", 3600, 0),
        ("Studio", 360000, 79),
    ]


@pytest.mark.parametrize("call", ["balance", "usage", "tiers"])
def test_a_stranger_is_told_to_sign_in(client, call):
    assert client.get(f"/v2/billing/{call}").status_code == 401
