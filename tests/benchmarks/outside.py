"""Measure long polls of outside workers: jobs per second, the delay of a task, and database queries."""

import http.client
import json
import os
import secrets
import shutil
import statistics
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.site import Site

POLLS = 50
ARRIVALS = 100  # jobs that arrive one by one
ARRIVAL_SECONDS = 0.1
BACKLOG = 1000  # jobs that wait at once
ADD_ONE_BY_ONE = """
import time
from videos.youtube.entries import get_or_create_video
for number in range({count}):
    get_or_create_video(f"a{{number:010d}}")
    print(f"a{{number:010d}}", time.time(), flush=True)
    time.sleep({seconds})
"""
ADD_BACKLOG = """
from videos.models import Job, Video
rows = [Video(source="youtube", youtube_id=f"b{{number:010d}}", title="b") for number in range({count})]
Video.objects.bulk_create(rows)
Job.objects.bulk_create(Job(video=row, kind="transcript") for row in rows)
"""
COUNT_QUERIES = """
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from videos.youtube.entries import get_or_create_video
settings.ALLOWED_HOSTS = ["testserver"]
def poll():
    with CaptureQueriesContext(connection) as queries:
        headers = {{"Authorization": "Bearer {token}"}}
        Client().get("/v2/internal/tasks?type=metadata&timeout=0", headers=headers)
    return len(queries)
print(poll())
get_or_create_video("c0000000000")
print(poll())
"""


@dataclass
class Polls:
    """Workers that wait for tasks, and when each task reached one."""

    port: int
    token: str
    taken: dict[str, float] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)

    def start(self, count: int) -> None:
        for _ in range(count):
            threading.Thread(target=self._poll, daemon=True).start()

    def _poll(self) -> None:
        with suppress(OSError, http.client.HTTPException):  # the site stops
            self._poll_until_stopped()

    def _poll_until_stopped(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        headers = {"Authorization": f"Bearer {self.token}"}
        while not self.stopping.is_set():
            connection.request("GET", "/v2/internal/tasks?type=transcript&timeout=60", headers=headers)
            answer = connection.getresponse()
            body, now = answer.read(), time.time()
            if answer.status == 200:
                self.taken[json.loads(body)["task_details"]["video_id"]] = now
            elif answer.status != 204:
                raise AssertionError(f"{answer.status}: {body[:200]!r}")

    def wait(self, count: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while len(self.taken) < count:
            assert time.monotonic() < deadline, f"{len(self.taken)} of {count} tasks were taken"
            time.sleep(0.01)


def report() -> None:
    """Print the figures for `POLLS` waiting polls."""
    print(f"## {POLLS} waiting polls of outside workers (load at start {os.getloadavg()[0]:.1f})\n")
    token, folder = secrets.token_urlsafe(32), Path(tempfile.mkdtemp(prefix="sage-outside-"))
    site = Site(folder / "var", ADMIN_TOKEN=token, OUTSIDE_JOBS="transcript,metadata")
    first, polls = Polls(site.port, token), Polls(site.port, token)
    try:
        site.start()
        empty, with_task = site.run(COUNT_QUERIES.format(token=token)).splitlines()[-2:]
        first.start(1)
        first.wait(1, 30)  # the transcript job of the video above
        polls.start(POLLS - 1)
        time.sleep(3)
        lines = site.run(ADD_ONE_BY_ONE.format(count=ARRIVALS, seconds=ARRIVAL_SECONDS)).splitlines()
        added = {name: float(at) for name, at in (line.split() for line in lines)}
        time.sleep(2)
        taken = {**first.taken, **polls.taken}
        delays = [1000 * (taken[name] - at) for name, at in added.items()]
        site.run(ADD_BACKLOG.format(count=BACKLOG))
        began = time.time()
        while sum(len(one.taken) for one in (first, polls)) < 1 + ARRIVALS + BACKLOG and time.time() < began + 180:
            time.sleep(0.05)
        times = sorted(at for one in (first, polls) for name, at in one.taken.items() if name.startswith("b"))
        rate = (len(times) - 1) / (times[-1] - times[0])
        print("| measure | value |\n|---|---|")
        print(f"| delay from a job to the answer of a waiting poll, p50 | {statistics.median(delays):.0f} ms |")
        print(f"| the same, p95 | {statistics.quantiles(delays, n=20)[18]:.0f} ms |")
        print(f"| jobs handed out per second, of {len(times)} that wait | {rate:.0f} |")
        print(f"| database queries of a poll that finds nothing | {empty} |")
        print(f"| database queries of a poll that takes a task | {with_task} |\n", flush=True)
    finally:
        first.stopping.set()
        polls.stopping.set()
        site.stop()
        shutil.rmtree(folder, ignore_errors=True)
