"""The socket `/ws/events/` and the base class of sockets for signed-in users.

Every page of a signed-in user opens `/ws/events/?topics=work,balance`. Apps register topics (see `sage.events`).
All messages are JSON objects:

- client: `{"type": "subscribe", "topics": ["work"]}` or `{"type": "unsubscribe", "topics": ["work"]}`
- server: `{"type": "subscribed", "topics": [...]}`, the current subscriptions, after opening and each such message
- server: `{"type": "event", "topic": "work", "data": {...}}`
- server: `{"type": "error", "error": {"code": ..., "message": ..., "details": {}}}` for an unknown topic or an invalid
  message. The socket stays open.
"""

import asyncio
import contextlib
import datetime
import json
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.contrib.sessions.models import Session
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from accounts.sessions.connections import session_group_name, user_group_name
from accounts.viewer import viewer_from
from sage.errors import error_body
from sage.events import Topic, find_topics

SIGNED_OUT = 4401  # close code of the WebSocket
CHECK_SECONDS = 60.0  # longest time between two checks of the session
MAX_MESSAGE_CHARACTERS = 4096  # of a client
EXAMPLE = '{"type": "subscribe", "topics": ["work"]}'


class SignedInConsumer(AsyncJsonWebsocketConsumer):
    """A socket of a signed-in user. It closes with code 4401 when the session ends or the user is disabled."""

    user: User
    _session_groups: tuple[str, ...] = ()
    _session_check: asyncio.Task[None] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.topics: dict[str, Topic] = {}

    async def connect(self) -> None:
        user = viewer_from(self.scope.get("user")).user
        if user is None:
            await self.close(code=SIGNED_OUT)
            return
        session = self.scope.get("session")  # a client with a token has none
        self.user, key = user, session.session_key if session else None
        self._session_groups = (user_group_name(user.pk), *([session_group_name(key)] if key else []))
        for group in self._session_groups:
            await self.channel_layer.group_add(group, self.channel_name)
        for topic in self.list_initial_topics():
            await self.subscribe(topic)
        await self.accept()
        self._session_check = asyncio.create_task(self._check_session(key, self.scope.get("expires_at")))

    def list_initial_topics(self) -> list[Topic]:
        """Return the topics that the socket subscribes to when it opens."""
        return []

    async def subscribe(self, topic: Topic) -> None:
        """Receive the events of `topic` from now on."""
        if topic.name not in self.topics:
            self.topics[topic.name] = topic
            await self.channel_layer.group_add(topic.group_name(self.user.pk), self.channel_name)

    async def unsubscribe(self, topic: Topic) -> None:
        """Receive no more events of `topic`."""
        if self.topics.pop(topic.name, None):
            await self.channel_layer.group_discard(topic.group_name(self.user.pk), self.channel_name)

    async def disconnect(self, code: int) -> None:
        if self._session_check:
            self._session_check.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._session_check
        for topic in list(self.topics.values()):
            await self.unsubscribe(topic)
        for group in self._session_groups:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def leave(self, event: dict[str, Any]) -> None:
        """Close the socket, because its session or user was signed out."""
        await self.close(code=SIGNED_OUT)

    async def _check_session(self, key: str | None, expires_at: datetime.datetime | None) -> None:
        """Close the socket when its session has expired, or has ended and the message about it was lost."""
        while (seconds := await _count_seconds_left(self.user, key, expires_at)) > 0:
            await asyncio.sleep(min(seconds, CHECK_SECONDS))
        await self.close(code=SIGNED_OUT)


class EventsConsumer(SignedInConsumer):
    """The socket `/ws/events/`: events of the topics that the client subscribes to."""

    def list_initial_topics(self) -> list[Topic]:
        return self._find_query_topics()[0]

    async def connect(self) -> None:
        await super().connect()
        topics, unknown = self._find_query_topics()
        if self._session_check and (topics or unknown):
            await self._report_subscriptions(unknown)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Subscribe or unsubscribe. Answer anything else with an error."""
        request = _parse_request(text_data)
        if request is None:
            await self._send_error("BAD_REQUEST", f"Send a JSON object such as {EXAMPLE}.")
            return
        action, names = request
        topics, unknown = find_topics(names)
        for topic in topics:
            await (self.subscribe(topic) if action == "subscribe" else self.unsubscribe(topic))
        await self._report_subscriptions(unknown)

    async def topic_event(self, event: dict[str, Any]) -> None:
        """Send an event of a topic to the client."""
        await self.send_json({"type": "event", "topic": event["topic"], "data": event["message"]})

    def _find_query_topics(self) -> tuple[list[Topic], list[str]]:
        query = QueryDict(self.scope["query_string"]).get("topics", "")
        return find_topics([name for name in query.split(",") if name])

    async def _report_subscriptions(self, unknown: list[str]) -> None:
        if unknown:
            await self._send_error("UNKNOWN_TOPIC", f"There is no topic named {', '.join(unknown)}.")
        await self.send_json({"type": "subscribed", "topics": sorted(self.topics)})

    async def _send_error(self, code: str, message: str) -> None:
        await self.send_json({"type": "error", **error_body(code, message)})


def _parse_request(text: str | None) -> tuple[str, list[str]] | None:
    """Return the action and the topic names of a client's message; None if the message is invalid."""
    if text is None or len(text) > MAX_MESSAGE_CHARACTERS:
        return None
    try:
        request = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(request, dict) or request.get("type") not in ("subscribe", "unsubscribe"):
        return None
    names = request.get("topics")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    return request["type"], names


@database_sync_to_async
def _count_seconds_left(user: User, key: str | None, expires_at: datetime.datetime | None) -> float:
    """Return the seconds until the session or token expires; 0 if it was ended or the user was disabled."""
    if not User.objects.filter(pk=user.pk, epoch=user.epoch, is_active=True).exists():
        return 0.0
    if key:
        expires_at = Session.objects.filter(session_key=key).values_list("expire_date", flat=True).first()
        return (expires_at - timezone.now()).total_seconds() if expires_at else 0.0
    return (expires_at - timezone.now()).total_seconds() if expires_at else CHECK_SECONDS
