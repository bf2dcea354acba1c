"""Kill random processes of a site with SIGKILL, also the supervisor. Each time, the site comes back by itself.

Visitors request pages meanwhile, and videos are processed. An operator starts a killed supervisor again.
"""

import os
import pickle
import signal
import time
from pathlib import Path
from typing import Any

import psycopg
import redis

from tests.faults import clips
from tests.faults.client import ApiClient
from tests.faults.scenario import Scenario
from tests.faults.site import SIGN_IN
from tests.servers import wait_until
from tests.site import Site
from tests.visitors import Visitors, find_child, is_running, start_computing

CHILDREN = {
    "postmaster": "bin/postgres",
    "valkey": "valkey-server",
    "web": "manage.py web",
    "worker": "--queues=medium",
    "priority": "--queues=high",
    "beat": " beat ",
}
TARGETS = [*CHILDREN, "backend", "supervisor", "postmaster while a backend computes", "supervisor and all children"]
KILLS_PER_VIDEO = 5
RECOVERY_SECONDS = 180
WORKER_LOST = "The worker stopped on every attempt."  # after four interrupted attempts, by design
JOBS = "SELECT kind, status, error, count(*) FROM videos_job WHERE status <> 'completed' GROUP BY 1, 2, 3"


def run(scenario: Scenario) -> None:
    site = Site(scenario.folder / "var").start()
    try:
        client = ApiClient(site.address, _sign_in(site))
        slowest, uploads = 0.0, 0
        with Visitors(site) as visitors:
            for number in range(scenario.select(100, 2)):
                if number % KILLS_PER_VIDEO == 0:
                    client.upload("film.mp4", clips.with_unique_bytes(clips.plain()))
                    uploads += 1
                time.sleep(scenario.random.uniform(0, 2))
                target = scenario.random.choice(TARGETS)
                killed_at = time.monotonic()
                _kill(scenario, site, target)
                wait_until(lambda: _is_whole(site, client), RECOVERY_SECONDS)
                slowest = max(slowest, time.monotonic() - killed_at)
                scenario.log(f"kill {number + 1}: {target}; back after {time.monotonic() - killed_at:.1f} s")
            answers = f"{visitors.answered} answers, {visitors.unavailable} of them 503, {visitors.refused} refused"
        scenario.log(f"slowest recovery {slowest:.1f} s; {answers}")
        scenario.check(not visitors.wrong_answers, f"wrong answers: {visitors.wrong_answers[:5]}")
        wait_until(lambda: not [row for row in _query(site, JOBS) if row[1] in ("pending", "in_progress")], 600)
        _check_jobs(scenario, site, uploads)
    except AssertionError:
        scenario.log("\n".join(site.lines[-60:]))
        raise
    finally:
        site.stop()


def _sign_in(site: Site) -> str:
    output = site.run(SIGN_IN.format(email="alice@example.org"))
    return next(line.split()[1] for line in output.splitlines() if line.startswith("session "))


def _kill(scenario: Scenario, site: Site, target: str) -> None:
    """Kill one target and return once it is dead. Start the supervisor again if it was killed."""
    assert site.process
    if target == "postmaster while a backend computes":
        start_computing(site)
    if target in CHILDREN:
        pids = [find_child(site, CHILDREN[target])]
    elif target == "backend":
        postmaster = find_child(site, CHILDREN["postmaster"])
        backends = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        pids = [int(scenario.random.choice(backends))]
    elif target == "postmaster while a backend computes":
        pids = [find_child(site, CHILDREN["postmaster"])]
    else:
        pids = [site.process.pid, *(site.children() if "all" in target else [])]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_running, pids)))
    if "supervisor" in target:
        site.process.wait(60)
        site.lines.clear()
        site.start()


def _is_whole(site: Site, client: ApiClient) -> bool:
    """Return whether all processes run, the workers report and the site is healthy.

    Raises AssertionError if the supervisor has ended.
    """
    assert site.exit_status is None, "the supervisor gave up"
    found = {name: pid for pid, command in site.children().items() for name in CHILDREN if CHILDREN[name] in command}
    if found.keys() != CHILDREN.keys() or not client.is_healthy() or not site.embedded.valkey_answers():
        return False
    reporting = {_find_reporting_worker(site, queue) for queue in ("medium", "high")}
    return reporting == {found["worker"], found["priority"]}


def _find_reporting_worker(site: Site, queue: str) -> int | None:
    """Return the process id of the worker that has sent the last heartbeat for a queue."""
    value = redis.Redis.from_url(site.embedded.redis_url()).get(f"sage:1:worker-heartbeat:{queue}")
    return int(pickle.loads(value).rpartition(":")[2]) if value else None  # noqa: S301 - the site's own value


def _check_jobs(scenario: Scenario, site: Site, uploads: int) -> None:
    ((count,),) = _query(site, "SELECT count(*) FROM videos_video")
    scenario.check(count == uploads, f"{uploads} videos were uploaded, {count} are in the library")
    for kind, status, error, number in _query(site, JOBS):
        expected = error.startswith(WORKER_LOST)
        scenario.log(f"{number} jobs of {kind} are {status}: {error}")
        scenario.check(expected or status == "cancelled", f"a job of {kind} is {status}: {error}")


def _query(site: Site, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(host=str(site.embedded.socket_dir), user="sage", dbname="sage") as connection:
        return connection.execute(query).fetchall()
