"""Adapt allauth's account flows to Sage."""

import logging
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import SYSTEM_EMAIL, User
from accounts.signin import emails
from accounts.signin.reauthentication import require_recent_login
from accounts.signin.registration import complete_registration
from accounts.validators import validate_email_characters
from sage.errors import Conflict, ServiceUnavailable
from sage.limits.client_ip import get_client_address

log = logging.getLogger(__name__)
SEND_ATTEMPTS = 2
MAIL_FAILED = "The email could not be sent because the mail server did not accept it. Try again in a few minutes."


class AccountAdapter(DefaultAccountAdapter):
    """Use Sage's messages, client addresses and registration, and reserve the system user's address."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The email address or password is incorrect. Check both, or reset your password.",
        "email_taken": "An account with this email address already exists. Log in instead.",
        "too_many_login_attempts": "Too many failed log-ins. Wait five minutes, then try again.",
    }

    def clean_email(self, email: str) -> str:
        validate_email_characters(email)  # before lowercasing, which turns the Kelvin sign into a k
        email = super().clean_email(email).lower()
        if email == SYSTEM_EMAIL:
            raise ValidationError("This address cannot be used.")
        return email

    def is_safe_url(self, url: str | None) -> bool:
        """Allow redirects only within this host and port, not to other names that reach this site."""
        request = context.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send an email within the request. EMAIL_TIMEOUT limits each attempt. Raises `ServiceUnavailable`."""
        for attempt in range(1, SEND_ATTEMPTS + 1):
            try:
                return super().send_mail(template_prefix, email, context)
            except (SMTPException, OSError) as error:
                log.warning(
                    "accounts: %s was not sent on attempt %d: %s", template_prefix, attempt, type(error).__name__
                )
        raise ServiceUnavailable(MAIL_FAILED)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Have a worker tell the user about a change of the account, once the change is committed.

        The change is already made, so a failure is only logged.
        """
        address = email or EmailAddress.objects.get_primary_email(user) or user.email
        message = self.render_mail(template_prefix, address, {**self._describe_request(), **(context or {})})
        transaction.on_commit(partial(emails.queue_message, message))

    def _describe_request(self) -> dict[str, Any]:
        """Return where a change came from. A command has no request."""
        facts = {"timestamp": timezone.now(), "ip": "unknown", "user_agent": "unknown"}
        if self.request is None:
            return {**facts, "current_site": {"name": "Sage", "domain": settings.SITE_URL}}
        with suppress(PermissionDenied):  # raised if a proxy sends no client address
            facts["ip"] = self.get_client_ip(self.request)
        facts["user_agent"] = self.request.headers.get("User-Agent", "unknown")[:300]
        return {**facts, "current_site": {"name": "Sage", "domain": self.request.get_host()}}

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Return whether `app` must ask for the user's identity. Users of Google only must have logged in recently."""
        is_required = bool(super().is_reauthentication_required(app=app, **kwargs))
        if is_required and self.request is not None:
            require_recent_login(self.request)
        return is_required

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the client address used by rate limits. Raises PermissionDenied if a proxy sends none."""
        try:
            return str(ip_address(get_client_address(request).strip("[]")))
        except ValueError as error:
            raise PermissionDenied from error

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Return the user with these credentials. A log-in that the site could not check is not a failed one."""
        try:
            return super().authenticate(request, **credentials)
        except ServiceUnavailable:
            self._rollback_login_failed_rl_usage()
            raise

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save a new user and the billing account in one transaction. allauth calls it on sign-up."""
        form.hash_password()
        try:
            with transaction.atomic():
                super().save_user(request, user, form, commit=False)
                user.password = form.password_hash or user.password
                if commit:
                    user.save()
                    complete_registration(user)
        except IntegrityError as error:
            if not User.objects.filter(email=user.email).exists():
                raise
            # Another request registered the same address at the same time.
            raise Conflict(self.error_messages["email_taken"]) from error
        return user
