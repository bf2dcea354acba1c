"""Signing out ends sessions, sockets and streams at once."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import consumers
from accounts.models import UserSession
from accounts.sessions import activity, connections, signout
from accounts.signin.jwts import InvalidJwt, issue, verify
from accounts.viewer import Viewer
from sage.asgi import application
from tests.sockets import Socket
from videos.api import stream
from videos.models import Job, Video

PASSWORD = "correct horse battery"
FIREFOX = {"user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


def log_in(email="alice@example.org"):
    client = Client(headers=FIREFOX)
    client.post("/account/login/", {"login": email, "password": PASSWORD})
    return client


def is_signed_in(client):
    return client.get("/account/").status_code == 200


async def open_socket(client, path="/ws/events/"):
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode()
    headers = [(b"cookie", cookie), (b"origin", b"http://127.0.0.1"), (b"host", b"127.0.0.1")]
    socket = Socket(application, path, headers=headers)
    assert (await socket.connect())[0]
    return socket


async def wait_for_close(socket):
    """Wait until the socket is closed and return the close code."""
    output = await socket.receive_output(60)
    assert output["type"] == "websocket.close"
    return output["code"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/ws/events/", "/ws/videos/"])
@pytest.mark.parametrize(
    "sign_out",
    [
        lambda client, alice: client.post("/account/logout/"),
        lambda client, alice: signout.end_session(UserSession.objects.first()),
        lambda client, alice: signout.sign_out_everywhere(alice),
        lambda client, alice: signout.disable_user(alice),
        lambda client, alice: client.post("/account/sessions/everywhere/"),
    ],
    ids=["log out", "end session", "sign out everywhere", "disable", "page"],
)
async def test_a_socket_is_closed_at_once_when_its_user_signs_out(alice, sign_out, path):
    client = await sync_to_async(log_in)()
    socket = await open_socket(client, path)

    await sync_to_async(sign_out)(client, alice)

    assert await wait_for_close(socket) == consumers.SIGNED_OUT
    assert not await sync_to_async(is_signed_in)(client)
    assert not await UserSession.objects.aexists()


@pytest.mark.django_db(transaction=True)
async def test_one_session_ends_without_the_others(alice):
    one, other = await sync_to_async(log_in)(), await sync_to_async(log_in)()
    socket, kept = await open_socket(other), await open_socket(one)
    row = await UserSession.objects.aget(session_key=other.cookies["sessionid"].value)

    await sync_to_async(one.post)(f"/account/sessions/{row.pk}/")

    assert await wait_for_close(socket) == consumers.SIGNED_OUT
    assert await kept.receive_nothing()
    assert await sync_to_async(is_signed_in)(one) and not await sync_to_async(is_signed_in)(other)
    await kept.disconnect()


@pytest.mark.django_db(transaction=True)
async def test_a_socket_is_closed_when_its_session_expires(alice, monkeypatch):
    monkeypatch.setattr(consumers, "CHECK_SECONDS", 0.05)
    client = await sync_to_async(log_in)()
    socket = await open_socket(client)

    await Session.objects.aupdate(expire_date=timezone.now())

    assert await wait_for_close(socket) == consumers.SIGNED_OUT


@pytest.mark.django_db(transaction=True)
async def test_a_stream_ends_when_its_user_signs_out(alice):
    video = await Video.objects.acreate(owner=alice, title="a", filename="a.mp4", size=1, storage_key="videos/a")
    await Job.objects.acreate(video=video, kind=Job.Kind.PROBE)
    pieces = aiter(
        stream.stream_status(Viewer(alice), video, [connections.user_group_name(alice.pk)]).streaming_content
    )
    assert b"snapshot" in await anext(pieces)
    reading = asyncio.ensure_future(anext(pieces, None))
    await asyncio.sleep(0)

    await sync_to_async(signout.sign_out_everywhere)(alice)

    assert await asyncio.wait_for(reading, 60) is None


@pytest.mark.django_db
def test_a_new_password_ends_other_sessions_and_jwts(alice):
    one, other, jwt = log_in(), log_in(), issue(alice)
    new = "another good phrase"

    one.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert is_signed_in(one) and not is_signed_in(other)
    with pytest.raises(InvalidJwt):
        verify(jwt)


@pytest.mark.django_db
def test_an_operator_who_disables_an_account_ends_its_sessions(alice, admin_client):
    client, jwt = log_in(), issue(alice)
    form = {"email": alice.email, "name": alice.name, "is_active": ""}

    assert admin_client.post(f"/admin/accounts/user/{alice.pk}/change/", form).status_code == 302

    alice.refresh_from_db()
    assert not alice.is_active and alice.epoch == 1
    assert not Session.objects.filter(session_key=client.cookies["sessionid"].value).exists()
    with pytest.raises(InvalidJwt):
        verify(jwt)


@pytest.mark.django_db
def test_the_browser_clears_its_site_data_once_after_a_session(alice):
    client = log_in()
    assert client.cookies["here"]["httponly"]
    signout.sign_out_everywhere(alice)

    answer = client.get("/")

    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert not client.get("/").has_header("Clear-Site-Data")
    assert log_in().post("/account/logout/")["Clear-Site-Data"]


@pytest.mark.django_db
def test_signing_in_replaces_a_fixated_session(alice, client):
    client.get("/account/login/")
    session = client.session
    session["planted"] = True
    session.save()
    fixed = session.session_key
    client.cookies["sessionid"] = fixed

    client.post("/account/login/", {"login": "alice@example.org", "password": PASSWORD})

    assert client.session.session_key != fixed and not Session.objects.filter(session_key=fixed).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "http://localhost:9/", "javascript:alert(1)"],
)
def test_logging_in_redirects_to_no_other_site(alice, client, target):
    answer = client.post("/account/login/", {"login": "alice@example.org", "password": PASSWORD, "next": target})

    assert answer.url == "/library/"


@pytest.mark.django_db
def test_expired_sessions_are_deleted_with_their_rows(alice):
    log_in()
    Session.objects.update(expire_date=timezone.now())

    activity.remove_expired_sessions()

    assert not UserSession.objects.exists() and not Session.objects.exists()


def test_a_request_without_authentication_does_not_clear_site_data(alice_client):
    alice_client.get("/library/")

    for answer in (
        alice_client.put("/v2/uploads/0b9f5c0e-8f1a-4a57-9f42-1c6d1a7a0f11/parts/1"),
        alice_client.post("/v2/auth/login"),
    ):
        assert "Clear-Site-Data" not in answer.headers
    assert alice_client.get("/library/").status_code == 200
