"""Whoever leaves is gone at once: sessions, sockets and streams, whichever way they left."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import leaving, presence, visits
from accounts.jwts import Unknown, issue, read
from accounts.models import UserSession
from sage.asgi import application
from videos import readiness
from videos.models import Job, Video

PASSWORD = "correct horse battery"
FIREFOX = {"user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


def log_in(email="alice@example.org"):
    client = Client(headers=FIREFOX)
    client.post("/account/login/", {"login": email, "password": PASSWORD})
    return client


def is_in(client):
    return client.get("/account/").status_code == 200


async def open_socket(client):
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode()
    headers = [(b"cookie", cookie), (b"origin", b"http://127.0.0.1"), (b"host", b"127.0.0.1")]
    socket = WebsocketCommunicator(application, "/ws/videos/", headers=headers)
    assert (await socket.connect())[0]
    return socket


async def closed(socket):
    """The code by which it was closed."""
    said = await socket.receive_output(5)
    assert said["type"] == "websocket.close"
    return said["code"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "leave",
    [
        lambda client, alice: client.post("/account/logout/"),
        lambda client, alice: leaving.sign_out(UserSession.objects.first()),
        lambda client, alice: leaving.sign_out_everywhere(alice),
        lambda client, alice: leaving.disable(alice),
        lambda client, alice: client.post("/account/sessions/everywhere/"),
    ],
    ids=["logs out", "is signed out", "everywhere", "is disabled", "by the page"],
)
async def test_a_socket_ends_at_once_when_its_person_leaves(alice, leave):
    client = await sync_to_async(log_in)()
    socket = await open_socket(client)

    await sync_to_async(leave)(client, alice)

    assert await closed(socket) == presence.SIGNED_OUT
    assert not await sync_to_async(is_in)(client)
    assert not await UserSession.objects.aexists()


@pytest.mark.django_db(transaction=True)
async def test_one_session_ends_without_the_others(alice):
    here, there = await sync_to_async(log_in)(), await sync_to_async(log_in)()
    socket, kept = await open_socket(there), await open_socket(here)
    row = await UserSession.objects.aget(session_key=there.cookies["sessionid"].value)

    await sync_to_async(here.post)(f"/account/sessions/{row.pk}/")

    assert await closed(socket) == presence.SIGNED_OUT
    assert await kept.receive_nothing()
    assert await sync_to_async(is_in)(here) and not await sync_to_async(is_in)(there)
    await kept.disconnect()


@pytest.mark.django_db(transaction=True)
async def test_a_socket_ends_when_its_session_runs_out_or_is_lost_without_a_word(alice, monkeypatch):
    monkeypatch.setattr(presence, "LOOK_EVERY_SECONDS", 0.05)
    client = await sync_to_async(log_in)()
    socket = await open_socket(client)

    await Session.objects.aupdate(expire_date=timezone.now())

    assert await closed(socket) == presence.SIGNED_OUT


@pytest.mark.django_db(transaction=True)
async def test_a_stream_ends_when_its_reader_leaves(alice):
    video = await Video.objects.acreate(owner=alice, title="a", filename="a.mp4", size=1, storage_key="videos/a")
    await Job.objects.acreate(video=video, kind=Job.Kind.PROBE)
    pieces = aiter(readiness.stream(video, [presence.group_of_user(alice.pk)]).streaming_content)
    assert b"snapshot" in await anext(pieces)
    reading = asyncio.ensure_future(anext(pieces, None))
    await asyncio.sleep(0)

    await sync_to_async(leaving.sign_out_everywhere)(alice)

    assert await asyncio.wait_for(reading, 2) is None


@pytest.mark.django_db
def test_a_changed_password_ends_all_that_was_begun_by_the_one_before(alice):
    here, there, jwt = log_in(), log_in(), issue(alice)
    new = "another good phrase"

    here.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert is_in(here) and not is_in(there)
    with pytest.raises(Unknown):
        read(jwt)


@pytest.mark.django_db
def test_an_operator_who_disables_an_account_ends_its_sessions(alice, admin_client):
    client, jwt = log_in(), issue(alice)
    form = {"email": alice.email, "name": alice.name, "is_active": ""}

    assert admin_client.post(f"/admin/accounts/user/{alice.pk}/change/", form).status_code == 302

    alice.refresh_from_db()
    assert not alice.is_active and alice.epoch == 1
    assert not Session.objects.filter(session_key=client.cookies["sessionid"].value).exists()
    with pytest.raises(Unknown):
        read(jwt)


@pytest.mark.django_db
def test_the_browser_forgets_once_however_a_session_ended(alice):
    client = log_in()
    assert client.cookies["here"]["httponly"]
    leaving.sign_out_everywhere(alice)

    answer = client.get("/")

    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert not client.get("/").has_header("Clear-Site-Data")
    assert log_in().post("/account/logout/")["Clear-Site-Data"]


@pytest.mark.django_db
def test_a_session_that_somebody_else_has_fixed_is_not_the_one_that_is_signed_in(alice, client):
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
def test_logging_in_leads_nowhere_else(alice, client, target):
    answer = client.post("/account/login/", {"login": "alice@example.org", "password": PASSWORD, "next": target})

    assert answer.url == "/library/"


@pytest.mark.django_db
def test_a_row_never_outlives_its_session(alice):
    log_in()
    Session.objects.update(expire_date=timezone.now())

    visits.forget_ended()

    assert not UserSession.objects.exists() and not Session.objects.exists()


def test_a_call_that_asks_for_nobody_takes_nothing_from_who_is_signed_in(alices):
    alices.get("/library/")

    for answer in (
        alices.put("/v2/uploads/0b9f5c0e-8f1a-4a57-9f42-1c6d1a7a0f11/parts/1"),
        alices.post("/v2/auth/login"),
    ):
        assert "Clear-Site-Data" not in answer.headers
    assert alices.get("/library/").status_code == 200
