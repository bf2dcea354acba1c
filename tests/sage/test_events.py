import uuid

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.exceptions import ImproperlyConfigured

from sage import events
from sage.events import Topic

OWNER, OTHER_USER = uuid.UUID(int=1), uuid.UUID(int=2)
TOY, OTHER = Topic("toy"), Topic("other")


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(events, "_topics", dict(events._topics))


@async_to_sync
async def receive(user_id, send):
    """Return the messages that a client of `user_id` subscribed to `TOY` receives while `send` runs."""
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(TOY.group_name(user_id), channel)
    await send()
    await TOY.send(user_id, {"last": True})
    messages = []
    while not (message := (await layer.receive(channel))["message"]).get("last"):
        messages.append(message)
    return messages


def test_events_reach_the_users_subscribers_and_no_others():
    async def send():
        await TOY.send(OWNER, {"n": 1})
        await OTHER.send(OWNER, {"n": 2})

    assert receive(OWNER, send) == [{"n": 1}]
    assert receive(OTHER_USER, send) == []


def test_an_app_registers_a_topic_by_a_unique_name():
    events.register_topic(TOY)

    assert events.get_topic("toy") is TOY
    assert events.find_topics(["toy", "toy", "none"]) == ([TOY], ["none"])
    with pytest.raises(ImproperlyConfigured, match="toy"):
        events.register_topic(Topic("toy"))


def test_an_unavailable_channel_layer_drops_only_the_event(unavailable_channel_layer, caplog):
    TOY.publish(OWNER, {"n": 1})

    assert "could not publish" in caplog.text


def test_a_programming_error_is_not_mistaken_for_an_unavailable_channel_layer():
    with pytest.raises(TypeError):
        TOY.publish("an id has no spaces", {"n": 1})
