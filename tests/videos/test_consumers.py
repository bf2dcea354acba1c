import asyncio

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import connections

from accounts.models import User
from accounts.viewer import Viewer
from billing import ledger
from sage import events
from sage.storage import storage
from videos import comparison, jobs, worker
from videos.consumers import VideosConsumer
from videos.models import Comparison, Job

pytestmark = pytest.mark.django_db(transaction=True)


def line(user, asking=""):
    socket = WebsocketCommunicator(VideosConsumer.as_asgi(), f"/ws/videos/{asking}")
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


async def test_the_balance_is_told_to_who_asks_for_it(alice):
    asking, other = line(alice, "?balance=1"), line(alice)
    await asking.connect()
    await other.connect()

    await sync_to_async(ledger.grant)(alice.pk, 400, "A gift", reference="gift")
    await events.send(alice.pk, {"video_id": "v"})

    heard = [await asking.receive_json_from(3)]
    while "video_id" not in heard[-1]:
        heard.append(await asking.receive_json_from(3))
    assert (heard[-2]["token_balance"], heard[-2]["held"]) == (4000, 0)
    assert await other.receive_json_from(3) == {"video_id": "v"}
    await asking.disconnect()
    await other.disconnect()


async def test_a_comparison_is_followed_to_its_end(alice, alices_pair, monkeypatch):
    monkeypatch.setattr(jobs, "REPORT_EVERY_SECONDS", 0)
    socket = line(alice)
    await socket.connect()
    made = await sync_to_async(comparison.compare)(Viewer(alice), *alices_pair)
    job = await Job.objects.aget(comparison=made)

    await sync_to_async(worker.run)(job.pk)

    news = [await socket.receive_json_from(5)]
    while news[-1]["status"] != "completed":
        news.append(await socket.receive_json_from(5))
    assert {told["comparison_id"] for told in news} == {str(made.pk)}
    progress = [told["progress"] for told in news]
    assert progress == sorted(progress) and progress[-1] == 1
    assert any(0 < share < 1 for share in progress)
    await socket.disconnect()


async def test_one_that_is_cancelled_while_it_runs_stops_and_leaves_nothing(alice, alices_pair, monkeypatch):
    monkeypatch.setattr(jobs, "REPORT_EVERY_SECONDS", 0)
    socket = line(alice)
    await socket.connect()
    made = await sync_to_async(comparison.compare)(Viewer(alice), *alices_pair)
    job = await Job.objects.aget(comparison=made)

    def work():
        try:
            worker.run(job.pk)
        finally:
            connections.close_all()  # this thread's own

    running = asyncio.ensure_future(sync_to_async(work, thread_sensitive=False)())
    while (await socket.receive_json_from(10))["status"] != "in_progress":
        pass

    await sync_to_async(comparison.cancel)(made)
    await asyncio.wait_for(running, 30)

    made = await Comparison.objects.select_related("job").aget(pk=made.pk)
    assert (made.status, made.script) == (Job.Status.CANCELLED, None)
    assert not (storage.root / "comparisons" / str(made.pk)).exists()
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
