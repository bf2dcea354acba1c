"""A second host reads the videos: a network of its own, no disk in common, S3 between; its cable is pulled, too."""

import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.s3 import BUCKET, KEY, SECRET, S3Server
from tests.site import free_port
from tests.torture import clips
from tests.torture.house import House
from tests.torture.trial import Trial

PULLED_SECONDS = 6


def run(trial: Trial) -> None:
    if os.getuid() != 0:
        trial.say("not tried: only root can lay a cable between two hosts")
        return
    with ExitStack() as held:
        cable = held.enter_context(laid())
        s3 = S3Server(cable.here)
        held.callback(s3.strike)
        bucket = {
            "S3_BUCKET_NAME": BUCKET,
            "S3_REGION": "us-east-1",
            "S3_ENDPOINT_URL": s3.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }
        first = House(trial.folder / "first", **bucket)
        servers = _answering(first, cable)
        held.callback(first.pull_down)
        first.build()
        first.kill("worker")
        first.commands["worker"] = _with_queues(first, "low")
        first.start("worker")
        second = House(trial.folder / "second", **bucket, **servers)
        second.var_dir.mkdir()
        held.callback(second.pull_down)
        second.commands["worker"] = _over_there(cable, second, "medium", hidden=[first.var_dir, s3.folder])
        second.start("worker")

        alice = first.visitor()
        videos = [alice.upload("film.mp4", clips.unlike(clips.plain())) for _ in range(trial.either(6, 1))]
        videos += [alice.upload("longer.mp4", clips.longer()), alice.upload("old.mp4", clips.unplayable())]
        first.settle_down()
        comparisons = [alice.compare(videos[0], videos[-2]) for _ in range(trial.either(4, 1))]
        first.settle_down()
        for _ in range(trial.either(3, 0)):
            videos += [alice.upload("film.mp4", clips.unlike(clips.plain())) for _ in range(2)]
            time.sleep(trial.random.uniform(0, 2))
            cable.pull()
            time.sleep(PULLED_SECONDS)
            cable.plug_in()
            trial.say(f"pulled the cable for {PULLED_SECONDS} s; {first.open_jobs()} jobs are open")
            first.settle_down()

        states = first.rows("SELECT status, count(*) FROM videos_video GROUP BY 1")
        trial.check(states == [("ready", len(videos))], f"the second host left {states}: {second.log('worker')}")
        undone = first.rows("SELECT kind, status, error FROM videos_job WHERE status <> 'completed'")
        trial.check(not undone, f"not done: {undone}")
        twice = first.rows("SELECT job FROM torture_log WHERE status = 'completed' GROUP BY 1 HAVING count(*) > 1")
        trial.check(not twice, f"completed more than once: {twice}")
        for comparison in comparisons:
            told = alice.get(f"/v2/comparisons/{comparison}")
            trial.check([one["op"] for one in told["segments"]].count("inserted") == 1, f"it found {told['segments']}")
        film = alice.call("GET", f"/v2/videos/{videos[0]}/file")
        trial.check(isinstance(film.body, bytes) and film.body.startswith(clips.plain()), "the film does not play")
        for house in (first, second):
            first.wait(lambda house=house: not house.scratch)
            trial.check(not (house.var_dir / "media").exists(), f"files lie on the disk of {house.var_dir.name}")
        trial.say(f"the second host read {len(videos)} videos and made {len(comparisons)} comparisons")


def _with_queues(house: House, queues: str) -> list[str]:
    return [part if not part.startswith("--queues=") else f"--queues={queues}" for part in house.commands["worker"]]


def _answering(house: House, cable: "Cable") -> dict[str, str]:
    """Let the servers of `house` answer on the cable as well; the settings by which another host finds them."""
    port = free_port()
    house.var_dir.mkdir()
    house.stack.initialise_postgres()
    with (house.stack.data_dir / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {cable.there}/32 trust\n")
    house.commands["postgres"] += ["-c", f"listen_addresses={cable.here}"]
    valkey = house.commands["valkey"]
    valkey[valkey.index("--port") + 1] = str(port)
    valkey += ["--bind", cable.here, "--protected-mode", "no"]
    return {
        "DATABASE_URL": f"postgres://sage@{cable.here}:5432/sage",
        "REDIS_URL": f"redis://{cable.here}:{port}/0",
    }


def _over_there(cable: "Cable", house: House, queues: str, hidden: list[Path]) -> list[str]:
    """The worker's command at the other end of the cable, where `hidden` folders are empty."""
    hide = "".join(f"mount -t tmpfs none {shlex.quote(str(folder))} && " for folder in hidden)
    worker = _with_queues(house, queues)
    return ["ip", "netns", "exec", cable.name, "sh", "-c", f'{hide}exec "$@"', "sh", *worker]


@dataclass
class Cable:
    """Two ends: `here` in this network, `there` in one named `name`."""

    name: str
    here: str
    there: str

    def pull(self) -> None:
        _ip("link", "set", self._end, "down")

    def plug_in(self) -> None:
        _ip("link", "set", self._end, "up")

    @property
    def _end(self) -> str:
        return f"{self.name}a"


@contextmanager
def laid() -> Iterator[Cable]:
    number = os.getpid() % 2**14  # so that two runs do not meet
    network = f"10.213.{number // 64}.{number % 64 * 4}"
    stem, last = network.rpartition(".")[0], int(network.rpartition(".")[2])
    cable = Cable(f"sage{number}", f"{stem}.{last + 1}", f"{stem}.{last + 2}")
    _ip("netns", "add", cable.name)
    try:
        _ip("link", "add", f"{cable.name}a", "type", "veth", "peer", "name", f"{cable.name}b", "netns", cable.name)
        _ip("addr", "add", f"{cable.here}/30", "dev", f"{cable.name}a")
        _ip("link", "set", f"{cable.name}a", "up")
        _ip("-n", cable.name, "addr", "add", f"{cable.there}/30", "dev", f"{cable.name}b")
        _ip("-n", cable.name, "link", "set", f"{cable.name}b", "up")
        _ip("-n", cable.name, "link", "set", "lo", "up")
        yield cable
    finally:
        _ip("netns", "delete", cable.name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
