"""Complete the registration of a new user, for every sign-up method."""

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from billing import ledger
from billing.models import Tier

REGISTRATION_LOCK = 7_219  # key of the advisory lock that serialises the check for the first user


@transaction.atomic
def complete_registration(user: User) -> None:
    """Open the billing account of a new user with the first grant. Call it in the transaction that creates the user.

    While only this machine can reach the site, the first user becomes an operator on the Studio plan.
    """
    if settings.PUBLIC or not _is_first_user(user):
        ledger.open_account(user.pk)
        return
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    ledger.open_account(user.pk, Tier.STUDIO)


def _is_first_user(user: User) -> bool:
    """Return whether no other user exists, apart from the system user."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REGISTRATION_LOCK])
    return not User.objects.filter(is_system=False).exclude(pk=user.pk).exists()
