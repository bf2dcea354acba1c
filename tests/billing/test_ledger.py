import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from billing import allowances, ledger, plans
from billing.models import Account, Entry, Tier
from sage import events
from sage.errors import InsufficientTokens

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    """Return the id of a user whose account has 100 tokens in one entry."""
    Tier.objects.filter(key=Tier.FREE).update(tokens=100)
    return ledger.open_account(uuid.uuid4()).user_id


def amounts(user_id):
    return [(entry.kind, entry.amount, entry.balance_after) for entry in Entry.objects.of(user_id)[::-1]]


def test_a_hold_is_captured_once(person):
    video = uuid.uuid4()

    ledger.hold(person, 30, "work", video)
    assert ledger.balance(person) == ledger.Balance(70, 30)
    ledger.capture("work")
    ledger.capture("work")

    assert ledger.balance(person) == ledger.Balance(70, 0)
    assert amounts(person) == [("grant", 100, 100), ("hold", -30, 70), ("release", 30, 100), ("capture", -30, 70)]
    assert set(Entry.objects.exclude(kind="grant").values_list("video_id", flat=True)) == {video}


def test_released_tokens_return_and_cannot_be_captured(person):
    ledger.hold(person, 30, "work")

    ledger.release("work")

    assert ledger.release("work") is None
    assert ledger.balance(person) == ledger.Balance(100, 0)
    with pytest.raises(ledger.HoldNotFound):
        ledger.capture("work")
    with pytest.raises(ledger.HoldNotFound):
        ledger.adjust_hold("work", 10)


def test_a_hold_above_the_balance_reports_the_shortfall_and_writes_nothing(person):
    with pytest.raises(InsufficientTokens, match="needs 130 tokens, and you have 100: 30 are missing") as refused:
        ledger.hold(person, 130, "work")

    assert refused.value.details == {"required": 130, "available": 100}
    assert len(amounts(person)) == 1


def test_a_hold_is_adjusted_to_the_measured_cost(person):
    ledger.hold(person, 30, "work")

    ledger.adjust_hold("work", 50)
    assert ledger.balance(person) == ledger.Balance(50, 50)
    ledger.adjust_hold("work", 20)
    assert ledger.balance(person) == ledger.Balance(80, 20)
    with pytest.raises(InsufficientTokens) as refused:
        ledger.adjust_hold("work", 101)

    assert refused.value.details == {"required": 101, "available": 100}
    assert ledger.capture("work").amount == -20


def test_a_cost_above_the_hold_is_charged_as_far_as_the_balance_allows(person):
    ledger.hold(person, 30, "a")
    ledger.hold(person, 60, "b")

    assert ledger.capture("a", 35).amount == -35
    assert ledger.capture("b", 90).amount == -65
    assert ledger.balance(person) == ledger.Balance(0, 0)


def test_a_reference_belongs_to_one_entry(person):
    ledger.hold(person, 30, "work")

    assert ledger.hold(person, 30, "work").number == 2
    with pytest.raises(ledger.ReferenceInUse):
        ledger.grant(person, 5, "Thanks", "work")
    with pytest.raises(ledger.ReferenceInUse):
        ledger.hold(ledger.open_account(uuid.uuid4()).user_id, 30, "work")


def test_a_user_without_an_account_gets_one_with_the_free_grant(db):
    someone = uuid.uuid4()

    assert ledger.balance(someone) == ledger.Balance(0, 0)
    ledger.hold(someone, 600, "work")

    assert ledger.balance(someone) == ledger.Balance(3000, 600)
    assert Account.objects.get(pk=someone).tier.key == Tier.FREE


def test_an_operator_adjusts_a_balance_but_not_below_zero(person):
    operator = uuid.uuid4()

    taken = ledger.adjust_balance(person, -40, "Counted twice", operator)

    assert (taken.reason, taken.by, taken.balance_after) == ("Counted twice", operator, 60)
    with pytest.raises(InsufficientTokens):
        ledger.adjust_balance(person, -61, "Too much", operator)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_entry SET amount = 1000",
        "UPDATE billing_entry SET reason = 'nothing' WHERE number = 1",
        "DELETE FROM billing_entry",
        "TRUNCATE billing_entry",
    ],
)
def test_the_database_rejects_changes_to_entries(person, statement):
    with (
        connection.cursor() as cursor,
        pytest.raises(IntegrityError, match="added and never changed"),
        transaction.atomic(),
    ):
        cursor.execute(statement)

    assert amounts(person) == [("grant", 100, 100)]


