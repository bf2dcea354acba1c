"""Where allauth's ways are bent to Sage's."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.joining import welcome
from accounts.models import SYSTEM_EMAIL, User
from accounts.plain import plain_address


class AccountAdapter(DefaultAccountAdapter):
    """Plain words, and no account under the system user's address."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The address or the password is not right. Check both, or reset the password.",
        "email_taken": "An account with this address exists already. Log in instead.",
        "too_many_login_attempts": "Too many tries with a wrong password. Wait five minutes, then try again.",
    }

    def clean_email(self, email: str) -> str:
        plain_address(email)  # before it is made small: the sign for kelvin becomes a k
        email = super().clean_email(email).lower()
        if email == SYSTEM_EMAIL:
            raise ValidationError("This address cannot be used.")
        return email

    def is_safe_url(self, url: str | None) -> bool:
        """Where `next` may lead: within this site, not to another name or port that answers here as well."""
        request = context.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    @transaction.atomic
    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Called by allauth for who signs up on the page: the person and their account are there, or neither is."""
        super().save_user(request, user, form, commit)
        if commit:
            welcome(user)
        return user
