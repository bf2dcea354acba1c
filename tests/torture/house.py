"""A whole site whose every process can be killed and started by itself: the supervisor's own commands, without it.

The supervisor gives up on what dies over and over, as it should; here dying over and over is the point.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from sage.stack import Embedded
from sage.supervisor import Supervisor
from tests.site import free_port
from tests.stage import ROOT, WIDE_LIMITS, furnish, wait_until
from tests.torture.visitor import Visitor

START_SECONDS = 90
PROCESSES = ("postgres", "valkey", "web", "worker", "answers", "beat")

# Every change of a job's status, so that a job which ended twice is seen to have done so.
LOGBOOK = """
CREATE TABLE IF NOT EXISTS torture_log (job uuid, kind text, status text, at timestamptz DEFAULT clock_timestamp());
CREATE OR REPLACE FUNCTION torture_note() RETURNS trigger AS $$ BEGIN
  IF TG_OP = 'INSERT' OR NEW.status <> OLD.status THEN
    INSERT INTO torture_log VALUES (NEW.id, NEW.kind, NEW.status);
  END IF;
  RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE OR REPLACE TRIGGER torture_log AFTER INSERT OR UPDATE ON videos_job FOR EACH ROW EXECUTE FUNCTION torture_note();
"""
SIGN_IN = """
from accounts.models import User
from django.test import Client
user = User.objects.filter(email={email!r}).first() or User.objects.create_user({email!r}, "correct horse battery")
client = Client()
client.force_login(user)
print("session", client.cookies["sessionid"].value)
"""


class House:
    """One machine's share of a site. Its processes are named as in `PROCESSES`; more can be `hire`d."""

    def __init__(self, var_dir: Path, *, worker_threads: int = 2, **environment: str) -> None:
        self.var_dir = var_dir
        self.port = free_port()
        self.stack = Embedded(
            var_dir, postgres="DATABASE_URL" not in environment, valkey="REDIS_URL" not in environment
        )
        inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        own = {**WIDE_LIMITS, "VAR_DIR": str(var_dir), "PORT": str(self.port), "DEMO": "0"}
        self.environment = {**inherited, **own, **environment}
        plan = Supervisor(self.stack, "127.0.0.1", self.port, "127.0.0.1", worker_threads)
        self.commands = {child.name: child.command for child in (*plan.servers, *plan.site, plan.prepare)}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._visitors: dict[str, Visitor] = {}

    # --- Its processes ---

    def build(self) -> "House":
        """Start everything; return once the site answers that it is well."""
        self.var_dir.mkdir(parents=True, exist_ok=True)
        furnish(self.stack)
        if self.stack.postgres or self.stack.valkey:
            self.stack.make_socket_dir()
        if self.stack.postgres:
            self.stack.initialise_postgres()
        for name in ("postgres", "valkey"):
            if name in self.commands:
                self.start(name)
        self.start("prepare")
        assert self.processes.pop("prepare").wait(START_SECONDS) == 0, self.log("prepare")
        with self.database() as connection:
            connection.execute(LOGBOOK)
        for name in ("web", "worker", "answers", "beat"):
            self.start(name)
        wait_until(self.is_well, START_SECONDS)
        return self

    def empty(self) -> None:
        """Back to a site without a video, all its processes up, for the next trial."""
        for name in [name for name in self.processes if name not in PROCESSES]:
            self.kill(name)
            del self.processes[name]
        for name in PROCESSES:
            if self.processes[name].poll() is not None:
                self.start(name)
        self.wait(self.is_well)
        self.settle_down()
        self.execute("TRUNCATE videos_video, torture_log CASCADE")
        for folder in (self.var_dir / "media").glob("*"):
            shutil.rmtree(folder)

    def start(self, name: str) -> None:
        """Start a process, or start again one that was killed; servers answer when this returns."""
        assert name not in self.processes or self.processes[name].poll() is not None
        with (self.var_dir / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                self.commands[name],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=self.environment,
                start_new_session=True,
            )
        answers = {"postgres": self.stack.postgres_answers, "valkey": self.stack.valkey_answers}.get(name)
        if answers:
            wait_until(answers, START_SECONDS)

    def hire(self, name: str, queues: str = "medium,low") -> None:
        """Start one more worker."""
        self.commands[name] = [
            part if not part.startswith("--queues=") else f"--queues={queues}" for part in self.commands["worker"]
        ]
        self.start(name)

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Kill a process, for good unless it is started again; returns once it is dead."""
        process = self.processes[name]
        process.send_signal(number)
        process.wait(30)

    def pull_down(self) -> None:
        for name in sorted(self.processes, key=["valkey", "postgres"].__contains__):  # those that others stand on last
            process = self.processes[name]
            if process.poll() is None:
                process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGKILL)
                process.wait(30)
        for left in self.stack.socket_dir.glob("*"):
            left.unlink(missing_ok=True)
        if self.stack.socket_dir.is_dir():
            self.stack.socket_dir.rmdir()

    def peak_megabytes(self, name: str) -> float:
        """The most memory that a process has held so far."""
        lines = Path(f"/proc/{self.processes[name].pid}/status").read_text().splitlines()
        (peak,) = (int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
        return peak / 1024

    def log(self, name: str) -> str:
        """The end of what a process said."""
        return (self.var_dir / f"{name}.log").read_text(errors="replace")[-4000:]

    # --- What it says ---

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_well(self) -> bool:
        return Visitor(self.address).answers_health()

    def visitor(self, email: str = "alice@example.org") -> Visitor:
        """Somebody signed in; made at the first call, and the same at later ones."""
        if email not in self._visitors:
            said = self.run(SIGN_IN.format(email=email))
            (line,) = (line for line in said.splitlines() if line.startswith("session "))
            self._visitors[email] = Visitor(self.address, line.split()[1])
        return self._visitors[email]

    def run(self, code: str) -> str:
        """What some Python prints inside this site."""
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def database(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(
            host=str(self.stack.socket_dir), user="sage", dbname="sage", autocommit=True, connect_timeout=5
        )

    def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        with self.database() as connection:
            return connection.execute(query, arguments).fetchall()

    def value(self, query: str, *arguments: Any) -> Any:
        """The first column of the only row."""
        ((found, *_),) = self.rows(query, *arguments)
        return found

    def execute(self, statement: str, *arguments: Any) -> None:
        with self.database() as connection:
            connection.execute(statement, arguments)

    def open_jobs(self) -> int:
        return int(self.value("SELECT count(*) FROM videos_job WHERE status IN ('pending', 'in_progress')"))

    def settle_down(self, seconds: float = 180) -> None:
        """Wait until no job is open."""
        self.wait(lambda: not self.open_jobs(), seconds)

    def wait(self, true: Callable[[], object], seconds: float = 60) -> None:
        """Wait for what the processes of this house do; a failure shows what the workers said."""
        try:
            wait_until(true, seconds)
        except AssertionError as error:
            raise AssertionError(
                f"{error}; open: {self._unfinished()}; the worker said: {self.log('worker')}"
            ) from None

    def _unfinished(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT kind, status, attempts, lease_expires_at - now(), run_after - now(), error FROM videos_job"
            " WHERE status IN ('pending', 'in_progress')"
        )

    # --- What it keeps ---

    @property
    def scratch(self) -> list[Path]:
        return sorted((self.var_dir / "scratch").glob("*"))

    @property
    def unfinished_files(self) -> list[Path]:
        """What a write that was cut off may leave among the files."""
        media = self.var_dir / "media"
        return [path for path in media.rglob("*") if path.suffix in {".part", ".gone", ".new"}]

    def digests(self, prefix: str) -> dict[str, str]:
        """The files below a key: their names and what is in them."""
        import hashlib

        folder = self.var_dir / "media" / prefix
        return {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
