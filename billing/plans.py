"""From one plan to another: asked for by a person, decided by an operator or by whoever takes the money."""

import uuid

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from billing import ledger, months, payment
from billing.models import Account, Entry, PlanRequest, Tier
from sage.errors import Conflict, Invalid

Status = PlanRequest.Status


def asked(user_id: uuid.UUID) -> PlanRequest | None:
    """The open request of a person."""
    return PlanRequest.objects.filter(account=user_id, status=Status.OPEN).select_related("tier").first()


def ask(user_id: uuid.UUID, tier: Tier, back_to: str) -> str | None:
    """Ask for another plan; one that was asked for before is withdrawn. Returns where to pay, if anywhere."""
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=ledger.account_of(user_id).pk)
        if not tier.is_offered:
            raise Invalid.field("tier", "This plan is not offered any more. Choose another one.", "invalid_choice")
        if tier.pk == account.tier_id:
            raise Conflict(f"You are on {tier.name} already.")
        withdraw(user_id)
        request = PlanRequest.objects.create(account=account, tier=tier)
    return payment.chosen().begin(request, back_to)


def withdraw(user_id: uuid.UUID) -> bool:
    """Take the open request back. Whether there was one."""
    mine = PlanRequest.objects.filter(account=user_id, status=Status.OPEN)
    return bool(mine.update(status=Status.WITHDRAWN, decided_at=timezone.now()))


@transaction.atomic
def accept(request: PlanRequest, by: uuid.UUID | None) -> None:
    """Move the account to the plan that was asked for. Raises `Conflict` where that is decided already."""
    Account.objects.select_for_update().get(pk=request.account_id)  # first, as everywhere
    _decide(request, Status.ACCEPTED, by)
    move(request.account_id, request.tier, by)


@transaction.atomic
def decline(request: PlanRequest, by: uuid.UUID | None) -> None:
    _decide(request, Status.DECLINED, by)


def _decide(request: PlanRequest, status: str, by: uuid.UUID | None) -> None:
    mine = PlanRequest.objects.filter(pk=request.pk, status=Status.OPEN)
    if not mine.update(status=status, decided_at=timezone.now(), decided_by=by):
        raise Conflict("This request is decided already.")


@transaction.atomic
def move(user_id: uuid.UUID, tier: Tier, by: uuid.UUID | None = None, reason: str = "") -> None:
    """Put an account on a plan now. What a month on it has more than this month was granted already comes at once.

    That entry says which operator moved it, and why.
    """
    account = Account.objects.select_for_update().get(pk=user_id)
    months.catch_up(account)  # those that have begun are of the plan before
    this_month = Q(reference=ledger.month_reference(user_id, account.months - 1))
    this_month |= Q(reference__startswith=f"plan:{user_id}:{account.months}:")
    granted = Entry.objects.of(user_id).filter(this_month).aggregate(tokens=Sum("amount", default=0))["tokens"]
    more = tier.tokens - granted
    account.tier = tier
    account.save(update_fields=["tier"])
    if more > 0:
        said = reason or f"The rest of a month on {tier.name}"
        # What was granted before is in it: a plan may be raised meanwhile, and come to again in the same month.
        ledger.grant(user_id, more, said, f"plan:{user_id}:{account.months}:{tier.key}:{granted}", by)
