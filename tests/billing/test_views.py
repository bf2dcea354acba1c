import csv
import io
import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from billing import ledger, plans
from billing.models import Account, Entry, PlanRequest, Tier
from sage.errors import Conflict
from videos.models import Video

pytestmark = pytest.mark.django_db
PLAN = "/account/plan/"


def use(user, tokens, number=0):
    ledger.hold(user.pk, tokens, f"work {number}", uuid.uuid4())
    return ledger.capture(f"work {number}", reason="Reading of a video")


def test_the_page_shows_plan_balance_holds_chart_and_entries(alices, alice):
    use(alice, 600)
    ledger.hold(alice.pk, 90, "going on")

    page = alices.get(PLAN).content.decode()

    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    for said in (
        "2,910 tokens",
        "90 more on hold",
        "3,600 more come on",
        "Ask for Pro",
        "600 tokens, 10 min of video",
    ):
        assert said in text
    assert "style=" not in page
    assert page.count('class="bar-of-day"') == 1 and 'height="100.0"' in page


def test_the_page_costs_as_many_queries_for_many_entries_as_for_none(alices, alice, django_assert_num_queries):
    use(alice, 1)
    alices.get(PLAN)
    with django_assert_num_queries(11):
        alices.get(PLAN)
    for number in range(1, 30):
        use(alice, 1, number)
    with django_assert_num_queries(11):
        page = alices.get(f"{PLAN}?page=2").content.decode()
    assert "Page 2 of 4" in page


def test_an_entry_leads_to_its_video_where_that_is_there(alices, alice):
    kept = Video.objects.create(owner=alice, title="t", filename="f.mp4", size=1, storage_key="k")
    deleted = Video.objects.create(owner=alice, filename="d.mp4", size=1, storage_key="d", deleted_at=timezone.now())
    purged = uuid.uuid4()
    for number, video_id in enumerate((kept.pk, deleted.pk, purged)):
        ledger.hold(alice.pk, 1, f"work {number}", video_id)

    page = alices.get(PLAN).content.decode()

    assert f'href="/videos/{kept.pk}/"' in page
    assert str(deleted.pk) not in page and str(purged) not in page


def test_the_table_holds_every_entry_of_ones_own_and_no_formula(alices, alice, bob):
    use(bob, 7, "of Bob")
    use(alice, 600)
    ledger.adjust(alice.pk, 5, '=HYPERLINK("http://example.org")', uuid.uuid4())

    answer = alices.get(f"{PLAN}usage.csv")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["kind"], row["amount"]) for row in rows] == [
        ("adjustment", "5"),
        ("capture", "-600"),
        ("release", "600"),
        ("hold", "-600"),
        ("grant", "3600"),
    ]
    assert rows[0]["reason"].startswith("'=")
    assert answer["Content-Disposition"].startswith("attachment")


def test_another_plan_is_asked_for_decided_by_an_operator_and_paid_out_once_a_month(alices, alice, admin_user):
    said = alices.post(f"{PLAN}ask/", {"tier": "pro"}, follow=True).content.decode()
    assert "You asked for <b>Pro</b>" in said
    alices.post(f"{PLAN}ask/", {"tier": "studio"})
    wish = plans.asked(alice.pk)
    assert wish.tier.key == Tier.STUDIO

    plans.accept(wish, admin_user.pk)

    with pytest.raises(Conflict):
        plans.accept(wish, admin_user.pk)
    assert ledger.balance(alice.pk).token_balance == 360_000
    for key in (Tier.FREE, Tier.STUDIO):
        plans.move(alice.pk, Tier.objects.named(key))
    assert ledger.balance(alice.pk).token_balance == 360_000
    assert Entry.objects.of(alice.pk).first().by == admin_user.pk
    wish.refresh_from_db()
    assert (wish.status, wish.decided_by) == (PlanRequest.Status.ACCEPTED, admin_user.pk)


@pytest.mark.parametrize(("tier", "status"), [("nonsense", 404), ("", 404), ("free", 409), ("pro", 422)])
def test_what_is_no_other_plan_cannot_be_asked_for(alices, alice, tier, status):
    Tier.objects.filter(key="pro").update(is_offered=False)

    assert alices.post(f"{PLAN}ask/", {"tier": tier}).status_code == status
    assert not PlanRequest.objects.exists()


def test_a_request_can_be_withdrawn(alices, alice):
    alices.post(f"{PLAN}ask/", {"tier": "pro"})
    alices.post(f"{PLAN}withdraw/")

    assert plans.asked(alice.pk) is None


class Cashier:
    """A provider of payment, as one would be named in the settings."""

    def begin(self, request, back_to):
        return f"https://pay.example/{request.tier.key}?back={back_to}"


def test_a_payment_provider_is_where_a_person_is_sent(alices, settings):
    settings.PAYMENT_PROVIDER = f"{__name__}.Cashier"

    answer = alices.post(f"{PLAN}ask/", {"tier": "pro"})

    assert answer.url == "https://pay.example/pro?back=http://testserver/account/plan/"


