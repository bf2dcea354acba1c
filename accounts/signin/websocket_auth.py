"""Authenticate WebSocket connections by session or by JWT.

Browsers cannot send headers with a WebSocket, so a JWT arrives as subprotocols: `bearer, <JWT>`. The origin is checked
only for sessions, because other sites cannot know a JWT. Connections count against the limits of the client address,
and invalid JWTs count as refused credentials.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.signin import jwts
from accounts.signin.origins import is_own_origin
from sage.limits.check import count, identify_socket_client
from sage.limits.scopes import PARTIALS, REFUSED

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]
BEARER = "bearer"
CLOSE_FOREIGN_ORIGIN = 4403  # close code of the WebSocket
CLOSE_RATE_LIMITED = 4429  # close code of the WebSocket


def authenticate_sockets(inner: App) -> App:
    """Wrap `inner` so that its scope holds `user` and, for a JWT, `expires_at`."""
    session_app: App = AuthMiddlewareStack(inner)

    async def middleware(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        offered, client = scope.get("subprotocols", []), identify_socket_client(scope)
        has_jwt = BEARER in offered
        if not await asyncio.to_thread(_is_allowed, client, has_jwt=has_jwt):
            await send({"type": "websocket.close", "code": CLOSE_RATE_LIMITED})
            return
        if not has_jwt:
            if is_own_origin(scope):
                await session_app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": CLOSE_FOREIGN_ORIGIN})
            return
        user, expires_at = await _verify_jwt([protocol for protocol in offered if protocol != BEARER])
        if user.is_anonymous:
            await asyncio.to_thread(count, REFUSED, client)

        async def send_with_subprotocol(message: dict[str, Any]) -> None:
            """Accept with a subprotocol, because browsers close a socket that accepts none of theirs."""
            if message["type"] == "websocket.accept" and not message.get("subprotocol"):
                message = {**message, "subprotocol": BEARER}
            await send(message)

        await inner({**scope, "user": user, "expires_at": expires_at}, receive, send_with_subprotocol)

    return middleware


def _is_allowed(client: str, *, has_jwt: bool) -> bool:
    if has_jwt and not count(REFUSED, client, peek=True).is_allowed:
        return False
    return count(PARTIALS, client).is_allowed


@database_sync_to_async
def _verify_jwt(offered: list[str]) -> tuple[User | AnonymousUser, Any]:
    try:
        identity = jwts.verify(offered[0] if len(offered) == 1 else "")
    except jwts.InvalidJwt:
        return AnonymousUser(), None
    return identity.user, identity.expires_at
