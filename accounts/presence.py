"""Open sockets and streams, and the sessions that they hang on.

Whoever leaves is gone from everything at once: what is open joins a group of its person and one of its session, and
ends when either is told so. What is told may be lost, so a socket also looks for itself now and then.
"""

import asyncio
import contextlib
import datetime
import hashlib
import logging
import math
import time
import uuid
from typing import Any

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request

from accounts.models import User
from accounts.sessions import ends_at
from accounts.viewer import viewer_from, viewer_of
from sage.events import AWAY

log = logging.getLogger(__name__)
LEAVE = "leave"
SIGNED_OUT = 4401
LOOK_EVERY_SECONDS = 60.0


def group_of_user(user_id: uuid.UUID) -> str:
    return f"user.{user_id}"


def group_of_session(key: str) -> str:
    """A digest, since the names of groups are seen where a session's key must not be."""
    return f"session.{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def groups_of(request: HttpRequest | Request) -> list[str]:
    """What a stream that answers this request is told to end by."""
    groups = [group_of_user(request.user.pk)] if isinstance(request.user, User) else []
    key = request.session.session_key
    return [*groups, group_of_session(key)] if key else groups


def seconds_left(request: HttpRequest | Request) -> float:
    """How long the session or token of this request lasts if nobody renews it; without end where it has none."""
    expires_at = viewer_of(request).expires_at or ends_at(request.session)
    return max(0.0, expires_at.timestamp() - time.time()) if expires_at else math.inf


def close(group: str) -> None:
    """End every socket and stream of a group."""
    layer = get_channel_layer()
    assert layer is not None  # noqa: S101 - the settings name one
    try:
        async_to_sync(layer.group_send)(group, {"type": LEAVE, "message": {}})
    except AWAY as error:
        log.warning("presence: could not tell who left: %s", error)


class SignedInConsumer(AsyncJsonWebsocketConsumer):
    """A socket of somebody who is signed in. It ends with code 4401 when its session does, or its person's leave."""

    user: User
    _groups: tuple[str, ...] = ()
    _watch: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        user = viewer_from(self.scope.get("user")).user
        if user is None:
            await self.close(code=SIGNED_OUT)
            return
        session = self.scope.get("session")  # none, where a token says who this is
        self.user, key = user, session.session_key if session else None
        self._groups = (group_of_user(user.pk), *([group_of_session(key)] if key else []), *self.joins())
        for group in self._groups:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()
        self._watch = asyncio.create_task(self._look(key, self.scope.get("expires_at")))

    def joins(self) -> list[str]:
        """What else this socket listens to."""
        return []

    async def disconnect(self, code: int) -> None:
        if self._watch:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        for group in self._groups:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def leave(self, event: dict[str, Any]) -> None:
        await self.close(code=SIGNED_OUT)

    async def _look(self, key: str | None, expires_at: datetime.datetime | None) -> None:
        """Close once the session has run out, or was ended without our being told."""
        while (left := await _lasts(self.user, key, expires_at)) > 0:
            await asyncio.sleep(min(left, LOOK_EVERY_SECONDS))
        await self.close(code=SIGNED_OUT)


@database_sync_to_async
def _lasts(user: User, key: str | None, expires_at: datetime.datetime | None) -> float:
    """Seconds that this session or token still has; none where it was ended, or its person disabled."""
    if not User.objects.filter(pk=user.pk, epoch=user.epoch, is_active=True).exists():
        return 0.0
    if key:
        expires_at = Session.objects.filter(session_key=key).values_list("expire_date", flat=True).first()
        return (expires_at - timezone.now()).total_seconds() if expires_at else 0.0
    return (expires_at - timezone.now()).total_seconds() if expires_at else LOOK_EVERY_SECONDS
