"""Progress, told to the owner's open pages at once. Nothing depends on it: a page that hears nothing can reload."""

import enum
import logging
import uuid
from typing import Any

from asgiref.sync import async_to_sync
from channels.exceptions import ChannelFull
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
AWAY = (RedisError, OSError, ChannelFull)  # how the news channel fails when it is gone, slow or overrun


class About(enum.StrEnum):
    """What a page may listen to."""

    WORK = "owner"
    BALANCE = "balance"


def group_of(owner_id: uuid.UUID, about: About = About.WORK) -> str:
    return f"{about}.{owner_id}"


async def send(owner_id: uuid.UUID, message: dict[str, Any], about: About = About.WORK) -> None:
    """Send `message` to every open page of one owner that listens to this."""
    layer = get_channel_layer()
    assert layer is not None  # noqa: S101 - the settings name one
    await layer.group_send(group_of(owner_id, about), {"type": "news", "message": message})


def publish(owner_id: uuid.UUID, message: dict[str, Any], about: About = About.WORK) -> None:
    """The same from a worker or a view. A server that is away costs the news, never the work."""
    try:
        async_to_sync(send)(owner_id, message, about)
    except AWAY as error:
        log.warning("events: could not publish: %s", error)
