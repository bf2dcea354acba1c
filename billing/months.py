"""Every month's tokens, for every account, once."""

import uuid

from django.db import transaction
from django.utils import timezone

from billing import ledger
from billing.models import Account


def grant_due() -> int:
    """Grant each month that has begun by now, also those that began while Sage was down. Returns how many.

    The number of the month is in the reference of its entry, so that none is granted twice.
    """
    due = Account.objects.filter(closed_at=None, next_month_at__lte=timezone.now())
    return sum(_catch_up(account.pk) for account in due.only("pk").iterator())


@transaction.atomic
def _catch_up(user_id: uuid.UUID) -> int:
    return catch_up(Account.objects.select_for_update().get(pk=user_id))


def catch_up(account: Account) -> int:
    """The same for one account, whose row is locked."""
    before = account.months
    while account.closed_at is None and account.next_month_at <= timezone.now():
        ledger.grant_month(account)
    return account.months - before
