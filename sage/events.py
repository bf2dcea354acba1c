"""Send events to the open pages and sockets of a user.

Each app registers its topics in `AppConfig.ready()`. Clients subscribe at `/ws/events/` (see `accounts.consumers`).
Nothing depends on delivery: a client that misses an event reads the state again.
"""

import dataclasses
import logging
import uuid
from typing import Any

from asgiref.sync import async_to_sync
from channels.exceptions import ChannelFull
from channels.layers import get_channel_layer
from django.core.exceptions import ImproperlyConfigured
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
CHANNEL_ERRORS = (RedisError, OSError, ChannelFull)  # the channel layer is unreachable, slow or full
EVENT_TYPE = "topic.event"  # consumers handle it in `topic_event`


@dataclasses.dataclass(frozen=True, slots=True)
class Topic:
    """A kind of events that a user's clients can subscribe to by its name."""

    name: str

    def group_name(self, user_id: uuid.UUID) -> str:
        """Return the name of the channel group of one user's subscribers."""
        return f"topic.{self.name}.{user_id}"

    async def send(self, user_id: uuid.UUID, data: dict[str, Any]) -> None:
        """Send `data` to the subscribers of one user."""
        layer = get_channel_layer()
        assert layer is not None  # noqa: S101 - the settings define one
        await layer.group_send(self.group_name(user_id), {"type": EVENT_TYPE, "topic": self.name, "message": data})

    def publish(self, user_id: uuid.UUID, data: dict[str, Any]) -> None:
        """Send `data` from a view or a worker. If the channel layer is unavailable, the event is dropped."""
        try:
            async_to_sync(self.send)(user_id, data)
        except CHANNEL_ERRORS as error:
            log.warning("events: could not publish to %s: %s", self.name, error)


_topics: dict[str, Topic] = {}


def register_topic(topic: Topic) -> None:
    """Let clients subscribe to `topic`. Raises `ImproperlyConfigured` if the name is taken."""
    if _topics.setdefault(topic.name, topic) is not topic:
        raise ImproperlyConfigured(f"Two topics have the name {topic.name}.")


def get_topic(name: str) -> Topic:
    """Return a registered topic. Raises `KeyError`."""
    return _topics[name]


def list_topic_names() -> list[str]:
    """Return the names of all registered topics in alphabetical order."""
    return sorted(_topics)


def find_topics(names: list[str]) -> tuple[list[Topic], list[str]]:
    """Return the registered topics of these names, and the names that are not registered."""
    unique = list(dict.fromkeys(names))
    return [_topics[name] for name in unique if name in _topics], [name for name in unique if name not in _topics]
