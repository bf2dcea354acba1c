"""Which of one's sessions is which: each is noted when it is seen, once a minute at most."""

import time
from contextlib import suppress

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User, UserSession

SEEN_EVERY_SECONDS = 60.0
MOST_REMEMBERED = 10_000
_seen: dict[str, float] = {}  # of this process; another one notes for itself


def note(request: HttpRequest, user: User) -> None:
    """Keep that this session was seen just now, and from where."""
    if request.session.session_key is None:
        request.session.save()
    key = request.session.session_key
    assert key is not None  # noqa: S101 - saving makes one
    now = time.monotonic()
    if now - _seen.get(key, -SEEN_EVERY_SECONDS) < SEEN_EVERY_SECONDS:
        return
    if len(_seen) >= MOST_REMEMBERED:
        _seen.clear()
    _seen[key] = now
    agent = request.headers.get("User-Agent", "").replace("\0", "")[:300]
    row = UserSession(user=user, session_key=key, agent=agent, address=_address(request), seen_at=timezone.now())
    changes = ["user", "agent", "address", "seen_at"]
    UserSession.objects.bulk_create([row], update_conflicts=True, unique_fields=["session_key"], update_fields=changes)


def forget_ended() -> None:
    """Remove the sessions that have run out, and what was noted of them. Run by beat."""
    call_command("clearsessions")
    UserSession.objects.outlived().delete()


def _address(request: HttpRequest) -> str | None:
    with suppress(PermissionDenied):  # a proxy that says nothing of whom it speaks for
        return str(get_adapter(request).get_client_ip(request))
    return None
