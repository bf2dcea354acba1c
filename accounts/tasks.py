"""Define the Celery tasks of accounts. Each may run twice."""

from django.conf import settings

from accounts.credentials import key_validation
from accounts.profile import deletion
from accounts.sessions import activity
from accounts.signin import emails
from sage.celery import periodic_task, task
from sage.errors import ServiceUnavailable


@periodic_task(every=settings.SESSION_CLEANUP_INTERVAL)
def end_sessions() -> None:
    """Delete the records of expired sessions."""
    activity.remove_expired_sessions()


@periodic_task(every=600)
def clean() -> None:
    """Remove accounts whose deletion is due."""
    deletion.remove_expired()


@task(queue="high")  # a page waits for the result
def check_key(ticket: str, provider: str, ciphertext: str) -> None:
    """Check a provider key and send the result to the page that waits for it."""
    key_validation.check_and_reply(ticket, provider, ciphertext)


@task(queue="high", retry_for=(ServiceUnavailable,))  # the user waits for the email
def send_password_reset(email: str, host: str, scheme: str) -> None:
    """Send the email that answers a request for a password reset."""
    emails.send_password_reset(email, host, scheme)


@task(queue="high", retry_for=emails.MAIL_ERRORS)
def deliver_email(subject: str, body: str, recipients: list[str]) -> None:
    """Send an email that a request has rendered."""
    emails.deliver(subject, body, recipients)
