"""Long-term tokens: for the browser extension, which may create notes by them and nothing else.

A token is shown once, when it is made; what is kept is its digest, by knox.
"""

import uuid

from django.db import transaction

from accounts.models import LongTermToken, User
from sage.errors import Conflict, NotFound

MOST = 50
NAME = "Browser extension"


@transaction.atomic
def make(user: User, name: str = "") -> tuple[LongTermToken, str]:
    """A new token, and its text, which nobody can be shown again."""
    User.objects.select_for_update().get(pk=user.pk)
    if LongTermToken.objects.filter(user=user).count() >= MOST:
        raise Conflict(f"You have {MOST} tokens. Revoke one that you no longer use, then make another.")
    made, text = LongTermToken.objects.create(user, name=name or NAME)
    return made, text


def exist(user: User) -> bool:
    return LongTermToken.objects.filter(user=user).exists()


def revoke(user: User, token_id: uuid.UUID) -> None:
    removed, _ = LongTermToken.objects.filter(user=user, pk=token_id).delete()
    if not removed:
        raise NotFound("There is no such token. It may have been revoked already.")


def revoke_all(user: User) -> int:
    """How many there were."""
    return LongTermToken.objects.filter(user=user).delete()[0]
