"""What Django and allauth tell of people, handed on to the rooms that it matters to."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import deletion, leaving
from accounts.models import User


@receiver(user_logged_in)
def came_back(request: HttpRequest, user: User, **_: Any) -> None:
    if deletion.take_back(user):
        messages.success(request, "Your account stays. Nothing of it was deleted.")


@receiver(user_logged_out)
def left(request: HttpRequest, **_: Any) -> None:
    if request.session.session_key:
        leaving.forget(request.session.session_key)


@receiver([password_changed, password_set, password_reset])
def has_another_password(request: HttpRequest, user: User, **_: Any) -> None:
    """Whoever was signed in by the password before is out; they themselves stay where they are."""
    leaving.end_sessions(user, but=request.session)
