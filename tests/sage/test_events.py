import uuid

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from sage import events

OWNER, ANOTHER = uuid.UUID(int=1), uuid.UUID(int=2)


@async_to_sync
async def _after(owner, tell):
    """What a page of `owner` hears of what `tell` sends."""
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(events.group_of(owner), channel)
    await tell()
    await events.send(owner, {"last": True})
    heard = []
    while not (said := (await layer.receive(channel))["message"]).get("last"):
        heard.append(said)
    return heard


def test_news_reach_their_owner_and_nobody_else():
    async def tell():
        await events.send(OWNER, {"n": 1})

    assert _after(OWNER, tell) == [{"n": 1}]
    assert _after(ANOTHER, tell) == []


def test_a_server_that_is_away_costs_the_news_only(nowhere, caplog):
    events.publish(OWNER, {"n": 1})

    assert "could not publish" in caplog.text


def test_a_fault_of_ours_is_not_taken_for_a_server_that_is_away():
    with pytest.raises(TypeError):
        events.publish("an id has no spaces", {"n": 1})
