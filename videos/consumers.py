"""The socket that keeps pages live: where one's own videos and comparisons stand."""

from typing import Any

from accounts.presence import SignedInConsumer
from sage.events import group_of


class VideosConsumer(SignedInConsumer):
    """Says nothing but news; what a client sends is not listened to."""

    def joins(self) -> list[str]:
        return [group_of(self.user.pk)]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Nothing is expected here."""

    async def news(self, event: dict[str, Any]) -> None:
        await self.send_json(event["message"])
