"""Tell users by email about changes of their sign-in methods, so that they notice changes made by others."""

from typing import Any

from allauth.account.adapter import get_adapter

from accounts.models import User


def notify_user(user: User, template: str, email: str = "", **context: Any) -> None:
    """Queue the email `templates/{template}_message.txt` to `email`, by default the primary address."""
    get_adapter().send_notification_mail(template, user, context, email or None)
