"""Update and present the profile of a user."""

from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User


def update_profile(user: User, changes: dict[str, Any]) -> None:
    """Save the given fields of `name` and `ai_notes_enabled`."""
    for field, value in changes.items():
        setattr(user, field, value)
    user.save(update_fields=list(changes))


def build_image_url(request: HttpRequest | Request, user: User) -> str | None:
    """Return the absolute URL of the profile picture, or None."""
    return request.build_absolute_uri(user.picture_url) if user.picture_url else None
