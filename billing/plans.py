"""Request a plan, decide requests and move accounts between plans."""

import uuid

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from billing import allowances, ledger, payment
from billing.models import Account, Entry, PlanRequest, Tier
from sage.errors import Conflict, InvalidInput

Status = PlanRequest.Status


def get_open_request(user_id: uuid.UUID) -> PlanRequest | None:
    """Return the open plan request of a user."""
    return PlanRequest.objects.filter(account=user_id, status=Status.OPEN).select_related("tier").first()


def request_plan(user_id: uuid.UUID, tier: Tier, back_to: str) -> str | None:
    """Request another plan and withdraw an earlier request. Return the address for payment, if the provider has one.

    Raises `InvalidInput` if the plan is not offered and `Conflict` if it is the current one.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=ledger.get_account(user_id).pk)
        if not tier.is_offered:
            raise InvalidInput.field("tier", "This plan is no longer offered. Choose another plan.", "invalid_choice")
        if tier.pk == account.tier_id:
            raise Conflict(f"{tier.name} is already your plan.")
        withdraw_request(user_id)
        request = PlanRequest.objects.create(account=account, tier=tier)
    return payment.get_provider().start_payment(request, back_to)


def withdraw_request(user_id: uuid.UUID) -> bool:
    """Withdraw the open request of a user. Return whether there was one."""
    requests = PlanRequest.objects.filter(account=user_id, status=Status.OPEN)
    return bool(requests.update(status=Status.WITHDRAWN, decided_at=timezone.now()))


@transaction.atomic
def accept_request(request: PlanRequest, by: uuid.UUID | None) -> None:
    """Move the account to the requested plan. Raises `Conflict` if the request is already decided."""
    Account.objects.select_for_update().get(pk=request.account_id)  # lock the account first
    _decide(request, Status.ACCEPTED, by)
    move_account(request.account_id, request.tier, by)


@transaction.atomic
def decline_request(request: PlanRequest, by: uuid.UUID | None) -> None:
    """Decline a request. Raises `Conflict` if it is already decided."""
    _decide(request, Status.DECLINED, by)


def _decide(request: PlanRequest, status: str, by: uuid.UUID | None) -> None:
    open_request = PlanRequest.objects.filter(pk=request.pk, status=Status.OPEN)
    if not open_request.update(status=status, decided_at=timezone.now(), decided_by=by):
        raise Conflict("This request has already been decided.")


@transaction.atomic
def move_account(user_id: uuid.UUID, tier: Tier, by: uuid.UUID | None = None, reason: str = "") -> None:
    """Move an account to a plan now. Grant the difference if the plan has more tokens than this month granted.

    The entry records the operator and the reason.
    """
    account = Account.objects.select_for_update().get(pk=user_id)
    allowances.grant_started_months(account)  # these belong to the previous plan
    this_month = Q(reference=ledger.month_reference(user_id, account.months - 1))
    this_month |= Q(reference__startswith=f"plan:{user_id}:{account.months}:")
    granted = Entry.objects.of(user_id).filter(this_month).aggregate(tokens=Sum("amount", default=0))["tokens"]
    more = tier.tokens - granted
    account.tier = tier
    account.save(update_fields=["tier"])
    if more > 0:
        description = reason or f"The rest of a month on {tier.name}"
        # The amount granted so far is part of the reference, because an account may return to a plan whose grant was
        # raised in the meantime.
        ledger.grant(user_id, more, description, f"plan:{user_id}:{account.months}:{tier.key}:{granted}", by)
