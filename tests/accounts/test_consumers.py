"""The WebSocket `/ws/events/`."""

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser

from accounts.consumers import MAX_MESSAGE_CHARACTERS, EventsConsumer
from billing import ledger
from sage import events
from sage.events import Topic
from tests.sockets import Socket
from videos.topics import WORK

pytestmark = pytest.mark.django_db(transaction=True)
TOY = Topic("toy")


@pytest.fixture(autouse=True)
def _toy_topic(monkeypatch):
    monkeypatch.setattr(events, "_topics", dict(events._topics))
    events.register_topic(TOY)


@pytest.fixture
async def open_socket():
    """Return a function that opens a socket as a user, with a query string."""
    sockets = []

    async def connect(user, query=""):
        socket = Socket(EventsConsumer.as_asgi(), f"/ws/events/{query}")
        socket.scope["user"] = user
        sockets.append(socket)
        assert (await socket.connect())[0]
        return socket

    yield connect
    for socket in sockets:
        await socket.disconnect()


async def test_a_client_subscribes_when_it_opens_the_socket(alice, open_socket):
    socket = await open_socket(alice, "?topics=toy,balance")
    assert await socket.receive_json_from() == {"type": "subscribed", "topics": ["balance", "toy"]}

    await TOY.send(alice.pk, {"n": 1})
    await WORK.send(alice.pk, {"n": 2})
    await sync_to_async(ledger.grant)(alice.pk, 400, "A gift", reference="gift")

    assert await socket.receive_json_from() == {"type": "event", "topic": "toy", "data": {"n": 1}}
    event = await socket.receive_json_from()
    assert (event["topic"], set(event["data"])) == ("balance", {"token_balance", "held", "number"})


async def test_a_client_subscribes_and_unsubscribes_by_a_message(alice, open_socket):
    socket = await open_socket(alice)

    await socket.send_json_to({"type": "subscribe", "topics": ["toy", "work"]})
    assert await socket.receive_json_from() == {"type": "subscribed", "topics": ["toy", "work"]}
    await socket.send_json_to({"type": "unsubscribe", "topics": ["toy"]})
    assert await socket.receive_json_from() == {"type": "subscribed", "topics": ["work"]}
    await TOY.send(alice.pk, {"n": 1})
    await WORK.send(alice.pk, {"n": 2})

    assert await socket.receive_json_from() == {"type": "event", "topic": "work", "data": {"n": 2}}


async def test_a_user_receives_no_events_of_another_user(alice, bob, open_socket):
    socket = await open_socket(alice, "?topics=toy")
    await socket.receive_json_from()

    await TOY.send(bob.pk, {"n": 1})

    assert await socket.receive_nothing(0.3)


async def test_an_unknown_topic_is_answered_with_an_error_and_the_others_work(alice, open_socket):
    for query, message in (("?topics=none,toy", None), ("", {"type": "subscribe", "topics": ["none", "toy"]})):
        socket = await open_socket(alice, query)
        if message:
            await socket.send_json_to(message)

        error = await socket.receive_json_from()
        assert (error["type"], error["error"]["code"]) == ("error", "UNKNOWN_TOPIC")
        assert await socket.receive_json_from() == {"type": "subscribed", "topics": ["toy"]}


@pytest.mark.parametrize(
    "message",
    [
        {"text_data": "not JSON"},
        {"text_data": "[" * 4000},
        {"text_data": "[]"},
        {"text_data": '{"type": "topic.event", "topic": "toy", "message": {"n": 1}}'},
        {"text_data": '{"type": "subscribe", "topics": "toy"}'},
        {"text_data": '{"type": "subscribe", "topics": [1]}'},
        {"text_data": '{"type": ["subscribe"], "topics": ["toy"]}'},
        {"text_data": '{"type": "subscribe", "topics": ["toy"]}' + " " * MAX_MESSAGE_CHARACTERS},
        {"bytes_data": b"\x00\xff"},
    ],
)
async def test_an_invalid_message_is_answered_with_an_error_and_the_socket_stays_open(alice, open_socket, message):
    socket = await open_socket(alice)

    await socket.send_to(**message)
    answer = await socket.receive_json_from()
    await socket.send_json_to({"type": "subscribe", "topics": ["toy"]})

    assert (answer["type"], answer["error"]["code"]) == ("error", "BAD_REQUEST")
    assert (await socket.receive_json_from())["topics"] == ["toy"]


async def test_an_anonymous_visitor_is_refused():
    socket = Socket(EventsConsumer.as_asgi(), "/ws/events/?topics=toy")
    socket.scope["user"] = AnonymousUser()

    assert await socket.connect() == (False, 4401)
    await socket.disconnect()
