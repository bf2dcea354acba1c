"""Create and revoke long-term tokens, with which the browser extension creates notes.

A token is shown once, when it is created. knox stores its digest.
"""

import uuid

from django.db import transaction

from accounts.models import LongTermToken, User
from accounts.signin.notifications import notify_user
from sage.errors import Conflict, NotFound

MAX_TOKENS = 50  # per user
DEFAULT_NAME = "Browser extension"


@transaction.atomic
def create_token(user: User, name: str = "") -> tuple[LongTermToken, str]:
    """Create a token. Return it with its text, which cannot be shown again. Raises `Conflict`."""
    User.objects.select_for_update().get(pk=user.pk)
    if LongTermToken.objects.filter(user=user).count() >= MAX_TOKENS:
        raise Conflict(f"You have {MAX_TOKENS} tokens. Revoke one that you no longer use, then create another.")
    token, text = LongTermToken.objects.create(user, name=name or DEFAULT_NAME)
    notify_user(user, "accounts/email/token_created", token_name=token.name)
    return token, text


def has_tokens(user: User) -> bool:
    """Return whether the user has a token."""
    return LongTermToken.objects.filter(user=user).exists()


def revoke_token(user: User, token_id: uuid.UUID) -> None:
    """Delete a token. Raises `NotFound`."""
    removed, _ = LongTermToken.objects.filter(user=user, pk=token_id).delete()
    if not removed:
        raise NotFound("This token does not exist. It may already have been revoked.")


def revoke_all_tokens(user: User) -> int:
    """Delete all tokens of the user. Return their number."""
    return LongTermToken.objects.filter(user=user).delete()[0]
