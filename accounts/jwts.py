"""JSON Web Tokens: what the API hands out at log-in, good for a day.

Nothing of them is kept. Each carries the epoch of its user in `jti`, so a changed password, signing out everywhere and
disabling an account void all that were issued before.
"""

import dataclasses
import datetime
import uuid
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken
from rest_framework_simplejwt.state import token_backend

from accounts.models import User

if TYPE_CHECKING:
    from rest_framework_simplejwt.tokens import Token

CLAIMS = frozenset({"user_id", "email", "name", "profile_image_url", "iat", "exp", "jti"})
LONGEST = 4096


class Unknown(Exception):
    """This is no token of ours, or no longer one. The message is for whoever sent it."""


@dataclasses.dataclass(frozen=True)
class Known:
    """Whose token it is, and until when."""

    user: User
    expires_at: datetime.datetime


def issue(user: User, profile_image_url: str | None = None) -> str:
    """A token for this user, good from now on for as long as the settings say."""
    now = timezone.now()
    claims = {
        "user_id": str(user.pk),
        "email": user.email,
        "name": user.name,
        "profile_image_url": profile_image_url,
        "iat": int(now.timestamp()),
        "exp": int((now + settings.JWT_LIFETIME).timestamp()),
        "jti": f"{user.epoch}-{uuid.uuid4().hex}",
    }
    return str(token_backend.encode(claims))


def read(text: str) -> Known:
    """Whoever a token was issued to. Raises `Unknown` where it is not good (any more)."""
    try:
        claims = token_backend.decode(cast("Token", text)) if len(text) <= LONGEST else {}
    except TokenBackendExpiredToken as error:
        raise Unknown("This token has expired. Log in again.") from error
    except TokenBackendError as error:
        raise Unknown("This token is not valid. Log in again.") from error
    if set(claims) != CLAIMS:  # an audience, say: it was meant for somebody else
        raise Unknown("This token is not valid. Log in again.")
    try:
        user = User.objects.filter(pk=claims["user_id"], is_active=True).first()
    except ValidationError as error:
        raise Unknown("This token is not valid. Log in again.") from error
    if user is None or claims["jti"].partition("-")[0] != str(user.epoch):
        raise Unknown("This token was revoked. Log in again.")
    return Known(user, datetime.datetime.fromtimestamp(claims["exp"], datetime.UTC))
