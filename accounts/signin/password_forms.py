"""Forms for passwords. They are a module of their own because allauth's forms import `accounts.forms`."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest

from accounts.signin import emails


class PasswordResetForm(ResetPasswordForm):
    """Request a reset link. The request does not read the database, whether or not the address has an account."""

    def clean_email(self) -> str:
        return str(get_adapter().clean_email(self.cleaned_data["email"]))

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Queue the email and return its address."""
        email: str = self.cleaned_data["email"]
        emails.queue_password_reset(request, email)
        return email
