"""What is asked for beside a password: a code of an app, a passkey, a recovery code. The flows are allauth's."""

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.devices import device_of
from accounts.models import User
from sage.sealing import Unreadable, seal, unseal
from sage.sealing import reseal as seal_anew

SEALED = {"secret", "seed"}  # of an app's codes, and of recovery codes


class SecondStep(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": "An account with a second step keeps its addresses. Remove the second step first.",
        "incorrect_code": "This code is not right. Wait for the next one, then try again.",
        "unverified_email": "Confirm your address first; then come back here.",
    }

    def encrypt(self, text: str) -> str:
        """The app's secret and the seed of the recovery codes lie sealed, as every secret does."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        """What a new passkey is called unless its owner says otherwise: the device that it is made on."""
        return device_of(context.request.headers.get("User-Agent", ""))

    def _get_site_name(self) -> str:
        return "Sage"


def is_needed(user: User) -> bool:
    """Whether a password alone does not let this person in."""
    return bool(is_mfa_enabled(user))


def reseal() -> tuple[int, int]:
    """Seal each secret with the first of `FERNET_KEYS`: how many now are, and how many none of the keys opens."""
    counts = [_reseal(pk) for pk in _sealed().values_list("pk", flat=True)]
    return sum(done for done, _ in counts), sum(lost for _, lost in counts)


@transaction.atomic
def _reseal(pk: int) -> tuple[int, int]:
    """One row, locked as allauth locks it: who uses it just now puts nothing back that is sealed as before."""
    done = lost = 0
    for row in _sealed().select_for_update().filter(pk=pk):
        for name in SEALED & row.data.keys():
            try:
                row.data[name] = seal_anew(row.data[name])
                done += 1
            except Unreadable:
                lost += 1
        row.save(update_fields=["data"])
    return done, lost


def _sealed() -> QuerySet[Authenticator]:
    return Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)


def takes_passkeys(request: HttpRequest) -> bool:
    """Whether browsers make passkeys for this address: they do for names, not for numbers."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    return not host.replace(".", "").isdigit() and not host.startswith("[")
