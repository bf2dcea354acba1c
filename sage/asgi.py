"""The door of the web server: HTTP to Django, WebSockets to the consumers."""

import os

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sage.settings")
http = get_asgi_application()

from accounts.sockets import known_sockets  # noqa: E402 - models can be imported only after Django has started
from sage.urls import websocket_urlpatterns  # noqa: E402


class Nowhere(AsyncWebsocketConsumer):
    """A socket to an address that does not exist is closed, quietly."""

    async def connect(self) -> None:
        await self.close(code=4404)


application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": known_sockets(URLRouter([*websocket_urlpatterns, re_path("", Nowhere.as_asgi())])),
    }
)
