"""Leaving: out of one session or of all. What hangs on a session ends with it, at once."""

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F

from accounts.models import User, UserSession
from accounts.presence import close, group_of_session, group_of_user
from accounts.sessions import SessionStore


def sign_out(session: UserSession) -> None:
    """End one session, and whatever is open by it."""
    SessionStore(session.session_key).delete()
    forget(session.session_key)


def forget(session_key: str) -> None:
    """A session has ended: its row goes, and its sockets and streams end."""
    UserSession.objects.filter(session_key=session_key).delete()
    transaction.on_commit(lambda: close(group_of_session(session_key)))


def sign_out_everywhere(user: User) -> None:
    """End every session of a person, and make void every JWT that they were given."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)
        user.refresh_from_db(fields=["epoch"])
        end_sessions(user)


def end_sessions(user: User, *, but: SessionBase | None = None) -> None:
    """End the sessions of a person, except the one that they are here by."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=but.session_key if but else None):
        SessionStore(session.session_key).delete()
        session.delete()
    transaction.on_commit(lambda: close(group_of_user(user.pk)))


def disable(user: User) -> None:
    """Shut an account: whoever uses it is out at once."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=False)
        user.is_active = False
        sign_out_everywhere(user)
