"""What happens once when somebody joins, whichever way they signed up."""

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from billing import ledger
from billing.models import Tier

FIRST = 7_219  # names the lock by which two who join at once come one after the other


@transaction.atomic
def welcome(user: User) -> None:
    """Open the account of who has just been made, with the first month's tokens. Call it in the same transaction.

    While only this machine can reach the site, the first to join is its operator.
    """
    if settings.PUBLIC or not _is_first(user):
        ledger.open_account(user.pk)
        return
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    ledger.open_account(user.pk, Tier.STUDIO)


def _is_first(user: User) -> bool:
    """Sage's own user does not count."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST])
    return not User.objects.filter(is_system=False).exclude(pk=user.pk).exists()
