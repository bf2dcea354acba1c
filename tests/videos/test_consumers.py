import pytest
from channels.testing import WebsocketCommunicator

from accounts.models import User
from sage import events
from videos.consumers import VideosConsumer

pytestmark = pytest.mark.django_db(transaction=True)


def line(user):
    socket = WebsocketCommunicator(VideosConsumer.as_asgi(), "/ws/videos/")
    socket.scope["user"] = user
    return socket


async def test_news_of_ones_own_arrive():
    alice = await User.objects.acreate(email="alice@example.org", name="Alice")
    socket = line(alice)
    assert (await socket.connect())[0]

    await events.send(alice.pk, {"video_id": "v", "job": "probe", "status": "completed", "progress": 1})

    assert (await socket.receive_json_from(3))["status"] == "completed"
    await socket.disconnect()


async def test_news_of_others_do_not():
    alice = await User.objects.acreate(email="alice@example.org", name="Alice")
    bob = await User.objects.acreate(email="bob@example.org", name="Bob")
    socket = line(alice)
    await socket.connect()

    await events.send(bob.pk, {"video_id": "v"})

    assert await socket.receive_nothing(0.3)
    await socket.disconnect()


async def test_a_stranger_is_turned_away():
    from django.contrib.auth.models import AnonymousUser

    socket = line(AnonymousUser())

    assert await socket.connect() == (False, 4401)
    await socket.disconnect()


async def test_what_a_client_sends_is_not_listened_to():
    alice = await User.objects.acreate(email="alice@example.org", name="Alice")
    socket = line(alice)
    await socket.connect()

    await socket.send_json_to({"type": "news", "message": {"evil": True}})
    await socket.send_to(text_data="no JSON at all")
    await socket.send_to(bytes_data=b"\x00\xff")

    assert await socket.receive_nothing(0.3)
    await socket.disconnect()


async def test_a_quiet_socket_stays_open_and_still_hears_news():
    alice = await User.objects.acreate(email="alice@example.org", name="Alice")
    socket = line(alice)
    await socket.connect()

    assert await socket.receive_nothing(6)  # longer than any blocking read
    await events.send(alice.pk, {"video_id": "v"})

    assert await socket.receive_json_from(3) == {"video_id": "v"}
    await socket.disconnect()
