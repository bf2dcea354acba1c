"""Where allauth's ways are bent to Sage's."""

import logging
from ipaddress import ip_address
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.joining import welcome
from accounts.models import SYSTEM_EMAIL, User
from accounts.plain import plain_address
from sage.errors import Conflict, Unavailable
from sage.limits.addresses import whole_address_of

log = logging.getLogger(__name__)
TRIES = 2
NO_MAIL = "The mail could not be sent, since the site's mail server did not take it. Try again in a few minutes."


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

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send it now; each try ends by EMAIL_TIMEOUT. Raises `Unavailable`."""
        for number in range(1, TRIES + 1):
            try:
                return super().send_mail(template_prefix, email, context)
            except (SMTPException, OSError) as error:
                log.warning("accounts: %s was not sent on try %d: %s", template_prefix, number, type(error).__name__)
        raise Unavailable(NO_MAIL)

    def get_client_ip(self, request: HttpRequest) -> str:
        """By the rule that limits count by. Raises PermissionDenied where a proxy names nothing that is an address."""
        seen = whole_address_of(request)
        try:
            return str(ip_address(seen.strip("[]")))
        except ValueError as error:
            raise PermissionDenied from error

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Called by allauth for who signs up on the page: the person and their account are there, or neither is."""
        try:
            with transaction.atomic():
                super().save_user(request, user, form, commit)
                if commit:
                    welcome(user)
        except IntegrityError as error:
            if not User.objects.filter(email=user.email).exists():
                raise
            # Of two at the same time this was the second.
            raise Conflict(self.error_messages["email_taken"]) from error
        return user
