"""Adapt allauth's two-step verification: authenticator apps, passkeys and recovery codes."""

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from accounts.sessions.user_agent import describe_device
from sage.encryption import DecryptionError, decrypt, encrypt, reencrypt

ENCRYPTED_FIELDS = {"secret", "seed"}  # of authenticator apps and of recovery codes


class MfaAdapter(DefaultMFAAdapter):
    """Encrypt secrets at rest and use Sage's messages."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": "You cannot add an address while two-step verification is on. Turn it off first.",
        "incorrect_code": "This code is incorrect. Wait for the next code, then try again.",
        "unverified_email": "Confirm your email address first.",
    }

    def encrypt(self, text: str) -> str:
        """Encrypt an app secret or the seed of the recovery codes."""
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt what `encrypt` returned."""
        return decrypt(encrypted_text)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        """Return the default name of a new passkey: the device that creates it."""
        return describe_device(context.request.headers.get("User-Agent", ""))

    def _get_site_name(self) -> str:
        return "Sage"


def requires_mfa(user: User) -> bool:
    """Return whether the user must enter a second factor."""
    return bool(is_mfa_enabled(user))


def rotate_secrets() -> tuple[int, int]:
    """Encrypt each secret with the first of `FERNET_KEYS`. Return the counts of rotated and unreadable secrets."""
    counts = [_rotate_row(pk) for pk in _rows_with_secrets().values_list("pk", flat=True)]
    return sum(done for done, _ in counts), sum(lost for _, lost in counts)


@transaction.atomic
def _rotate_row(pk: int) -> tuple[int, int]:
    """Rotate the secrets of one row. The lock keeps a concurrent use from restoring the old ones."""
    done = lost = 0
    for row in _rows_with_secrets().select_for_update().filter(pk=pk):
        for name in ENCRYPTED_FIELDS & row.data.keys():
            try:
                row.data[name] = reencrypt(row.data[name])
                done += 1
            except DecryptionError:
                lost += 1
        row.save(update_fields=["data"])
    return done, lost


def _rows_with_secrets() -> QuerySet[Authenticator]:
    return Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)


def supports_passkeys(request: HttpRequest) -> bool:
    """Return whether browsers offer passkeys for this host. They require a host name, not an IP address."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    return not host.replace(".", "").isdigit() and not host.startswith("[")
