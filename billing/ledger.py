"""The ledger: the one module that writes entries.

Each of its verbs locks the row of the account, looks at the newest entry, and adds what follows from it. So entries of
one account come one after the other, and no balance falls below zero however they interleave. A reference is used once:
asked again, a verb answers with the entry that is there. In a transaction of several steps call these last, since
the row of the account is the last lock that anybody takes.
"""

import dataclasses
import uuid
from functools import partial

from django.db import transaction
from django.utils import timezone

from billing.models import Account, Entry, PlanRequest, Tier
from sage import events
from sage.errors import InsufficientTokens

Kind = Entry.Kind


class NotHeld(Exception):
    """There is no hold by this reference, or it was released."""


class ReferenceTaken(Exception):
    """The reference stands for something else already."""


@dataclasses.dataclass(frozen=True, slots=True)
class Balance:
    """`token_balance` is what may still be spent, `held` what open holds have taken out of it."""

    token_balance: int
    held: int


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """An entry to be."""

    kind: Kind
    amount: int
    reference: str
    reason: str
    hold: str = ""
    is_last: bool = False
    video_id: uuid.UUID | None = None
    by: uuid.UUID | None = None


# --- Looking ---


def balance(user_id: uuid.UUID) -> Balance:
    """Read from the newest entry, which the database holds to be what all of them sum to."""
    newest = Entry.objects.of(user_id).values_list("balance_after", "held_after").first()
    return Balance(*newest or (0, 0))


def is_open(reference: str) -> bool:
    """Whether tokens are on hold by this reference."""
    return Entry.objects.open_holds().filter(reference=reference).exists()


# --- Accounts ---


@transaction.atomic
def open_account(user_id: uuid.UUID, tier_key: str = Tier.FREE) -> Account:
    """The account of a person, opened with the first month of its tier where there is none."""
    now = timezone.now()
    facts = {"tier": Tier.objects.named(tier_key), "opened_at": now, "next_month_at": now}
    account, is_new = Account.objects.get_or_create(user_id=user_id, defaults=facts)
    if is_new:
        grant_month(account)
    return account


def account_of(user_id: uuid.UUID) -> Account:
    """The account of a person with its tier; who has none gets one."""
    return Account.objects.select_related("tier").filter(pk=user_id).first() or open_account(user_id)


@transaction.atomic
def close_account(user_id: uuid.UUID) -> None:
    """Its owner is gone: what is on hold is released, and no more months are granted. The entries stay.

    Nothing happens where there is none.
    """
    if not Account.objects.filter(pk=user_id).exists():
        return
    account = _locked(user_id)
    account.requests.filter(status=PlanRequest.Status.OPEN).update(status=PlanRequest.Status.WITHDRAWN)
    for reference in Entry.objects.of(user_id).open_holds().values_list("reference", flat=True):
        release(reference)
    account.closed_at = account.closed_at or timezone.now()
    account.save(update_fields=["closed_at"])


def month_reference(user_id: uuid.UUID, month: int) -> str:
    """By which the tokens of a month, counted from 0, are granted."""
    return f"month:{user_id}:{month}"


@transaction.atomic
def grant_month(account: Account) -> None:
    """The tokens of the account's next month, whose number makes that happen once. Call it with the row locked."""
    said = "The first month" if account.months == 0 else "A month"
    reference = month_reference(account.user_id, account.months)
    grant(account.user_id, account.tier.tokens, f"{said} on {account.tier.name}", reference)
    account.months += 1
    account.next_month_at = account.month_begins_at(account.months)
    account.save(update_fields=["months", "next_month_at"])


# --- Writing ---


@transaction.atomic
def grant(user_id: uuid.UUID, tokens: int, reason: str, reference: str, by: uuid.UUID | None = None) -> Entry | None:
    """Add tokens; None where there are none to add, as in a month of a tier without any."""
    if tokens == 0:
        return None
    account, line = _locked(user_id), Line(Kind.GRANT, tokens, reference, reason, by=by)
    return _known(Kind.GRANT, reference, user_id) or _write(account, line)[0]


@transaction.atomic
def adjust(user_id: uuid.UUID, tokens: int, reason: str, by: uuid.UUID) -> Entry:
    """Add tokens or take some away (`tokens` below zero), for a reason that an operator gives."""
    line = Line(Kind.ADJUSTMENT, tokens, f"adjustment:{uuid.uuid4()}", reason, by=by)
    return _write(_locked(user_id), line)[0]


@transaction.atomic
def hold(
    user_id: uuid.UUID, tokens: int, reference: str, video_id: uuid.UUID | None = None, reason: str = "On hold"
) -> Entry:
    """Take tokens out of the balance until it is clear what the work costs. Raises `InsufficientTokens`."""
    account = _locked(user_id)
    if known := _known(Kind.HOLD, reference, user_id):
        return known
    return _write(account, Line(Kind.HOLD, -tokens, reference, reason, reference, video_id=video_id))[0]


