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
    return ledger.capture(f"work {number}", reason="Video analysis")


def test_the_page_shows_plan_balance_holds_chart_and_entries(alice_client, alice):
    use(alice, 600)
    ledger.hold(alice.pk, 90, "going on")

    page = alice_client.get(PLAN).content.decode()

    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    for form in (
        "2,910 tokens",
        "90 on hold",
        "3,600 tokens on",
        "Request Pro",
        "600 tokens, 10 min of video",
    ):
        assert form in text
    assert "style=" not in page
    assert page.count('class="bar-of-day"') == 1 and 'height="100.0"' in page


def test_the_query_count_does_not_grow_with_the_entries(alice_client, alice, django_assert_num_queries):
    use(alice, 1)
    alice_client.get(PLAN)
    with django_assert_num_queries(11):
        alice_client.get(PLAN)
    for number in range(1, 30):
        use(alice, 1, number)
    with django_assert_num_queries(11):
        page = alice_client.get(f"{PLAN}?page=2").content.decode()
    assert "Page 2 of 4" in page


def test_an_entry_links_to_its_video_if_it_exists(alice_client, alice):
    kept = Video.objects.create(owner=alice, title="t", filename="f.mp4", size=1, storage_key="k")
    deleted = Video.objects.create(owner=alice, filename="d.mp4", size=1, storage_key="d", deleted_at=timezone.now())
    purged = uuid.uuid4()
    for number, video_id in enumerate((kept.pk, deleted.pk, purged)):
        ledger.hold(alice.pk, 1, f"work {number}", video_id)

    page = alice_client.get(PLAN).content.decode()

    assert f'href="/videos/{kept.pk}/"' in page
    assert str(deleted.pk) not in page and str(purged) not in page


def test_the_csv_contains_only_own_entries_and_no_formula(alice_client, alice, bob):
    use(bob, 7, "of Bob")
    use(alice, 600)
    ledger.adjust_balance(alice.pk, 5, '=HYPERLINK("http://example.org")', uuid.uuid4())

    answer = alice_client.get(f"{PLAN}usage.csv")

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


def test_a_plan_request_is_decided_by_an_operator_and_granted_once_a_month(alice_client, alice, admin_user):
    form = alice_client.post(f"{PLAN}ask/", {"tier": "pro"}, follow=True).content.decode()
    assert "You requested <b>Pro</b>" in form
    alice_client.post(f"{PLAN}ask/", {"tier": "studio"})
    plan_request = plans.get_open_request(alice.pk)
    assert plan_request.tier.key == Tier.STUDIO

    plans.accept_request(plan_request, admin_user.pk)

    with pytest.raises(Conflict):
        plans.accept_request(plan_request, admin_user.pk)
    assert ledger.balance(alice.pk).token_balance == 360_000
    for key in (Tier.FREE, Tier.STUDIO):
        plans.move_account(alice.pk, Tier.objects.get_builtin(key))
    assert ledger.balance(alice.pk).token_balance == 360_000
    assert Entry.objects.of(alice.pk).first().by == admin_user.pk
    plan_request.refresh_from_db()
    assert (plan_request.status, plan_request.decided_by) == (PlanRequest.Status.ACCEPTED, admin_user.pk)


@pytest.mark.parametrize(("tier", "status"), [("nonsense", 404), ("", 404), ("free", 409), ("pro", 422)])
def test_only_another_offered_plan_can_be_requested(alice_client, alice, tier, status):
    Tier.objects.filter(key="pro").update(is_offered=False)

    assert alice_client.post(f"{PLAN}ask/", {"tier": tier}).status_code == status
    assert not PlanRequest.objects.exists()


def test_a_request_can_be_withdrawn(alice_client, alice):
    alice_client.post(f"{PLAN}ask/", {"tier": "pro"})
    alice_client.post(f"{PLAN}withdraw/")

    assert plans.get_open_request(alice.pk) is None


class Cashier:
    """A payment provider that the settings could name."""

    def start_payment(self, request, back_to):
        return f"https://pay.example/{request.tier.key}?back={back_to}"


def test_a_plan_request_redirects_to_the_payment_provider(alice_client, settings):
    settings.PAYMENT_PROVIDER = f"{__name__}.Cashier"

    answer = alice_client.post(f"{PLAN}ask/", {"tier": "pro"})

    assert answer.url == "https://pay.example/pro?back=http://testserver/account/plan/"


