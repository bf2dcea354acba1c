"""What a person changes about themselves."""

from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User


def change(user: User, said: dict[str, Any]) -> None:
    """Save `name` and `ai_notes_enabled`, as far as they are said."""
    for field, value in said.items():
        setattr(user, field, value)
    user.save(update_fields=list(said))


def image_url(request: HttpRequest | Request, user: User) -> str | None:
    """The full address of this person's picture, where they have one."""
    return request.build_absolute_uri(user.picture_url) if user.picture_url else None
