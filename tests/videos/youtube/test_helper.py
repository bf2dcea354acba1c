"""`manage.py helper` and long polls, against a site that answers over HTTP."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from channels.testing import HttpCommunicator
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.models.functions import Now

from sage.asgi import application
from sage.jobs import outside, worker
from tests.servers import ROOT, wait_until
from tests.videos.youtube.conftest import ID, TOKEN
from tests.videos.youtube.server import FakeVideo
from videos.api import internal
from videos.models import Job, Transcript, Video
from videos.youtube.entries import get_or_create_video
from videos.youtube.errors import YouTubeUnreachable
from videos.youtube.helper import Helper

pytestmark = pytest.mark.django_db(transaction=True)
RACE_VIDEOS = 12


@pytest.fixture
def site(live_server, outside_worker, monkeypatch):
    """Run a site whose long polls end after a second, so that none outlives its test."""
    monkeypatch.setattr(internal, "MAX_WAIT_SECONDS", 1)
    yield live_server.url
    time.sleep(1.2)


def start(helper):
    thread = threading.Thread(target=helper.run)
    thread.start()
    return thread


def stop(*pairs):
    for helper, _ in pairs:
        helper.stop()
    for _, thread in pairs:
        thread.join(20)
        assert not thread.is_alive()


def poll(query="type=transcript&timeout=20"):
    headers = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"host", b"localhost")]
    return HttpCommunicator(application, "GET", f"/v2/internal/tasks?{query}", headers=headers)


async def test_a_waiting_poll_gets_a_task_that_arrives(outside_worker):
    waiting = asyncio.create_task(poll().get_response(timeout=20))
    await asyncio.sleep(0.3)
    assert not waiting.done()

    await asyncio.to_thread(_in_thread, lambda: get_or_create_video(ID))
    began = time.monotonic()
    answer = await waiting

    assert answer["status"] == 200 and ID.encode() in answer["body"]
    assert time.monotonic() - began < 5  # a lost wake-up would take RECHECK_SECONDS


async def test_a_poll_without_a_task_ends_with_204(outside_worker):
    began = time.monotonic()

    answer = await poll("type=summary&timeout=1").get_response(timeout=10)

    assert (answer["status"], answer["body"]) == (204, b"")
    assert time.monotonic() - began >= 1
    assert not any(name.lower() == b"x-wait-seconds" for name, _ in answer["headers"])


async def test_a_poll_survives_the_loss_of_redis(outside_worker, settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1"
    monkeypatch.setattr(outside, "OUTAGE_RECHECK_SECONDS", 0.1)
    waiting = asyncio.create_task(poll().get_response(timeout=20))
    await asyncio.sleep(0.2)

    await asyncio.to_thread(_in_thread, lambda: get_or_create_video(ID))

    assert (await waiting)["status"] == 200


def test_a_helper_does_the_tasks_of_a_site(site, youtube):
    get_or_create_video(ID)
    helper = Helper(site, TOKEN, gateway=youtube.gateway)

    thread = start(helper)
    wait_until(lambda: not Job.objects.filter(kind__in=["metadata", "transcript"]).open().exists(), 40)
    stop((helper, thread))

    video = Video.objects.get()
    assert (video.status, video.title, video.has_transcript) == ("ready", "A film about the harbour", True)


def test_two_helpers_and_the_own_worker_do_each_job_once(site, youtube, monkeypatch):
    monkeypatch.setattr(outside, "GRACE_SECONDS", 0)
    done: Counter[tuple[str, str]] = Counter()
    lock = threading.Lock()

    def fetch(kind, youtube_id, gateway="", tick=None):
        with lock:
            done[kind, youtube_id] += 1
        if kind == "captions":
            return {"language": "en", "cues": [{"text": youtube_id, "offset": 0, "duration": 1}]}
        return {"title": youtube_id, "duration": 5}

    monkeypatch.setattr("videos.youtube.fetcher.fetch", fetch)
    videos = [get_or_create_video(f"race{number:07d}") for number in range(RACE_VIDEOS)]
    jobs = list(Job.objects.filter(kind__in=["metadata", "transcript"]).values_list("pk", flat=True))
    helpers = [Helper(site, TOKEN, fetch=fetch) for _ in range(2)]
    pairs = [(helper, start(helper)) for helper in helpers]
    own = threading.Thread(target=_in_thread, args=[lambda: [worker.run(Job, pk) for pk in jobs]])
    own.start()

    try:
        wait_until(lambda: not Job.objects.filter(pk__in=jobs).open().exists(), 60)
    finally:
        own.join()
        stop(*pairs)

    assert set(done.values()) == {1} and len(done) == len(jobs) == 2 * RACE_VIDEOS
    assert set(Job.objects.filter(pk__in=jobs).values_list("status", "attempts")) == {("completed", 1)}
    assert Transcript.objects.count() == len(videos)


def test_the_job_of_a_killed_helper_is_done_by_another(site, youtube):
    video = get_or_create_video(ID)
    youtube.add(FakeVideo(ID, delay=60))
    killed = _start_command(site, youtube)
    wait_until(lambda: Job.objects.filter(kind="transcript", status="in_progress").exists(), 40)
    killed.kill()
    killed.wait()

    youtube.add(FakeVideo(ID))
    Job.objects.filter(status="in_progress").update(lease_expires_at=Now())
    helper = Helper(site, TOKEN, gateway=youtube.gateway)
    thread = start(helper)
    wait_until(lambda: Job.objects.filter(kind="transcript", status="completed").exists(), 40)
    stop((helper, thread))

    assert video.jobs.get(kind="transcript").attempts == 2
    assert Transcript.objects.get().cues.count() == 2


def test_the_command_runs_without_a_database_and_stops_cleanly(site, youtube):
    get_or_create_video(ID)
    process = _start_command(
        site, youtube, DATABASE_URL="postgres://nobody@127.0.0.1:1/none", REDIS_URL="redis://127.0.0.1:1"
    )

    wait_until(lambda: not Job.objects.filter(kind__in=["metadata", "transcript"]).open().exists(), 60)
    process.terminate()
    output, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "Waiting for tasks (metadata, transcript, ai_note)" in output and output.rstrip().endswith("Stopped.")
    assert f"transcript of {ID} done" in output and "stored" in output


def _start_command(site, youtube, **environment):
    return subprocess.Popen(
        [sys.executable, "manage.py", "helper", "--url", site],
        cwd=ROOT,
        env={**os.environ, "ADMIN_TOKEN": TOKEN, "YOUTUBE_GATEWAY": youtube.gateway, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_wrong_token_ends_the_command_with_a_sentence(site):
    with pytest.raises(CommandError, match="refused"):
        call_command("helper", url=site, token="wrong" * 10)


@pytest.mark.parametrize(("url", "words"), [("ftp://x", "http"), ("https://", "http"), ("http://127.0.0.1:1", "ADMIN")])
def test_wrong_options_are_refused(url, words, monkeypatch):
    monkeypatch.delenv("ADMIN_TOKEN", raising=False)

    with pytest.raises(CommandError, match=words):
        call_command("helper", url=url)


def test_a_site_that_is_down_is_tried_again_with_a_growing_pause(caplog):
    helper = Helper("http://127.0.0.1:1", TOKEN, types=("metadata",))
    pauses = []

    def wait(seconds):
        pauses.append(seconds)
        if len(pauses) == 4:
            helper.stopping.set()

    helper.stopping.wait = wait
    helper.run()

    assert pauses == [1, 2, 4, 8]


def test_a_helper_that_is_blocked_says_so(site, outside_worker):
    get_or_create_video(ID)

    def fetch(kind, youtube_id, gateway=""):
        helper.stopping.set()
        raise YouTubeUnreachable("YouTube blocks this machine.")

    helper = Helper(site, TOKEN, types=("transcript",), fetch=fetch)
    start(helper).join(40)

    job = Job.objects.get(kind="transcript")
    assert (job.status, job.error, job.attempts) == ("pending", "YouTube blocks this machine.", 1)


def _in_thread(work):
    try:
        return work()
    finally:
        connections.close_all()
