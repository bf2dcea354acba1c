"""Process videos on a second host with its own network, no shared disk and S3 between. Disconnect its cable, too."""

import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults import clips
from tests.faults.scenario import Scenario
from tests.faults.site import FaultSite
from tests.s3 import BUCKET, KEY, SECRET, S3Server
from tests.site import free_port

DISCONNECTED_SECONDS = 6


def run(scenario: Scenario) -> None:
    if os.getuid() != 0:
        scenario.log("skipped: only root can connect two network namespaces")
        return
    with ExitStack() as stack:
        cable = stack.enter_context(create_cable())
        s3 = S3Server(cable.local_address)
        stack.callback(s3.stop)
        bucket = {
            "S3_BUCKET_NAME": BUCKET,
            "S3_REGION": "us-east-1",
            "S3_ENDPOINT_URL": s3.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }
        first = FaultSite(scenario.folder / "first", **bucket)
        servers = _listen_on_cable(first, cable)
        stack.callback(first.tear_down)
        first.build()
        first.kill("worker")
        first.commands["worker"] = _replace_queues(first, "low")
        first.start("worker")
        second = FaultSite(scenario.folder / "second", **bucket, **servers)
        second.var_dir.mkdir()
        stack.callback(second.tear_down)
        second.commands["worker"] = _build_remote_command(cable, second, "medium", hidden=[first.var_dir, s3.folder])
        second.start("worker")

        alice = first.sign_in()
        videos = [
            alice.upload("film.mp4", clips.with_unique_bytes(clips.plain())) for _ in range(scenario.select(6, 1))
        ]
        videos += [alice.upload("longer.mp4", clips.longer()), alice.upload("old.mp4", clips.unplayable())]
        first.wait_until_idle()
        comparisons = [alice.compare(videos[0], videos[-2]) for _ in range(scenario.select(4, 1))]
        first.wait_until_idle()
        for _ in range(scenario.select(3, 0)):
            videos += [alice.upload("film.mp4", clips.with_unique_bytes(clips.plain())) for _ in range(2)]
            time.sleep(scenario.random.uniform(0, 2))
            cable.disconnect()
            time.sleep(DISCONNECTED_SECONDS)
            cable.connect()
            scenario.log(
                f"disconnected the cable for {DISCONNECTED_SECONDS} s; {first.count_open_jobs()} jobs are open"
            )
            first.wait_until_idle()

        states = first.rows("SELECT status, count(*) FROM videos_video GROUP BY 1")
        scenario.check(states == [("ready", len(videos))], f"the second host left {states}: {second.log('worker')}")
        undone = first.rows("SELECT kind, status, error FROM videos_job WHERE status <> 'completed'")
        scenario.check(not undone, f"not completed: {undone}")
        repeated = first.rows("SELECT job FROM fault_job_log WHERE status = 'completed' GROUP BY 1 HAVING count(*) > 1")
        scenario.check(not repeated, f"completed more than once: {repeated}")
        for comparison in comparisons:
            comparison_data = alice.get(f"/v2/comparisons/{comparison}")
            scenario.check(
                [one["op"] for one in comparison_data["segments"]].count("inserted") == 1,
                f"the segments are {comparison_data['segments']}",
            )
        film = alice.call("GET", f"/v2/videos/{videos[0]}/file")
        scenario.check(isinstance(film.body, bytes) and film.body.startswith(clips.plain()), "the film does not play")
        for site in (first, second):
            first.wait(lambda site=site: not site.scratch)
            scenario.check(not (site.var_dir / "media").exists(), f"files are on the disk of {site.var_dir.name}")
        scenario.log(f"the second host processed {len(videos)} videos and {len(comparisons)} comparisons")


def _replace_queues(site: FaultSite, queues: str) -> list[str]:
    return [part if not part.startswith("--queues=") else f"--queues={queues}" for part in site.commands["worker"]]


def _listen_on_cable(site: FaultSite, cable: "Cable") -> dict[str, str]:
    """Make the servers of the site listen on the cable too. Return the settings for the other host."""
    port = free_port()
    site.var_dir.mkdir()
    site.embedded.initialise_postgres()
    with (site.embedded.data_dir / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {cable.remote_address}/32 trust\n")
    site.commands["postgres"] += ["-c", f"listen_addresses={cable.local_address}"]
    valkey = site.commands["valkey"]
    valkey[valkey.index("--port") + 1] = str(port)
    valkey += ["--bind", cable.local_address, "--protected-mode", "no"]
    return {
        "DATABASE_URL": f"postgres://sage@{cable.local_address}:5432/sage",
        "REDIS_URL": f"redis://{cable.local_address}:{port}/0",
    }


def _build_remote_command(cable: "Cable", site: FaultSite, queues: str, hidden: list[Path]) -> list[str]:
    """Return the worker command for the other end of the cable, where `hidden` folders are empty."""
    hide = "".join(f"mount -t tmpfs none {shlex.quote(str(folder))} && " for folder in hidden)
    worker = _replace_queues(site, queues)
    return ["ip", "netns", "exec", cable.name, "sh", "-c", f'{hide}exec "$@"', "sh", *worker]


@dataclass
class Cable:
    """A pair of network interfaces: one end in this network namespace, the other in the namespace `name`."""

    name: str
    local_address: str
    remote_address: str

    def disconnect(self) -> None:
        _ip("link", "set", self._end, "down")

    def connect(self) -> None:
        _ip("link", "set", self._end, "up")

    @property
    def _end(self) -> str:
        return f"{self.name}a"


@contextmanager
def create_cable() -> Iterator[Cable]:
    number = os.getpid() % 2**14  # so that concurrent runs do not collide
    network = f"10.213.{number // 64}.{number % 64 * 4}"
    stem, last = network.rpartition(".")[0], int(network.rpartition(".")[2])
    cable = Cable(f"sage{number}", f"{stem}.{last + 1}", f"{stem}.{last + 2}")
    _ip("netns", "add", cable.name)
    try:
        _ip("link", "add", f"{cable.name}a", "type", "veth", "peer", "name", f"{cable.name}b", "netns", cable.name)
        _ip("addr", "add", f"{cable.local_address}/30", "dev", f"{cable.name}a")
        _ip("link", "set", f"{cable.name}a", "up")
        _ip("-n", cable.name, "addr", "add", f"{cable.remote_address}/30", "dev", f"{cable.name}b")
        _ip("-n", cable.name, "link", "set", f"{cable.name}b", "up")
        _ip("-n", cable.name, "link", "set", "lo", "up")
        yield cable
    finally:
        _ip("netns", "delete", cable.name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
