"""Write ledger entries. No other module does.

Every function that writes locks the row of the account, reads its newest entry and adds the next ones. Entries of one
account are therefore serialised, and no balance falls below zero. A reference is unique: a call with a reference that
exists returns the existing entry. In a transaction of several steps, call these functions last, because the account row
is the last lock in the locking order.
"""

import dataclasses
import uuid
from functools import partial

from django.db import transaction
from django.utils import timezone

from billing.models import Account, Entry, PlanRequest, Tier
from sage.errors import InsufficientTokens
from sage.events import Topic

Kind = Entry.Kind
BALANCE = Topic("balance")  # {token_balance, held, number}


class HoldNotFound(Exception):
    """No hold has this reference, or the hold was released."""


class ReferenceInUse(Exception):
    """The reference belongs to an entry of another kind or account."""


@dataclasses.dataclass(frozen=True, slots=True)
class Balance:
    """The tokens that can be spent (`token_balance`) and the tokens in open holds (`held`)."""

    token_balance: int
    held: int


@dataclasses.dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry that is not written yet."""

    kind: Kind
    amount: int
    reference: str
    reason: str
    hold: str = ""
    is_last: bool = False
    video_id: uuid.UUID | None = None
    by: uuid.UUID | None = None


# --- Read ---


def balance(user_id: uuid.UUID) -> Balance:
    """Return the balance stored in the newest entry. Database constraints keep it equal to the sum of all entries."""
    newest = Entry.objects.of(user_id).values_list("balance_after", "held_after").first()
    return Balance(*newest or (0, 0))


def is_hold_open(reference: str) -> bool:
    """Return whether an open hold has this reference."""
    return Entry.objects.open_holds().filter(reference=reference).exists()


# --- Accounts ---


@transaction.atomic
def open_account(user_id: uuid.UUID, tier_key: str = Tier.FREE) -> Account:
    """Return the account of a user. Create it and grant the first month if there is none."""
    now = timezone.now()
    facts = {"tier": Tier.objects.get_builtin(tier_key), "opened_at": now, "next_month_at": now}
    account, is_new = Account.objects.get_or_create(user_id=user_id, defaults=facts)
    if is_new:
        grant_month(account)
    return account


def get_account(user_id: uuid.UUID) -> Account:
    """Return the account of a user with its tier. Create it if there is none."""
    return Account.objects.select_related("tier").filter(pk=user_id).first() or open_account(user_id)


@transaction.atomic
def close_account(user_id: uuid.UUID) -> None:
    """Release all open holds and stop monthly grants after the owner was deleted. Entries are kept.

    Do nothing if the user has no account.
    """
    if not Account.objects.filter(pk=user_id).exists():
        return
    account = _lock_account(user_id)
    account.requests.filter(status=PlanRequest.Status.OPEN).update(status=PlanRequest.Status.WITHDRAWN)
    for reference in Entry.objects.of(user_id).open_holds().values_list("reference", flat=True):
        release(reference)
    account.closed_at = account.closed_at or timezone.now()
    account.save(update_fields=["closed_at"])


def month_reference(user_id: uuid.UUID, month: int) -> str:
    """Return the reference of the grant of a month, counted from 0."""
    return f"month:{user_id}:{month}"


@transaction.atomic
def grant_month(account: Account) -> None:
    """Grant the tokens of the next month. The month number in the reference prevents a second grant.

    Call it with the account row locked.
    """
    label = "The first month" if account.months == 0 else "A month"
    reference = month_reference(account.user_id, account.months)
    grant(account.user_id, account.tier.tokens, f"{label} on {account.tier.name}", reference)
    account.months += 1
    account.next_month_at = account.month_starts_at(account.months)
    account.save(update_fields=["months", "next_month_at"])


# --- Write ---


@transaction.atomic
def grant(user_id: uuid.UUID, tokens: int, reason: str, reference: str, by: uuid.UUID | None = None) -> Entry | None:
    """Add tokens to the balance. Return None if `tokens` is 0, as for a tier without a monthly grant."""
    if tokens == 0:
        return None
    account, draft = _lock_account(user_id), EntryDraft(Kind.GRANT, tokens, reference, reason, by=by)
    return _find_entry(Kind.GRANT, reference, user_id) or _write_entries(account, draft)[0]


@transaction.atomic
def adjust_balance(user_id: uuid.UUID, tokens: int, reason: str, by: uuid.UUID) -> Entry:
    """Add tokens, or subtract them if `tokens` is negative. Operators must give a reason."""
    draft = EntryDraft(Kind.ADJUSTMENT, tokens, f"adjustment:{uuid.uuid4()}", reason, by=by)
    return _write_entries(_lock_account(user_id), draft)[0]


@transaction.atomic
def hold(
    user_id: uuid.UUID, tokens: int, reference: str, video_id: uuid.UUID | None = None, reason: str = "On hold"
) -> Entry:
    """Reserve tokens until the cost of the work is known. Raises `InsufficientTokens`."""
    account = _lock_account(user_id)
    if existing := _find_entry(Kind.HOLD, reference, user_id):
        return existing
    return _write_entries(account, EntryDraft(Kind.HOLD, -tokens, reference, reason, reference, video_id=video_id))[0]


@transaction.atomic
def adjust_hold(reference: str, tokens: int) -> None:
    """Raise or lower a hold to `tokens`. Raises `HoldNotFound` and `InsufficientTokens`."""
    first, account = _lock_hold(reference)
    if _find_hold_end(reference):
        raise HoldNotFound(reference)
    more = tokens - _sum_hold(reference)
    if more == 0:
        return
    kind, label = (Kind.HOLD, "Raised") if more > 0 else (Kind.RELEASE, "Lowered")
    step = f"{reference}:{Entry.objects.filter(hold=reference).count()}"
    draft = EntryDraft(kind, -more, step, f"{label} to the measured duration", reference, video_id=first.video_id)
    try:
        _write_entries(account, draft)
    except InsufficientTokens as error:
        raise InsufficientTokens(tokens, tokens - error.required + error.available) from error


@transaction.atomic
def capture(reference: str, tokens: int | None = None, reason: str = "Used") -> Entry:
    """Charge for finished work and end the hold. The default for `tokens` is the whole hold.

    The work is done, so a cost above the hold is not refused: it is charged as far as the balance allows.
    Raises `HoldNotFound` if there is no hold or it was released.
    """
    first, account = _lock_hold(reference)
    if _find_hold_end(reference):
        if captured := _find_entry(Kind.CAPTURE, f"{reference}:captured", first.user_id):
            return captured
        raise HoldNotFound(reference)
    held = _sum_hold(reference)
    charged = min(held if tokens is None else tokens, held + balance(account.user_id).token_balance)
    shared = {"hold": reference, "video_id": first.video_id}
    release_draft = EntryDraft(Kind.RELEASE, held, f"{reference}:ended", "Hold ended", is_last=True, **shared)  # type: ignore[arg-type]
    capture_draft = EntryDraft(Kind.CAPTURE, -charged, f"{reference}:captured", reason, **shared)  # type: ignore[arg-type]
    return _write_entries(account, release_draft, capture_draft)[1]


@transaction.atomic
def release(reference: str, reason: str = "Released") -> Entry | None:
    """Return the tokens of a hold to the balance. Return None if nothing is held."""
    try:
        first, account = _lock_hold(reference)
    except HoldNotFound:
        return None
    if _find_hold_end(reference):
        return None
    ended = f"{reference}:ended"
    draft = EntryDraft(Kind.RELEASE, _sum_hold(reference), ended, reason, reference, True, first.video_id)
    return _write_entries(account, draft)[0]


def _lock_account(user_id: uuid.UUID) -> Account:
    """Return the account, locked until the transaction ends. Create it if there is none."""
    locked = Account.objects.select_for_update()
    if account := locked.filter(pk=user_id).first():
        return account
    open_account(user_id)
    return locked.get(pk=user_id)


def _lock_hold(reference: str) -> tuple[Entry, Account]:
    """Return the first entry of a hold and its locked account. Raises `HoldNotFound`."""
    first = Entry.objects.filter(reference=reference, kind=Kind.HOLD).first()
    if first is None:
        raise HoldNotFound(reference)
    return first, _lock_account(first.user_id)


def _find_hold_end(reference: str) -> Entry | None:
    return Entry.objects.filter(hold=reference, is_last=True).first()


def _sum_hold(reference: str) -> int:
    return Entry.objects.filter(hold=reference).on_hold()


def _find_entry(kind: Kind, reference: str, user_id: uuid.UUID) -> Entry | None:
    """Return the entry with this reference, if any. Call it with the account locked. Raises `ReferenceInUse`."""
    entry = Entry.objects.filter(reference=reference).first()
    if entry and (entry.kind, entry.user_id) != (kind, user_id):
        raise ReferenceInUse(reference)
    return entry


def _write_entries(account: Account, *drafts: EntryDraft) -> list[Entry]:
    """Append entries in order. Raises `InsufficientTokens` if they exceed the balance."""
    newest = Entry.objects.of(account.user_id).first()
    last, token_balance, held = (newest.number, newest.balance_after, newest.held_after) if newest else (0, 0, 0)
    available, now, entries = token_balance, timezone.now(), []
    for number, draft in enumerate(drafts, last + 1):
        token_balance += draft.amount
        held -= draft.amount if draft.kind in Entry.HOLDING else 0
        entries.append(
            Entry(
                **dataclasses.asdict(draft),
                user_id=account.user_id,
                number=number,
                balance_after=token_balance,
                held_after=held,
                created_at=now,
            )
        )
    if token_balance < 0:
        raise InsufficientTokens(available - token_balance, available)
    Entry.objects.bulk_create(entries)
    # Messages are published after the commit and may arrive out of order. The number tells clients which is newer.
    message = {"token_balance": token_balance, "held": held, "number": entries[-1].number}
    transaction.on_commit(partial(BALANCE.publish, account.user_id, message), robust=True)
    return entries
