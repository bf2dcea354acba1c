"""Grant each account its monthly tokens."""

import uuid

from django.db import transaction
from django.utils import timezone

from billing import ledger
from billing.models import Account


def grant_due() -> int:
    """Grant every month that has started, including those that started while Sage was down. Return their number.

    The month number in the reference of the entry prevents a second grant.
    """
    due = Account.objects.filter(closed_at=None, next_month_at__lte=timezone.now())
    return sum(_grant_account(account.pk) for account in due.only("pk").iterator())


@transaction.atomic
def _grant_account(user_id: uuid.UUID) -> int:
    return grant_started_months(Account.objects.select_for_update().get(pk=user_id))


def grant_started_months(account: Account) -> int:
    """Grant the months of one account that have started. Call it with the account row locked."""
    before = account.months
    while account.closed_at is None and account.next_month_at <= timezone.now():
        ledger.grant_month(account)
    return account.months - before
