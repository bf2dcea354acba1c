"""Who opens a socket: the session's user, where the page is one of ours, or whoever a JWT was issued to.

Browsers can send no header with a socket, so a JWT comes as a subprotocol: `bearer, <JWT>`. No page of others can know
one, so its origin is no question then. Opening is counted by address, as parts of pages are; whoever tries JWTs that
are none is turned away as anywhere in the API.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from channels.security.websocket import AllowedHostsOriginValidator
from django.contrib.auth.models import AnonymousUser

from accounts import jwts
from accounts.models import User
from sage.limits.asking import count, socket_visitor
from sage.limits.classes import Class

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]
BEARER = "bearer"
TOO_OFTEN = 4429


def known_sockets(inner: App) -> App:
    """`inner` with `user` in its scope, and `expires_at` where that is known."""
    by_session: App = AllowedHostsOriginValidator(AuthMiddlewareStack(inner))

    async def by_either(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        offered, who = scope.get("subprotocols", []), socket_visitor(scope)
        by_token = BEARER in offered
        if not await asyncio.to_thread(_may_open, who, by_token=by_token):
            await send({"type": "websocket.close", "code": TOO_OFTEN})
            return
        if not by_token:
            await by_session(scope, receive, send)
            return
        user, expires_at = await _known([one for one in offered if one != BEARER])
        if user.is_anonymous:
            await asyncio.to_thread(count, Class.REFUSED, who)

        async def answer(message: dict[str, Any]) -> None:
            """A browser drops a socket whose server takes up none of what it offered."""
            if message["type"] == "websocket.accept" and not message.get("subprotocol"):
                message = {**message, "subprotocol": BEARER}
            await send(message)

        await inner({**scope, "user": user, "expires_at": expires_at}, receive, answer)

    return by_either


def _may_open(who: str, *, by_token: bool) -> bool:
    if by_token and not count(Class.REFUSED, who, only_look=True).is_allowed:
        return False
    return count(Class.PARTIALS, who).is_allowed


@database_sync_to_async
def _known(offered: list[str]) -> tuple[User | AnonymousUser, Any]:
    try:
        known = jwts.read(offered[0] if len(offered) == 1 else "")
    except jwts.Unknown:
        return AnonymousUser(), None
    return known.user, known.expires_at
