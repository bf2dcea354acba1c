"""Send emails from a worker, so that the time of a request does not depend on them.

A password reset takes the same time for every address, because the request does not look the address up. Messages of
Celery tell the worker what to send. If they are lost, the user requests another email.
"""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core import context
from celery import current_app
from django.core.mail import EmailMessage
from django.http import HttpRequest
from kombu.exceptions import OperationalError as BrokerUnavailable
from redis.exceptions import RedisError

from sage.errors import ServiceUnavailable

log = logging.getLogger(__name__)
BROKER_ERRORS = (BrokerUnavailable, RedisError, OSError)
MAIL_ERRORS = (SMTPException, OSError)
EXPIRES_SECONDS = 3600  # an email that could not be sent for this long is dropped
RESET_TASK = "accounts.tasks.send_password_reset"
DELIVERY_TASK = "accounts.tasks.deliver_email"


class _OriginRequest(HttpRequest):
    """A request to the origin of an earlier one, from which the links in an email are built."""

    def __init__(self, host: str, scheme: str) -> None:
        super().__init__()
        self.META = {"HTTP_HOST": host, "SERVER_NAME": host, "SERVER_PORT": "443" if scheme == "https" else "80"}
        self._origin_scheme = scheme

    @property
    def scheme(self) -> str:
        return self._origin_scheme


def queue_password_reset(request: HttpRequest, email: str) -> None:
    """Have a worker send a reset link to `email`. Raises `ServiceUnavailable` if the broker is unavailable."""
    try:
        _send_task(RESET_TASK, [email, request.get_host(), request.scheme])
    except BROKER_ERRORS as error:
        raise ServiceUnavailable("Emails cannot be sent right now. Try again in a moment.") from error


def send_password_reset(email: str, host: str, scheme: str) -> None:
    """Send a reset link to the user with this address, else the information that no account uses it."""
    request = _OriginRequest(host, scheme)
    users = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
    with context.request_context(request):
        request_password_reset(request, email, users, default_token_generator)


def queue_message(message: EmailMessage) -> None:
    """Have a worker send a message. Send it now if the broker is unavailable. A failure is only logged."""
    content = [str(message.subject), str(message.body), message.to]
    try:
        _send_task(DELIVERY_TASK, content)
    except BROKER_ERRORS as error:
        log.warning("accounts: an email is sent by the request, because the broker is unavailable: %s", error)
        try:
            message.send()
        except MAIL_ERRORS as failure:
            log.error("accounts: an email was not sent: %s", type(failure).__name__)


def deliver(subject: str, body: str, recipients: list[str]) -> None:
    """Send a message that a request has rendered."""
    EmailMessage(subject, body, to=recipients).send()


def _send_task(name: str, arguments: list[Any]) -> None:
    current_app.send_task(name, arguments, queue="high", retry=False, expires=EXPIRES_SECONDS)
