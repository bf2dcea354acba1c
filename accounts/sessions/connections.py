"""Close the sockets and streams of a session or user that has ended.

Every open socket or stream joins one channel group of its user and one of its session. A message to the group closes
it. Such a message can be lost, so sockets also check their session regularly (see `accounts.consumers`).
"""

import hashlib
import logging
import math
import time
import uuid

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User
from accounts.sessions.store import session_expiry
from accounts.viewer import viewer_of
from sage.events import CHANNEL_ERRORS

log = logging.getLogger(__name__)
CLOSE_TYPE = "leave"  # consumers handle it in `leave`


def user_group_name(user_id: uuid.UUID) -> str:
    """Return the name of the channel group of everything that a user has open."""
    return f"user.{user_id}"


def session_group_name(key: str) -> str:
    """Return the name of the channel group of a session. It contains a digest, because group names are not secret."""
    return f"session.{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def list_groups(request: HttpRequest | Request) -> list[str]:
    """Return the groups that close a stream which answers this request."""
    groups = [user_group_name(request.user.pk)] if isinstance(request.user, User) else []
    key = request.session.session_key
    return [*groups, session_group_name(key)] if key else groups


def count_seconds_left(request: HttpRequest | Request) -> float:
    """Return the seconds until the session or token of this request expires; infinity if there is neither."""
    expires_at = viewer_of(request).expires_at or session_expiry(request.session)
    return max(0.0, expires_at.timestamp() - time.time()) if expires_at else math.inf


def close_group(group: str) -> None:
    """Close every socket and stream of a group."""
    layer = get_channel_layer()
    assert layer is not None  # noqa: S101 - the settings define one
    try:
        async_to_sync(layer.group_send)(group, {"type": CLOSE_TYPE, "message": {}})
    except CHANNEL_ERRORS as error:
        log.warning("connections: could not close open sockets: %s", error)
