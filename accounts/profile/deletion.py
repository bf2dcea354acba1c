"""Delete accounts: request a deletion, cancel it by logging in, and remove the account after a grace period.

Higher apps register functions that remove their own data of a user (`register_removal`).
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.profile import avatars
from accounts.sessions.signout import sign_out_everywhere
from accounts.signin.notifications import notify_user
from billing import ledger

log = logging.getLogger(__name__)
Removal = Callable[[User], None]
_removals: list[Removal] = []


def register_removal(removal: Removal) -> None:
    """Call `removal` for each account that is removed. It must delete all data of the user and may be called twice."""
    if removal not in _removals:
        _removals.append(removal)


def grace_period() -> timedelta:
    """Return how long a deleted account can be restored."""
    return timedelta(days=settings.DELETED_ACCOUNT_KEPT_DAYS)


def removal_time(user: User) -> datetime | None:
    """Return when an account will be removed, or None if its deletion was not requested."""
    return user.deleted_at + grace_period() if user.deleted_at else None


def request_deletion(user: User) -> None:
    """Sign the user out everywhere and schedule the removal of the account after the grace period."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(deleted_at=timezone.now())
        sign_out_everywhere(user)
    user.refresh_from_db(fields=["deleted_at"])
    notify_user(user, "accounts/email/deletion_requested", removal_time=removal_time(user))


def cancel_deletion(user: User) -> bool:
    """Cancel a requested deletion. Return False if none was requested or the removal has started."""
    if not User.objects.filter(pk=user.pk, is_active=True, deleted_at__isnull=False).update(deleted_at=None):
        return False
    user.deleted_at = None
    return True


def remove_expired() -> None:
    """Remove every account whose grace period is over. Runs periodically."""
    for user in User.objects.filter(deleted_at__lt=timezone.now() - grace_period(), is_system=False):
        try:
            remove_account(user)
        except Exception:  # one failing account must not block the others; it is retried next time
            log.exception("accounts: %s could not be removed", user.pk)


def remove_account(user: User) -> None:
    """Remove an account and all data of the user. An interrupted removal continues on the next run.

    The user row is deleted last. Ledger entries and the audit log of operators are kept: they hold only the id.
    """
    # After this update the user cannot log in, so the deletion cannot be cancelled while it runs.
    if not User.objects.filter(pk=user.pk, deleted_at__lt=timezone.now() - grace_period()).update(is_active=False):
        return
    for removal in _removals:
        removal(user)
    avatars.delete_files(user)
    with transaction.atomic():
        ledger.close_account(user.pk)
        _anonymise_log(user)
        user.delete()
    log.info("accounts: removed %s, deletion requested at %s", user.pk, user.deleted_at)


def _anonymise_log(user: User) -> None:
    """Assign the admin log entries of the user to the system user and add the id of the removed account."""
    entries = list(LogEntry.objects.filter(user=user))
    if not entries:
        return
    system_user = User.objects.system()
    for entry in entries:
        entry.user = system_user
        entry.change_message = f"{entry.get_change_message()} By {user.pk}, whose account was removed.".lstrip()
    LogEntry.objects.bulk_update(entries, ["user", "change_message"], batch_size=500)
