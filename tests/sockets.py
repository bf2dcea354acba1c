"""WebSocket clients that wait long enough for a busy machine."""

from typing import Any

from channels.testing import WebsocketCommunicator

RECEIVE_SECONDS = 60


class Socket(WebsocketCommunicator):
    """A client whose time limits are longer than the second of its base class.

    `disconnect` keeps that second, because the application of a refused socket does not always end by itself.
    """

    async def connect(self, timeout: float = RECEIVE_SECONDS) -> tuple[bool, Any]:
        return await super().connect(timeout)

    async def receive_json_from(self, timeout: float = RECEIVE_SECONDS) -> Any:
        return await super().receive_json_from(timeout)
