"""Sockets are opened by a session from a page of ours, or by a JWT from anywhere."""

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from accounts import jwts, tokens
from sage import events
from sage.asgi import application
from sage.limits.rates import Rate

pytestmark = pytest.mark.django_db(transaction=True)
ELSEWHERE = (b"origin", b"chrome-extension://abcdefgh")


def socket(*subprotocols, headers=(ELSEWHERE,)):
    return WebsocketCommunicator(application, "/ws/videos/", headers=list(headers), subprotocols=list(subprotocols))


async def test_a_jwt_opens_a_socket_from_anywhere(alice):
    opened = socket("bearer", await sync_to_async(jwts.issue)(alice))

    assert await opened.connect() == (True, "bearer")
    await events.send(alice.pk, {"video_id": "v"})
    assert await opened.receive_json_from(3) == {"video_id": "v"}
    await opened.disconnect()


async def test_nothing_else_does(alice, client):
    await sync_to_async(client.force_login)(alice)
    cookie = (b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode())
    _, token = await sync_to_async(tokens.make)(alice)
    good = await sync_to_async(jwts.issue)(alice)
    for subprotocols in (["bearer"], ["bearer", "a.b.c"], ["bearer", token], ["bearer", good, good], [good]):
        refused = socket(*subprotocols, headers=(ELSEWHERE, cookie))
        assert not (await refused.connect())[0], subprotocols
        await refused.disconnect()

    ours = socket(headers=((b"origin", b"http://localhost"), cookie))
    assert await ours.connect() == (True, None)
    await ours.disconnect()


async def test_opening_over_and_over_is_slowed_down(alice, settings):
    settings.LIMITS = {**settings.LIMITS, "partials": Rate(2, 60)}
    good = await sync_to_async(jwts.issue)(alice)
    opened = [socket("bearer", good) for _ in range(3)]

    assert [(await one.connect())[0] for one in opened] == [True, True, False]
    for one in opened:
        await one.disconnect()


async def test_who_tries_one_jwt_after_the_other_is_not_heard_any_more(alice, settings):
    settings.LIMITS = {**settings.LIMITS, "refused": Rate(1, 60)}
    wrong, right = socket("bearer", "a.b.c"), socket("bearer", await sync_to_async(jwts.issue)(alice))

    assert not (await wrong.connect())[0]
    assert not (await right.connect())[0]
    for one in (wrong, right):
        await one.disconnect()
