import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from accounts.consumers import EventsConsumer
from accounts.models import User
from accounts.viewer import Viewer
from billing import ledger
from sage.jobs import heartbeat, worker
from sage.storage import storage
from tests.sockets import RECEIVE_SECONDS, Socket
from videos.comparisons import requests
from videos.comparisons.reviews import marking
from videos.consumers import VideosConsumer
from videos.models import Comparison, Job
from videos.topics import WORK

pytestmark = pytest.mark.django_db(transaction=True)


def open_socket(user, query=""):
    socket = Socket(VideosConsumer.as_asgi(), f"/ws/videos/{query}")
    socket.scope["user"] = user
    return socket


async def test_a_user_receives_events_of_their_own_videos():
    alice = await User.objects.acreate(email="alice@example.org", name="Alice")
    socket = open_socket(alice)
    assert (await socket.connect())[0]

    await WORK.send(alice.pk, {"video_id": "v", "job": "probe", "status": "completed", "progress": 1})

    assert (await socket.receive_json_from())["status"] == "completed"
    await socket.disconnect()


async def test_a_user_receives_no_events_of_another_user():
    alice = await User.objects.acreate(email="alice@example.org", name="Alice")
    bob = await User.objects.acreate(email="bob@example.org", name="Bob")
    socket = open_socket(alice)
    await socket.connect()

    await WORK.send(bob.pk, {"video_id": "v"})

    assert await socket.receive_nothing(0.3)
    await socket.disconnect()


async def test_reviews_are_sent_to_the_open_pages_of_the_owner(alice_client, alice_comparison):
    index = next(place for place, row in enumerate(alice_comparison.script["segments"]) if row["op"] != "equal")
    starts = marking.format_times(alice_comparison.script["segments"][index])
    alice, bob = (await User.objects.aget(name="Alice"), await User.objects.acreate(email="b@example.org", name="Bob"))
    sockets = [Socket(EventsConsumer.as_asgi(), "/ws/events/?topics=reviews") for _ in range(2)]
    for socket, user in zip(sockets, (alice, bob), strict=True):
        socket.scope["user"] = user
        await socket.connect()
        assert await socket.receive_json_from() == {"type": "subscribed", "topics": ["reviews"]}

    path = f"/v2/comparisons/{alice_comparison.pk}/differences/0"
    await sync_to_async(alice_client.patch)(path, {"review": "to_fix"}, content_type="application/json")
    form = {"review": "", "starts": starts}
    await sync_to_async(alice_client.post)(f"/compare/{alice_comparison.pk}/differences/{index}/", form)

    received = [(await sockets[0].receive_json_from())["data"] for _ in range(2)]
    event = {"comparison_id": str(alice_comparison.pk), "index": index}
    assert received == [{**event, "review": "to_fix"}, {**event, "review": None}]
    assert await sockets[1].receive_nothing(0.3)
    for socket in sockets:
        await socket.disconnect()


async def test_the_balance_is_sent_only_if_the_client_asks_for_it(alice):
    subscribed, other = open_socket(alice, "?balance=1"), open_socket(alice)
    await subscribed.connect()
    await other.connect()

    await sync_to_async(ledger.grant)(alice.pk, 400, "A gift", reference="gift")
    await WORK.send(alice.pk, {"video_id": "v"})

    messages = [await subscribed.receive_json_from()]
    while "video_id" not in messages[-1]:
        messages.append(await subscribed.receive_json_from())
    assert (messages[-2]["token_balance"], messages[-2]["held"]) == (4000, 0)
    assert await other.receive_json_from() == {"video_id": "v"}
    await subscribed.disconnect()
    await other.disconnect()


async def test_a_comparison_reports_its_progress_until_it_is_completed(alice, alice_pair, monkeypatch):
    monkeypatch.setattr(heartbeat, "REPORT_EVERY_SECONDS", 0)
    socket = open_socket(alice)
    await socket.connect()
    comparison = await sync_to_async(requests.create_comparison)(Viewer(alice), *alice_pair)
    job = await Job.objects.aget(comparison=comparison)

    await sync_to_async(worker.run)(Job, job.pk)

    events = [await socket.receive_json_from()]
    while events[-1]["status"] != "completed":
        events.append(await socket.receive_json_from())
    assert {event["comparison_id"] for event in events} == {str(comparison.pk)}
    progress = [event["progress"] for event in events]
    assert progress == sorted(progress) and progress[-1] == 1
    assert any(0 < share < 1 for share in progress)
    await socket.disconnect()


async def test_a_running_comparison_that_is_cancelled_stops_and_leaves_no_files(alice, alice_pair, monkeypatch):
    monkeypatch.setattr(heartbeat, "REPORT_EVERY_SECONDS", 0)
    socket = open_socket(alice)
    await socket.connect()
    comparison = await sync_to_async(requests.create_comparison)(Viewer(alice), *alice_pair)
    job = await Job.objects.aget(comparison=comparison)

    def work():
        try:
            worker.run(Job, job.pk)
        finally:
            connections.close_all()  # only the connections of this thread

    running = asyncio.ensure_future(sync_to_async(work, thread_sensitive=False)())
    while (await socket.receive_json_from())["status"] != "in_progress":
        pass

    await sync_to_async(requests.cancel_comparison)(comparison)
    await asyncio.wait_for(running, RECEIVE_SECONDS)

    comparison = await Comparison.objects.select_related("job").aget(pk=comparison.pk)
    assert (comparison.status, comparison.script) == (Job.Status.CANCELLED, None)
    assert not (storage.root / "comparisons" / str(comparison.pk)).exists()
    await socket.disconnect()


async def test_an_anonymous_visitor_is_refused():
    from django.contrib.auth.models import AnonymousUser

    socket = open_socket(AnonymousUser())

    assert await socket.connect() == (False, 4401)
    await socket.disconnect()


async def test_messages_of_the_client_are_ignored():
    alice = await User.objects.acreate(email="alice@example.org", name="Alice")
    socket = open_socket(alice)
    await socket.connect()

    await socket.send_json_to({"type": "topic.event", "topic": "work", "message": {"evil": True}})
    await socket.send_to(text_data="no JSON at all")
    await socket.send_to(bytes_data=b"\x00\xff")

    assert await socket.receive_nothing(0.3)
    await socket.disconnect()


async def test_an_idle_socket_stays_open_and_still_receives_events():
    alice = await User.objects.acreate(email="alice@example.org", name="Alice")
    socket = open_socket(alice)
    await socket.connect()

    assert await socket.receive_nothing(6)  # longer than any blocking read
    await WORK.send(alice.pk, {"video_id": "v"})

    assert await socket.receive_json_from() == {"video_id": "v"}
    await socket.disconnect()
