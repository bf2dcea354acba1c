"""Progress, told to the owner's open pages at once. Nothing depends on it: a page that hears nothing can reload."""

import logging
import uuid
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

log = logging.getLogger(__name__)


def group_of(owner_id: uuid.UUID) -> str:
    return f"owner.{owner_id}"


def publish(owner_id: uuid.UUID, message: dict[str, Any]) -> None:
    """Send `message` to every open page of one owner. A server that is away costs the news, never the work."""
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(group_of(owner_id), {"type": "news", "message": message})
    except Exception as error:  # noqa: BLE001 - the work that is reported must go on whatever the news channel does
        log.warning("events: could not publish: %s", error)
