"""Record when and from where each session was last used, at most once a minute."""

import time
from contextlib import suppress

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User, UserSession
from sage.outages import tolerate_full_disk

RECORD_INTERVAL_SECONDS = 60.0  # between two records of a session
MAX_CACHED_SESSIONS = 10_000  # in one process
_recorded_at: dict[str, float] = {}  # monotonic time of the last record by session key, for this process


def record_activity(request: HttpRequest, user: User) -> None:
    """Record the time, device and address of this request for its session."""
    if request.session.session_key is None:
        request.session.save()
    key = request.session.session_key
    assert key is not None  # noqa: S101 - saving makes one
    now = time.monotonic()
    if now - _recorded_at.get(key, -RECORD_INTERVAL_SECONDS) < RECORD_INTERVAL_SECONDS:
        return
    if len(_recorded_at) >= MAX_CACHED_SESSIONS:
        _recorded_at.clear()
    _recorded_at[key] = now
    agent = request.headers.get("User-Agent", "").replace("\0", "")[:300]
    row = UserSession(user=user, session_key=key, agent=agent, address=_client_address(request), seen_at=timezone.now())
    changes = ["user", "agent", "address", "seen_at"]
    with tolerate_full_disk():
        UserSession.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["session_key"], update_fields=changes
        )


def remove_expired_sessions() -> None:
    """Delete expired sessions and their activity records. Runs periodically."""
    call_command("clearsessions")
    UserSession.objects.expired().delete()


def _client_address(request: HttpRequest) -> str | None:
    with suppress(PermissionDenied):  # raised if a proxy sends no client address
        return str(get_adapter(request).get_client_ip(request))
    return None