@pytest.mark.parametrize(
    "facts",
    [
        {"balance_after": 111},
        {"number": 3},
        {"held_after": 1},
        {"amount": -10, "balance_after": 90},
        {"kind": "hold", "amount": -200, "balance_after": -100, "held_after": 200, "hold": "x"},
    ],
)
def test_the_database_rejects_inconsistent_entries(person, facts):
    line = {"number": 2, "kind": "grant", "amount": 10, "balance_after": 110, "held_after": 0, "reference": "x"}

    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(user_id=person, reason="", **{**line, **facts})
    Entry.objects.create(user_id=person, reason="", **line)


def test_each_month_is_granted_once_even_after_downtime(person):
    account = Account.objects.get(pk=person)
    opened = timezone.now().replace(year=2025, month=11, day=30)
    Account.objects.filter(pk=person).update(opened_at=opened, next_month_at=opened + timedelta(days=30))
    account.refresh_from_db()
    started = sum(account.month_starts_at(number) <= timezone.now() for number in range(1, 200))

    assert allowances.grant_due() == started > 3
    assert allowances.grant_due() == 0

    account.refresh_from_db()
    assert account.next_month_at > timezone.now()
    assert ledger.balance(person).token_balance == Entry.objects.of(person).total() == 100 * (1 + started)
    assert account.month_starts_at(3).day == 28, "an account opened on the 30th renews on the last day of February"


def test_a_closed_account_keeps_its_entries_and_gets_no_more_months(person):
    ledger.hold(person, 30, "work")
    Account.objects.update(next_month_at=timezone.now())

    ledger.close_account(person)

    assert allowances.grant_due() == 0
    assert ledger.balance(person) == ledger.Balance(100, 0)
    assert len(amounts(person)) == 3


def test_moving_between_plans_never_grants_more_than_the_largest_plan(person):
    Tier.objects.filter(key=Tier.STUDIO).update(tokens=1000)
    Tier.objects.filter(key=Tier.PRO).update(tokens=400)

    for key in (Tier.STUDIO, Tier.FREE, Tier.PRO, Tier.STUDIO, Tier.FREE, Tier.STUDIO):
        plans.move_account(person, Tier.objects.get_builtin(key))

    assert ledger.balance(person) == ledger.Balance(1000, 0)


def test_a_started_month_is_granted_by_the_previous_plan(person):
    Tier.objects.filter(key=Tier.PRO).update(tokens=400)
    Account.objects.filter(pk=person).update(next_month_at=timezone.now())

    plans.move_account(person, Tier.objects.get_builtin(Tier.PRO))
    allowances.grant_due()

    assert ledger.balance(person) == ledger.Balance(100 + 400, 0)


def test_returning_to_a_plan_with_more_tokens_grants_the_difference(person):
    Tier.objects.filter(key=Tier.PRO).update(tokens=400)
    plans.move_account(person, Tier.objects.get_builtin(Tier.PRO))
    Tier.objects.filter(key=Tier.PRO).update(tokens=700)

    for key in (Tier.FREE, Tier.PRO, Tier.PRO):
        plans.move_account(person, Tier.objects.get_builtin(key))

    assert ledger.balance(person) == ledger.Balance(700, 0)


def test_balance_messages_carry_the_entry_number(person, monkeypatch, django_capture_on_commit_callbacks):
    messages = []
    monkeypatch.setattr(events.Topic, "publish", lambda topic, owner, message: messages.append(message))

    with django_capture_on_commit_callbacks(execute=True):
        ledger.hold(person, 30, "work")
        ledger.capture("work")

    assert messages == [
        {"token_balance": 70, "held": 30, "number": 2},
        {"token_balance": 70, "held": 0, "number": 4},
    ]