@transaction.atomic
def correct(reference: str, tokens: int) -> None:
    """Raise or lower what is on hold to `tokens`. Raises `NotHeld`, and `InsufficientTokens` for what is missing."""
    first, account = _hold(reference)
    if _end_of(reference):
        raise NotHeld(reference)
    more = tokens - _on_hold(reference)
    if more == 0:
        return
    kind, said = (Kind.HOLD, "Raised") if more > 0 else (Kind.RELEASE, "Lowered")
    step = f"{reference}:{Entry.objects.filter(hold=reference).count()}"
    line = Line(kind, -more, step, f"{said} to what was measured", reference, video_id=first.video_id)
    try:
        _write(account, line)
    except InsufficientTokens as error:
        raise InsufficientTokens(tokens, tokens - error.required + error.available) from error


@transaction.atomic
def capture(reference: str, tokens: int | None = None, reason: str = "Used") -> Entry:
    """Take for good what the work cost, all that was on hold unless `tokens` are named, and end the hold.

    The work is done by now, so it is not refused for what was measured too late: where more than was held is asked for
    and not there, all that is there is taken. Raises `NotHeld` where nothing was held, or where that was released.
    """
    first, account = _hold(reference)
    if _end_of(reference):
        if taken := _known(Kind.CAPTURE, f"{reference}:captured", first.user_id):
            return taken
        raise NotHeld(reference)
    held = _on_hold(reference)
    taking = min(held if tokens is None else tokens, held + balance(account.user_id).token_balance)
    shared = {"hold": reference, "video_id": first.video_id}
    back = Line(Kind.RELEASE, held, f"{reference}:ended", "Hold ended", is_last=True, **shared)  # type: ignore[arg-type]
    used = Line(Kind.CAPTURE, -taking, f"{reference}:captured", reason, **shared)  # type: ignore[arg-type]
    return _write(account, back, used)[1]


@transaction.atomic
def release(reference: str, reason: str = "Given back") -> Entry | None:
    """Put back what is on hold; None where nothing is."""
    try:
        first, account = _hold(reference)
    except NotHeld:
        return None
    if _end_of(reference):
        return None
    held = _on_hold(reference)
    ended = f"{reference}:ended"
    return _write(account, Line(Kind.RELEASE, held, ended, reason, reference, True, first.video_id))[0]


def _locked(user_id: uuid.UUID) -> Account:
    """The row of the account, locked until the transaction ends; who has none gets one."""
    locked = Account.objects.select_for_update()
    if account := locked.filter(pk=user_id).first():
        return account
    open_account(user_id)
    return locked.get(pk=user_id)


def _hold(reference: str) -> tuple[Entry, Account]:
    """The first entry of a hold, and its account, locked. Raises `NotHeld` where there is none."""
    first = Entry.objects.filter(reference=reference, kind=Kind.HOLD).first()
    if first is None:
        raise NotHeld(reference)
    return first, _locked(first.user_id)


def _end_of(reference: str) -> Entry | None:
    return Entry.objects.filter(hold=reference, is_last=True).first()


def _on_hold(reference: str) -> int:
    return Entry.objects.filter(hold=reference).on_hold()


def _known(kind: Kind, reference: str, user_id: uuid.UUID) -> Entry | None:
    """What was written by this reference before. Call it with the account locked."""
    known = Entry.objects.filter(reference=reference).first()
    if known and (known.kind, known.user_id) != (kind, user_id):
        raise ReferenceTaken(reference)
    return known


def _write(account: Account, *lines: Line) -> list[Entry]:
    """Add the lines, in order. Raises `InsufficientTokens` where they would take more than there is."""
    newest = Entry.objects.of(account.user_id).first()
    last, left, held = (newest.number, newest.balance_after, newest.held_after) if newest else (0, 0, 0)
    available, now, entries = left, timezone.now(), []
    for number, line in enumerate(lines, last + 1):
        left += line.amount
        held -= line.amount if line.kind in Entry.HOLDING else 0
        facts = dataclasses.asdict(line)
        entries.append(
            Entry(**facts, user_id=account.user_id, number=number, balance_after=left, held_after=held, created_at=now)
        )
    if left < 0:
        raise InsufficientTokens(available - left, available)
    Entry.objects.bulk_create(entries)
    # They go out once this is committed, and may overtake each other on the way: the number says which are newer.
    news = {"token_balance": left, "held": held, "number": entries[-1].number}
    transaction.on_commit(partial(events.publish, account.user_id, news, events.About.BALANCE), robust=True)
    return entries
