"""Deleting an account with all that is its owner's: asked for, taken back by signing in, done after a grace.

What apps above this one keep of a person they remove themselves: each adds to `with_account` when it starts.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.utils import timezone

from accounts import pictures
from accounts.leaving import sign_out_everywhere
from accounts.models import User
from billing import ledger

log = logging.getLogger(__name__)
Removal = Callable[[User], None]
_removals: list[Removal] = []


def with_account(removal: Removal) -> None:
    """Have `removal` called for each account that goes. It may be called twice, and leaves nothing of that person."""
    if removal not in _removals:
        _removals.append(removal)


def grace() -> timedelta:
    return timedelta(days=settings.DELETED_ACCOUNT_KEPT_DAYS)


def goes_at(user: User) -> datetime | None:
    """When an account goes whose deletion was asked for."""
    return user.deleted_at + grace() if user.deleted_at else None


def ask(user: User) -> None:
    """Close an account at once; `forget_due` removes it after the grace."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(deleted_at=timezone.now())
        sign_out_everywhere(user)
    user.refresh_from_db(fields=["deleted_at"])


def take_back(user: User) -> bool:
    """Keep an account after all; whether its deletion had been asked for. Too late, once its removal has begun."""
    if not User.objects.filter(pk=user.pk, is_active=True, deleted_at__isnull=False).update(deleted_at=None):
        return False
    user.deleted_at = None
    return True


def forget_due() -> None:
    """Remove every account whose grace is over. Run by beat."""
    for user in User.objects.filter(deleted_at__lt=timezone.now() - grace(), is_system=False):
        try:
            remove(user)
        except Exception:  # whatever it is, it is the same again next time, and nobody else must wait for it
            log.exception("accounts: %s could not be removed", user.pk)


def remove(user: User) -> None:
    """Remove an account with all that is its owner's. Killed half-way, it goes on where it stopped.

    Its last row goes last. Entries of the ledger stay, and so does what is on record of operators: they name nobody,
    only an id that means nothing any more.
    """
    # From here on nobody signs in to it: so what is removed below cannot be wanted back meanwhile.
    if not User.objects.filter(pk=user.pk, deleted_at__lt=timezone.now() - grace()).update(is_active=False):
        return
    for removal in _removals:
        removal(user)
    pictures.remove_all(user)
    with transaction.atomic():
        ledger.close_account(user.pk)
        _keep_record(user)
        user.delete()
    log.info("accounts: removed %s, whose deletion was asked for %s", user.pk, user.deleted_at)


def _keep_record(user: User) -> None:
    """What this person did as an operator goes on standing there, as Sage's own, with their id."""
    record = list(LogEntry.objects.filter(user=user))
    if not record:
        return
    sage = User.objects.system()
    for entry in record:
        entry.user = sage
        entry.change_message = f"{entry.get_change_message()} By {user.pk}, whose account was removed.".lstrip()
    LogEntry.objects.bulk_update(record, ["user", "change_message"], batch_size=500)
