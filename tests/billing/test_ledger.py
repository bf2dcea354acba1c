import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from billing import ledger, months, plans
from billing.models import Account, Entry, Tier
from sage import events
from sage.errors import InsufficientTokens

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    """Somebody with an account of 100 tokens, in one entry."""
    Tier.objects.filter(key=Tier.FREE).update(tokens=100)
    return ledger.open_account(uuid.uuid4()).user_id


def amounts(user_id):
    return [(entry.kind, entry.amount, entry.balance_after) for entry in Entry.objects.of(user_id)[::-1]]


def test_what_is_held_is_captured_once_and_shows_as_such(person):
    video = uuid.uuid4()

    ledger.hold(person, 30, "work", video)
    assert ledger.balance(person) == ledger.Balance(70, 30)
    ledger.capture("work")
    ledger.capture("work")

    assert ledger.balance(person) == ledger.Balance(70, 0)
    assert amounts(person) == [("grant", 100, 100), ("hold", -30, 70), ("release", 30, 100), ("capture", -30, 70)]
    assert set(Entry.objects.exclude(kind="grant").values_list("video_id", flat=True)) == {video}


def test_what_is_released_is_there_again_and_can_be_captured_no_more(person):
    ledger.hold(person, 30, "work")

    ledger.release("work")

    assert ledger.release("work") is None
    assert ledger.balance(person) == ledger.Balance(100, 0)
    with pytest.raises(ledger.NotHeld):
        ledger.capture("work")
    with pytest.raises(ledger.NotHeld):
        ledger.correct("work", 10)


def test_a_hold_that_is_not_covered_says_what_is_missing_and_writes_nothing(person):
    with pytest.raises(InsufficientTokens, match="needs 130 tokens, and you have 100: 30 are missing") as refused:
        ledger.hold(person, 130, "work")

    assert refused.value.details == {"required": 130, "available": 100}
    assert len(amounts(person)) == 1


def test_a_hold_is_raised_and_lowered_to_what_was_measured(person):
    ledger.hold(person, 30, "work")

    ledger.correct("work", 50)
    assert ledger.balance(person) == ledger.Balance(50, 50)
    ledger.correct("work", 20)
    assert ledger.balance(person) == ledger.Balance(80, 20)
    with pytest.raises(InsufficientTokens) as refused:
        ledger.correct("work", 101)

    assert refused.value.details == {"required": 101, "available": 100}
    assert ledger.capture("work").amount == -20


def test_work_that_came_to_more_than_was_held_takes_what_is_there(person):
    ledger.hold(person, 30, "a")
    ledger.hold(person, 60, "b")

    assert ledger.capture("a", 35).amount == -35
    assert ledger.capture("b", 90).amount == -65
    assert ledger.balance(person) == ledger.Balance(0, 0)


def test_a_reference_stands_for_one_thing(person):
    ledger.hold(person, 30, "work")

    assert ledger.hold(person, 30, "work").number == 2
    with pytest.raises(ledger.ReferenceTaken):
        ledger.grant(person, 5, "Thanks", "work")
    with pytest.raises(ledger.ReferenceTaken):
        ledger.hold(ledger.open_account(uuid.uuid4()).user_id, 30, "work")


def test_who_has_no_account_gets_one_with_the_free_month(db):
    someone = uuid.uuid4()

    assert ledger.balance(someone) == ledger.Balance(0, 0)
    ledger.hold(someone, 600, "work")

    assert ledger.balance(someone) == ledger.Balance(3000, 600)
    assert Account.objects.get(pk=someone).tier.key == Tier.FREE


