"""Serve HTTP requests with Django and WebSockets with the consumers."""

import os

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sage.settings")
http = get_asgi_application()

from accounts.signin.websocket_auth import authenticate_sockets  # noqa: E402 - models can be imported only after Django has started
from sage.urls import websocket_urlpatterns  # noqa: E402

NOT_FOUND = 4404  # close code of the WebSocket


class NotFoundConsumer(AsyncWebsocketConsumer):
    """Close a socket to an unknown URL, without the error that Channels would log."""

    async def connect(self) -> None:
        await self.close(code=NOT_FOUND)


application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": authenticate_sockets(URLRouter([*websocket_urlpatterns, re_path("", NotFoundConsumer.as_asgi())])),
    }
)
