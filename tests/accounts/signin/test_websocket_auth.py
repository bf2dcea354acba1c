"""A WebSocket accepts a session from a page of the site, or a JWT from any origin."""

import pytest
from asgiref.sync import sync_to_async

from accounts.credentials import tokens
from accounts.signin import jwts
from sage.asgi import application
from sage.limits.rates import Rate
from tests.sockets import Socket
from videos.topics import WORK

pytestmark = pytest.mark.django_db(transaction=True)
OTHER_ORIGIN = (b"origin", b"chrome-extension://abcdefgh")


def socket(*subprotocols, headers=(OTHER_ORIGIN,)):
    return Socket(application, "/ws/videos/", headers=list(headers), subprotocols=list(subprotocols))


async def test_a_jwt_opens_a_socket_from_any_origin(alice):
    opened = socket("bearer", await sync_to_async(jwts.issue)(alice))

    assert await opened.connect() == (True, "bearer")
    await WORK.send(alice.pk, {"video_id": "v"})
    assert await opened.receive_json_from(60) == {"video_id": "v"}
    await opened.disconnect()


async def test_a_session_or_other_token_of_another_origin_is_refused(alice, client):
    await sync_to_async(client.force_login)(alice)
    cookie = (b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode())
    _, token = await sync_to_async(tokens.create_token)(alice)
    good = await sync_to_async(jwts.issue)(alice)
    for subprotocols in (["bearer"], ["bearer", "a.b.c"], ["bearer", token], ["bearer", good, good], [good]):
        refused = socket(*subprotocols, headers=(OTHER_ORIGIN, cookie))
        assert not (await refused.connect())[0], subprotocols
        await refused.disconnect()

    ours = socket(headers=((b"origin", b"http://localhost"), (b"host", b"localhost"), cookie))
    assert await ours.connect() == (True, None)
    await ours.disconnect()


@pytest.fixture
async def connect_from(alice, client):
    """Return a function that opens a socket with Alice's session from a page of an origin."""
    await sync_to_async(client.force_login)(alice)
    cookie = (b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode())
    sockets = []

    async def connect(origin, host, *headers):
        opened = socket(headers=((b"origin", origin.encode()), (b"host", host.encode()), cookie, *headers))
        sockets.append(opened)
        return (await opened.connect())[0]

    yield connect
    for opened in sockets:
        await opened.disconnect()


@pytest.mark.parametrize(
    ("origin", "is_accepted"),
    [
        ("http://localhost:8000", True),
        ("http://localhost:8001", False),
        ("http://localhost", False),
        ("https://localhost:8000", False),
        ("http://127.0.0.1:8000", False),
        ("null", False),
    ],
)
async def test_a_session_needs_the_whole_origin_of_the_site(connect_from, origin, is_accepted):
    assert await connect_from(origin, "localhost:8000") is is_accepted


async def test_the_origin_of_a_site_behind_a_proxy_is_encrypted(connect_from, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["sage.example"]
    forwarded = (b"x-forwarded-proto", b"https")

    assert await connect_from("https://sage.example", "sage.example", forwarded)
    assert not await connect_from("http://sage.example", "sage.example", forwarded)
    assert not await connect_from("https://sage.example:8443", "sage.example", forwarded)
    assert not await connect_from("https://evil.example", "evil.example", forwarded)


async def test_the_address_of_the_site_is_accepted_if_a_proxy_changes_the_host(connect_from, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://sage.example"]

    assert await connect_from("https://sage.example", "localhost:8000")


async def test_opening_sockets_is_rate_limited(alice, settings):
    settings.LIMITS = {**settings.LIMITS, "partials": Rate(2, 86400)}
    good = await sync_to_async(jwts.issue)(alice)
    opened = [socket("bearer", good) for _ in range(3)]

    assert [(await one.connect())[0] for one in opened] == [True, True, False]
    for one in opened:
        await one.disconnect()


async def test_invalid_jwts_are_rate_limited(alice, settings):
    settings.LIMITS = {**settings.LIMITS, "refused": Rate(1, 86400)}
    wrong, right = socket("bearer", "a.b.c"), socket("bearer", await sync_to_async(jwts.issue)(alice))

    assert not (await wrong.connect())[0]
    assert not (await right.connect())[0]
    for one in (wrong, right):
        await one.disconnect()