def test_the_header_shows_what_is_left_on_every_page(alices, alice):
    use(alice, 600)

    assert "<span data-tokens-left>3,000</span>" in alices.get("/library/").content.decode()


@pytest.mark.parametrize("address", ["", "usage.csv"])
def test_a_stranger_is_asked_to_log_in(client, address):
    assert client.get(PLAN + address).url.startswith("/account/login/")


# --- The admin ---


def test_an_operator_adjusts_an_account_for_a_reason_that_is_kept(admin_client, admin_user, alice):
    ledger.open_account(alice.pk)
    page = f"/admin/billing/account/{alice.pk}/change/"
    free = Tier.objects.get(key=Tier.FREE).pk

    assert b"Say why." in admin_client.post(page, {"tier": free, "adjust": 50, "reason": " "}).content
    assert b"no more than those" in admin_client.post(page, {"tier": free, "adjust": -3601, "reason": "x"}).content
    admin_client.post(page, {"tier": free, "adjust": 50, "reason": "For the trouble"})

    entry = Entry.objects.of(alice.pk).first()
    assert (entry.kind, entry.amount, entry.reason, entry.by) == ("adjustment", 50, "For the trouble", admin_user.pk)


def test_an_operator_moves_an_account_for_a_reason_that_is_kept(admin_client, admin_user, alice):
    ledger.open_account(alice.pk)
    page = f"/admin/billing/account/{alice.pk}/change/"
    free, pro = (Tier.objects.get(key=key).pk for key in (Tier.FREE, Tier.PRO))

    assert b"Say why." in admin_client.post(page, {"tier": pro, "adjust": "", "reason": ""}).content
    admin_client.post(page, {"tier": pro, "adjust": "", "reason": "A prize"})
    entry = Entry.objects.of(alice.pk).first()
    admin_client.post(page, {"tier": free, "adjust": "", "reason": "It is over"})

    assert (entry.kind, entry.reason, entry.by) == ("grant", "A prize", admin_user.pk)
    assert Entry.objects.of(alice.pk).first() == entry
    record = LogEntry.objects.filter(object_id=str(alice.pk), user=admin_user)
    assert [one.change_message for one in record] == ["Moved to Free. It is over", "Moved to Pro. A prize"]


def test_a_reason_for_nothing_is_told_and_not_dropped(admin_client, alice):
    ledger.open_account(alice.pk)
    free = Tier.objects.get(key=Tier.FREE).pk

    answer = admin_client.post(f"/admin/billing/account/{alice.pk}/change/", {"tier": free, "reason": "Just so"})

    assert b"This would be kept nowhere" in answer.content
    assert not LogEntry.objects.exists()


def test_an_operator_finds_accounts_and_entries_by_address_and_changes_no_entry(admin_client, alice, bob):
    for user in (alice, bob):
        ledger.open_account(user.pk)
    entry = Entry.objects.of(alice.pk).get()

    for kind in ("account", "entry"):
        shown = admin_client.get(f"/admin/billing/{kind}/?q=alice@").content.decode()
        assert "alice@example.org" in shown and "bob@example.org" not in shown
    assert admin_client.get("/admin/billing/entry/?kind=grant").status_code == 200
    assert admin_client.post(f"/admin/billing/entry/{entry.pk}/change/", {"amount": 1}).status_code == 403
    assert admin_client.get("/admin/billing/entry/add/").status_code == 403


def test_an_operator_accepts_and_declines_requests_in_the_list(admin_client, alices, alice, bob, bobs):
    for client in (alices, bobs):
        client.post(f"{PLAN}ask/", {"tier": "pro"})
    for action, user in (("accept", alice), ("decline", bob)):
        chosen = {"action": action, "_selected_action": [str(plans.asked(user.pk).pk)]}
        admin_client.post("/admin/billing/planrequest/", chosen)

    assert [Account.objects.get(pk=user.pk).tier.key for user in (alice, bob)] == ["pro", "free"]
    assert set(PlanRequest.objects.values_list("status", flat=True)) == {"accepted", "declined"}
    assert set(LogEntry.objects.values_list("change_message", flat=True)) == {"Accepted.", "Declined."}
    shown = admin_client.get("/admin/billing/planrequest/?q=alice@").content.decode()
    assert "alice@example.org" in shown and "bob@example.org" not in shown


def test_the_tiers_are_edited_but_not_taken_away(admin_client):
    pro = Tier.objects.get(key=Tier.PRO)
    said = {"name": "Pro", "tokens": 100_000, "price": "25", "chat_messages": 200, "upload_limit_gb": 60}

    admin_client.post(f"/admin/billing/tier/{pro.pk}/change/", {**said, "is_offered": "on"})

    pro.refresh_from_db()
    assert (pro.tokens, pro.key) == (100_000, "pro")
    assert admin_client.post(f"/admin/billing/tier/{pro.pk}/delete/", {"post": "yes"}).status_code == 403


def test_old_use_is_not_in_the_chart(alices, alice, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda now=timezone.now: now() - timedelta(days=31))
        use(alice, 600)

    assert 'class="bar-of-day"' not in alices.get(PLAN).content.decode()