def test_the_header_shows_the_balance_on_every_page(alice_client, alice):
    use(alice, 600)

    assert "<span data-tokens-left>3,000</span>" in alice_client.get("/library/").content.decode()


@pytest.mark.parametrize("address", ["", "usage.csv"])
def test_an_anonymous_user_is_redirected_to_log_in(client, address):
    assert client.get(PLAN + address).url.startswith("/account/login/")


# --- The admin ---


def test_an_operator_adjusts_an_account_and_the_reason_is_stored(admin_client, admin_user, alice):
    ledger.open_account(alice.pk)
    page = f"/admin/billing/account/{alice.pk}/change/"
    free = Tier.objects.get(key=Tier.FREE).pk

    assert b"Enter a reason." in admin_client.post(page, {"tier": free, "adjust": 50, "reason": " "}).content
    assert b"Subtract at most" in admin_client.post(page, {"tier": free, "adjust": -3601, "reason": "x"}).content
    admin_client.post(page, {"tier": free, "adjust": 50, "reason": "For the trouble"})

    entry = Entry.objects.of(alice.pk).first()
    assert (entry.kind, entry.amount, entry.reason, entry.by) == ("adjustment", 50, "For the trouble", admin_user.pk)


def test_an_operator_moves_an_account_and_the_reason_is_stored(admin_client, admin_user, alice):
    ledger.open_account(alice.pk)
    page = f"/admin/billing/account/{alice.pk}/change/"
    free, pro = (Tier.objects.get(key=key).pk for key in (Tier.FREE, Tier.PRO))

    assert b"Enter a reason." in admin_client.post(page, {"tier": pro, "adjust": "", "reason": ""}).content
    admin_client.post(page, {"tier": pro, "adjust": "", "reason": "A prize"})
    entry = Entry.objects.of(alice.pk).first()
    admin_client.post(page, {"tier": free, "adjust": "", "reason": "It is over"})

    assert (entry.kind, entry.reason, entry.by) == ("grant", "A prize", admin_user.pk)
    assert Entry.objects.of(alice.pk).first() == entry
    record = LogEntry.objects.filter(object_id=str(alice.pk), user=admin_user)
    assert [one.change_message for one in record] == ["Moved to Free. It is over", "Moved to Pro. A prize"]


def test_a_reason_without_a_change_is_rejected(admin_client, alice):
    ledger.open_account(alice.pk)
    free = Tier.objects.get(key=Tier.FREE).pk

    answer = admin_client.post(f"/admin/billing/account/{alice.pk}/change/", {"tier": free, "reason": "Just so"})

    assert b"A reason alone is not saved" in answer.content
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


def test_an_operator_accepts_and_declines_requests_in_the_list(admin_client, alice_client, alice, bob, bob_client):
    for client in (alice_client, bob_client):
        client.post(f"{PLAN}ask/", {"tier": "pro"})
    for action, user in (("accept", alice), ("decline", bob)):
        chosen = {"action": action, "_selected_action": [str(plans.get_open_request(user.pk).pk)]}
        admin_client.post("/admin/billing/planrequest/", chosen)

    assert [Account.objects.get(pk=user.pk).tier.key for user in (alice, bob)] == ["pro", "free"]
    assert set(PlanRequest.objects.values_list("status", flat=True)) == {"accepted", "declined"}
    assert set(LogEntry.objects.values_list("change_message", flat=True)) == {"Accepted.", "Declined."}
    shown = admin_client.get("/admin/billing/planrequest/?q=alice@").content.decode()
    assert "alice@example.org" in shown and "bob@example.org" not in shown


def test_tiers_can_be_edited_but_not_deleted(admin_client):
    pro = Tier.objects.get(key=Tier.PRO)
    form = {"name": "Pro", "tokens": 100_000, "price": "25", "chat_messages": 200, "upload_limit_gb": 60}
    open_uploads = {"open_uploads": 30, "open_upload_gb": 90}

    admin_client.post(f"/admin/billing/tier/{pro.pk}/change/", {**form, **open_uploads, "is_offered": "on"})

    pro.refresh_from_db()
    assert (pro.tokens, pro.key, pro.open_uploads, pro.open_upload_gb) == (100_000, "pro", 30, 90)
    assert admin_client.post(f"/admin/billing/tier/{pro.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_chart_excludes_old_usage(alice_client, alice, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda now=timezone.now: now() - timedelta(days=31))
        use(alice, 600)

    assert 'class="bar-of-day"' not in alice_client.get(PLAN).content.decode()
