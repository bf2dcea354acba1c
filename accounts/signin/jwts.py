"""Issue and verify the JSON Web Tokens of the API, which expire after a day.

Sage stores no JWT. Each carries the epoch of its user in `jti`. A changed password, "sign out everywhere" and disabling
an account raise the epoch and so invalidate all tokens issued before.
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
MAX_LENGTH = 4096  # characters


class InvalidJwt(Exception):
    """The token is invalid, expired or revoked. The message is shown to the client."""


@dataclasses.dataclass(frozen=True)
class JwtIdentity:
    """The user of a token and its expiry."""

    user: User
    expires_at: datetime.datetime


def issue(user: User, profile_image_url: str | None = None) -> str:
    """Return a token for the user that is valid for JWT_LIFETIME."""
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


def verify(text: str) -> JwtIdentity:
    """Return the user and expiry of a token. Raises `InvalidJwt`."""
    try:
        claims = token_backend.decode(cast("Token", text)) if len(text) <= MAX_LENGTH else {}
    except TokenBackendExpiredToken as error:
        raise InvalidJwt("This token has expired. Log in again.") from error
    except TokenBackendError as error:
        raise InvalidJwt("This token is not valid. Log in again.") from error
    if set(claims) != CLAIMS:  # for example an audience: the token was issued for another service
        raise InvalidJwt("This token is not valid. Log in again.")
    try:
        user = User.objects.filter(pk=claims["user_id"], is_active=True).first()
    except ValidationError as error:
        raise InvalidJwt("This token is not valid. Log in again.") from error
    if user is None or claims["jti"].partition("-")[0] != str(user.epoch):
        raise InvalidJwt("This token was revoked. Log in again.")
    return JwtIdentity(user, datetime.datetime.fromtimestamp(claims["exp"], datetime.UTC))
