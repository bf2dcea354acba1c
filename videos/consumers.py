"""The socket that keeps pages live: where one's own videos and comparisons stand."""

from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer

from accounts.viewer import viewer_from
from sage.events import group_of


class VideosConsumer(AsyncJsonWebsocketConsumer):
    """Says nothing but news; what a client sends is not listened to."""

    group = ""

    async def connect(self) -> None:
        viewer = viewer_from(self.scope.get("user"))
        if viewer.user is None:
            await self.close(code=4401)
            return
        self.group = group_of(viewer.user.pk)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Nothing is expected here."""

    async def news(self, event: dict[str, Any]) -> None:
        await self.send_json(event["message"])
