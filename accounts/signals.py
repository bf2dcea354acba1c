"""Handle sign-in signals of Django and allauth."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_added, email_removed, password_changed, password_reset, password_set
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.profile import deletion
from accounts.sessions import signout
from accounts.signin.guests import move_guest
from accounts.signin.notifications import notify_user
from accounts.viewer import read_guest_id


@receiver(user_logged_in)
def cancel_deletion_on_login(request: HttpRequest, user: User, **_: Any) -> None:
    """Cancel a requested deletion of the account."""
    if deletion.cancel_deletion(user):
        messages.success(request, "Your account is restored. Nothing was deleted.")


@receiver(user_logged_in)
def move_guest_on_login(request: HttpRequest, user: User, **_: Any) -> None:
    """Give the account what the visitor made as a guest."""
    move_guest(read_guest_id(request), user)


@receiver(user_logged_out)
def forget_session_on_logout(request: HttpRequest, **_: Any) -> None:
    """Delete the session record and close its sockets."""
    if request.session.session_key:
        signout.forget_session(request.session.session_key)


@receiver([password_changed, password_set, password_reset])
def end_sessions_on_password_change(request: HttpRequest, user: User, **_: Any) -> None:
    """End all sessions of the user except the current one."""
    signout.end_sessions(user, keep=request.session)


@receiver(email_added)
def notify_of_added_address(user: User, email_address: EmailAddress, **_: Any) -> None:
    """Tell the primary address about another address, with which the password can be reset."""
    notify_user(user, "accounts/email/address_added", added_email=email_address.email)


@receiver(email_removed)
def notify_removed_address(user: User, email_address: EmailAddress, **_: Any) -> None:
    """Tell an address that it was removed. allauth tells only the primary address."""
    notify_user(user, "account/email/email_deleted", email_address.email, deleted_email=email_address.email)
