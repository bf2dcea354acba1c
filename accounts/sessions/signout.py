"""End sessions together with their sockets and streams."""

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F

from accounts.models import User, UserSession
from accounts.sessions.connections import close_group, session_group_name, user_group_name
from accounts.sessions.store import SessionStore


def end_session(session: UserSession) -> None:
    """End one session and close its sockets and streams."""
    SessionStore(session.session_key).delete()
    forget_session(session.session_key)


def forget_session(session_key: str) -> None:
    """Delete the record of an ended session and close its sockets and streams."""
    UserSession.objects.filter(session_key=session_key).delete()
    transaction.on_commit(lambda: close_group(session_group_name(session_key)))


def sign_out_everywhere(user: User) -> None:
    """End all sessions of a user and invalidate all JWTs issued before."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)
        user.refresh_from_db(fields=["epoch"])
        end_sessions(user)


def end_sessions(user: User, *, keep: SessionBase | None = None) -> None:
    """End all sessions of a user, except `keep`."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=keep.session_key if keep else None):
        SessionStore(session.session_key).delete()
        session.delete()
    transaction.on_commit(lambda: close_group(user_group_name(user.pk)))


def disable_user(user: User) -> None:
    """Disable an account and end all its sessions."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=False)
        user.is_active = False
        sign_out_everywhere(user)