def test_an_operator_adjusts_for_a_reason_but_not_below_zero(person):
    operator = uuid.uuid4()

    taken = ledger.adjust(person, -40, "Counted twice", operator)

    assert (taken.reason, taken.by, taken.balance_after) == ("Counted twice", operator, 60)
    with pytest.raises(InsufficientTokens):
        ledger.adjust(person, -61, "Too much", operator)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_entry SET amount = 1000",
        "UPDATE billing_entry SET reason = 'nothing' WHERE number = 1",
        "DELETE FROM billing_entry",
        "TRUNCATE billing_entry",
    ],
)
def test_the_database_lets_nobody_change_entries(person, statement):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_entry ENABLE TRIGGER billing_entries_stay")  # as on a real site
        with pytest.raises(IntegrityError, match="added and never changed"), transaction.atomic():
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
def test_the_database_takes_no_entry_that_does_not_follow(person, facts):
    line = {"number": 2, "kind": "grant", "amount": 10, "balance_after": 110, "held_after": 0, "reference": "x"}

    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(user_id=person, reason="", **{**line, **facts})
    Entry.objects.create(user_id=person, reason="", **line)


def test_each_month_is_granted_once_also_after_some_time_without_beat(person):
    account = Account.objects.get(pk=person)
    opened = timezone.now().replace(year=2025, month=11, day=30)
    Account.objects.filter(pk=person).update(opened_at=opened, next_month_at=opened + timedelta(days=30))
    account.refresh_from_db()
    begun = sum(account.month_begins_at(number) <= timezone.now() for number in range(1, 200))

    assert months.grant_due() == begun > 3
    assert months.grant_due() == 0

    account.refresh_from_db()
    assert account.next_month_at > timezone.now()
    assert ledger.balance(person).token_balance == Entry.objects.of(person).total() == 100 * (1 + begun)
    assert account.month_begins_at(3).day == 28, "the last of February, for who joined on the 30th"


def test_a_closed_account_keeps_its_entries_and_gets_no_more_months(person):
    ledger.hold(person, 30, "work")
    Account.objects.update(next_month_at=timezone.now())

    ledger.close_account(person)

    assert months.grant_due() == 0
    assert ledger.balance(person) == ledger.Balance(100, 0)
    assert len(amounts(person)) == 3


def test_no_way_between_plans_gives_more_than_a_month_of_the_largest(person):
    Tier.objects.filter(key=Tier.STUDIO).update(tokens=1000)
    Tier.objects.filter(key=Tier.PRO).update(tokens=400)

    for key in (Tier.STUDIO, Tier.FREE, Tier.PRO, Tier.STUDIO, Tier.FREE, Tier.STUDIO):
        plans.move(person, Tier.objects.named(key))

    assert ledger.balance(person) == ledger.Balance(1000, 0)


def test_a_month_that_has_begun_is_of_the_plan_before_a_move(person):
    Tier.objects.filter(key=Tier.PRO).update(tokens=400)
    Account.objects.filter(pk=person).update(next_month_at=timezone.now())

    plans.move(person, Tier.objects.named(Tier.PRO))
    months.grant_due()

    assert ledger.balance(person) == ledger.Balance(100 + 400, 0)


def test_a_plan_that_was_raised_is_granted_in_full_to_who_comes_back_to_it_in_the_same_month(person):
    Tier.objects.filter(key=Tier.PRO).update(tokens=400)
    plans.move(person, Tier.objects.named(Tier.PRO))
    Tier.objects.filter(key=Tier.PRO).update(tokens=700)

    for key in (Tier.FREE, Tier.PRO, Tier.PRO):
        plans.move(person, Tier.objects.named(key))

    assert ledger.balance(person) == ledger.Balance(700, 0)


def test_what_pages_are_told_of_the_balance_says_by_which_entry(
    person, monkeypatch, django_capture_on_commit_callbacks
):
    told = []
    monkeypatch.setattr(events, "publish", lambda owner, news, about: told.append(news))

    with django_capture_on_commit_callbacks(execute=True):
        ledger.hold(person, 30, "work")
        ledger.capture("work")

    assert told == [
        {"token_balance": 70, "held": 30, "number": 2},
        {"token_balance": 70, "held": 0, "number": 4},
    ]
