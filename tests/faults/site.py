"""A complete site whose processes can be killed and started one by one, with the commands of the supervisor.

The supervisor itself does not run, because it gives up on a process that dies repeatedly.
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

from sage.processes.embedded import Embedded
from sage.processes.supervisor import Supervisor
from tests.faults.client import ApiClient
from tests.servers import ROOT, WIDE_LIMITS, copy_prepared_state, wait_until
from tests.site import free_port

START_SECONDS = 120
PROCESSES = ("postgres", "valkey", "web", "worker", "priority", "beat")

# Log every change of a job's status, which shows whether a job was completed twice.
CREATE_JOB_LOG = """
CREATE TABLE IF NOT EXISTS fault_job_log (job uuid, kind text, status text, at timestamptz DEFAULT clock_timestamp());
CREATE OR REPLACE FUNCTION log_job_status() RETURNS trigger AS $$ BEGIN
  IF TG_OP = 'INSERT' OR NEW.status <> OLD.status THEN
    INSERT INTO fault_job_log VALUES (NEW.id, NEW.kind, NEW.status);
  END IF;
  RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE OR REPLACE TRIGGER fault_job_log AFTER INSERT OR UPDATE ON videos_job
  FOR EACH ROW EXECUTE FUNCTION log_job_status();
"""
SIGN_IN = """
from accounts.models import User
from django.test import Client
user = User.objects.filter(email={email!r}).first() or User.objects.create_user({email!r}, "correct horse battery")
client = Client()
client.force_login(user)
print("session", client.cookies["sessionid"].value)
"""


class FaultSite:
    """The processes of a site on one machine, named as in `PROCESSES`. `start_worker` adds workers."""

    def __init__(self, var_dir: Path, *, worker_threads: int = 2, **environment: str) -> None:
        self.var_dir = var_dir
        self.port = free_port()
        self.embedded = Embedded(
            var_dir, postgres="DATABASE_URL" not in environment, valkey="REDIS_URL" not in environment
        )
        inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        own = {**WIDE_LIMITS, "VAR_DIR": str(var_dir), "PORT": str(self.port), "DEMO": "0"}
        self.environment = {**inherited, **own, **environment}
        supervisor = Supervisor(
            self.embedded, "127.0.0.1", self.port, "127.0.0.1", worker_threads, priority_threads=16
        )
        self.commands = {
            child.name: child.command for child in (*supervisor.servers, *supervisor.site, supervisor.bootstrap)
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._clients: dict[str, ApiClient] = {}

    # --- Processes ---

    def build(self) -> "FaultSite":
        """Start all processes and return once the site reports that it is healthy."""
        self.var_dir.mkdir(parents=True, exist_ok=True)
        copy_prepared_state(self.embedded)
        if self.embedded.postgres or self.embedded.valkey:
            self.embedded.make_socket_dir()
        if self.embedded.postgres:
            self.embedded.initialise_postgres()
        for name in ("postgres", "valkey"):
            if name in self.commands:
                self.start(name)
        self.start("bootstrap")
        assert self.processes.pop("bootstrap").wait(START_SECONDS) == 0, self.log("bootstrap")
        with self.database() as connection:
            connection.execute(CREATE_JOB_LOG)
        for name in ("web", "worker", "priority", "beat"):
            self.start(name)
        wait_until(self.is_healthy, START_SECONDS)
        return self

    def empty(self) -> None:
        """Delete all videos and start all processes for the next scenario."""
        for name in [name for name in self.processes if name not in PROCESSES]:
            self.kill(name)
            del self.processes[name]
        for name in PROCESSES:
            if self.processes[name].poll() is not None:
                self.start(name)
        self.wait(self.is_healthy)
        self.wait_until_idle()
        self.execute("TRUNCATE videos_video, fault_job_log CASCADE")
        for folder in (self.var_dir / "media").glob("*"):
            shutil.rmtree(folder)

    def start(self, name: str) -> None:
        """Start a process, also after a kill. Return once a server answers."""
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
        is_ready = {"postgres": self.embedded.postgres_answers, "valkey": self.embedded.valkey_answers}.get(name)
        if is_ready:
            wait_until(is_ready, START_SECONDS)

    def start_worker(self, name: str, queues: str = "medium,low") -> None:
        """Start another worker."""
        self.commands[name] = [
            part if not part.startswith("--queues=") else f"--queues={queues}" for part in self.commands["worker"]
        ]
        self.start(name)

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Kill a process and return once it is dead."""
        process = self.processes[name]
        process.send_signal(number)
        process.wait(60)

    def tear_down(self) -> None:
        """Stop all processes and remove the socket folder."""
        for name in sorted(self.processes, key=["valkey", "postgres"].__contains__):  # the servers last
            process = self.processes[name]
            if process.poll() is None:
                process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGKILL)
                process.wait(60)
        for left in self.embedded.socket_dir.glob("*"):
            left.unlink(missing_ok=True)
        if self.embedded.socket_dir.is_dir():
            self.embedded.socket_dir.rmdir()

    def peak_megabytes(self, name: str) -> float:
        """Return the peak memory of a process in megabytes."""
        lines = Path(f"/proc/{self.processes[name].pid}/status").read_text().splitlines()
        (peak,) = (int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
        return peak / 1024

    def log(self, name: str) -> str:
        """Return the end of a process's output."""
        return (self.var_dir / f"{name}.log").read_text(errors="replace")[-4000:]

    # --- Requests and queries ---

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_healthy(self) -> bool:
        return ApiClient(self.address).is_healthy()

    def sign_in(self, email: str = "alice@example.org") -> ApiClient:
        """Return a signed-in client. Calls with the same address return the same client."""
        if email not in self._clients:
            output = self.run(SIGN_IN.format(email=email))
            (line,) = (line for line in output.splitlines() if line.startswith("session "))
            self._clients[email] = ApiClient(self.address, line.split()[1])
        return self._clients[email]

    def run(self, code: str) -> str:
        """Run Python code inside the site and return its output."""
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def database(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(
            host=str(self.embedded.socket_dir), user="sage", dbname="sage", autocommit=True, connect_timeout=5
        )

    def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        with self.database() as connection:
            return connection.execute(query, arguments).fetchall()

    def value(self, query: str, *arguments: Any) -> Any:
        """Return the first column of the only row."""
        ((found, *_),) = self.rows(query, *arguments)
        return found

    def execute(self, statement: str, *arguments: Any) -> None:
        with self.database() as connection:
            connection.execute(statement, arguments)

    def count_open_jobs(self) -> int:
        return int(self.value("SELECT count(*) FROM videos_job WHERE status IN ('pending', 'in_progress')"))

    def wait_until_idle(self, seconds: float = 180) -> None:
        """Wait until no job is open."""
        self.wait(lambda: not self.count_open_jobs(), seconds)

    def wait(self, condition: Callable[[], object], seconds: float = 120) -> None:
        """Wait for a condition. On failure, show the workers' output."""
        try:
            wait_until(condition, seconds)
        except AssertionError as error:
            raise AssertionError(
                f"{error}; open jobs: {self._list_open_jobs()}; output of the worker: {self.log('worker')}"
            ) from None

    def _list_open_jobs(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT kind, status, attempts, lease_expires_at - now(), run_after - now(), error FROM videos_job"
            " WHERE status IN ('pending', 'in_progress')"
        )

    # --- Files ---

    @property
    def scratch(self) -> list[Path]:
        return sorted((self.var_dir / "scratch").glob("*"))

    @property
    def unfinished_files(self) -> list[Path]:
        """Return files that an interrupted write may leave behind."""
        media = self.var_dir / "media"
        return [path for path in media.rglob("*") if path.suffix in {".part", ".gone", ".new"}]

    def digests(self, prefix: str) -> dict[str, str]:
        """Return the names and digests of the files below a key."""
        import hashlib

        folder = self.var_dir / "media" / prefix
        return {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
