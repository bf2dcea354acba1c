"""Start the processes of Sage, restart those that die, and stop all of them in order.

Each child process has its own session, so that Ctrl-C reaches only the supervisor. It is started by `parent_death.py`,
so that it also stops when the supervisor is killed. All children inherit a locked file. The lock is held until the last
of them has ended, and the next start waits for it (`sage.processes.lock`).

A child that dies is started again, at first after 0.3 s, and later each time it fails to become ready. The supervisor
gives up only if a child has never been ready since the supervisor started.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from sage.processes.child import ROOT, Child
from sage.processes.embedded import CANNOT_CONNECT_NOW, Embedded, EmbeddedServerError, bind_to_parent
from sage.processes.lock import SiteLock, kill_orphans

LEAST_FREE_BYTES = 300 * 1024**2  # free disk space that the start requires
READY_SECONDS = 90  # the time in which a server or the site must become ready
STOP_SECONDS = 8  # a child that takes longer to stop is killed
BOOTSTRAPS = 5  # attempts to update the database while it or its server is killed


class Supervisor:
    """Run the embedded servers of `stack`, then web, workers and beat, until a signal or an error stops them."""

    def __init__(
        self, stack: Embedded, host: str, port: int, name: str, worker_threads: int, priority_threads: int
    ) -> None:
        """Prepare a site that listens on `host` and `port`. `name` is one of its allowed host names."""
        self.stack = stack
        self.host, self.port, self.name = host, port, name
        manage = [sys.executable, str(ROOT / "manage.py")]
        celery = [sys.executable, "-m", "celery", "--app=sage", "--quiet"]
        self.servers: list[Child] = []
        if stack.postgres:
            self.servers.append(
                Child(
                    "postgres",
                    stack.postgres_command(),
                    signal.SIGINT,
                    answers=stack.postgres_answers,
                    hidden=CANNOT_CONNECT_NOW,
                )
            )
        if stack.valkey:
            self.servers.append(Child("valkey", stack.valkey_command(), answers=stack.valkey_answers))
        self.bootstrap = Child("bootstrap", [*bind_to_parent("KILL"), *manage, "bootstrap"])
        worker = [*celery, "worker", "--pool=threads", "--loglevel=warning", "--without-gossip", "--without-mingle"]
        self.site = [
            Child("web", [*bind_to_parent("KILL"), *manage, "web"], answers=self._accepts_connections),
            Child(
                "worker", [*bind_to_parent("KILL"), *worker, "--queues=medium,low", f"--concurrency={worker_threads}"]
            ),
            # A separate worker, so that short jobs that a user waits for never queue behind a video.
            Child(
                "priority",
                [
                    *bind_to_parent("KILL"),
                    *worker,
                    "--queues=high",
                    f"--concurrency={priority_threads}",
                    "--hostname=priority@%h",
                ],
            ),
            Child("beat", [*bind_to_parent("KILL"), *celery, "beat", "--loglevel=warning"]),
        ]
        self.ending = threading.Event()
        self.lock = SiteLock(stack.var_dir / "lock")

    @property
    def address(self) -> str:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{shown}:{self.port}"

    def run(self) -> None:
        """Start all processes, print the URL and wait for a signal. Raises `EmbeddedServerError`."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.ending.set())
        self._check_machine()
        try:
            self._start_servers()
            self._run_bootstrap()
            *needed, priority, beat = self.site
            for child in needed:
                self._spawn(child)
            self._wait_until(self._answers_health, "The site did not become healthy", [*self.servers, *needed])
            for child in (priority, beat):  # started last, because the first page does not need them
                self._spawn(child)
            if not self.ending.is_set():
                print(f"Sage is ready at {self.address}", flush=True)  # noqa: T201 - the output of `make run`
            self._keep_alive()
        finally:
            self._stop_all()

    # --- Checks before the start ---

    def _check_machine(self) -> None:
        var_dir = self.stack.var_dir
        try:
            var_dir.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(var_dir).free
        except OSError as error:
            raise EmbeddedServerError(
                f"{var_dir} cannot be used: {error.strerror}. Set VAR_DIR to a folder that you can write to."
            ) from error
        if free < LEAST_FREE_BYTES:
            raise EmbeddedServerError(
                f"The disk of {var_dir} is full: {free // 1024**2} MB are free, and Sage needs "
                f"{LEAST_FREE_BYTES // 1024**2} MB to start. Free some space, or set VAR_DIR to another disk."
            )
        self.lock.acquire(self._kill_orphans, self.ending)
        self._check_port()

    def _check_port(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                reason = "is used by another program" if error.errno == 98 else f"cannot be used: {error.strerror}"
                raise EmbeddedServerError(
                    f"Port {self.port} of {self.host} {reason}. Set PORT to another port."
                ) from error

    # --- Start ---

    def _start_servers(self) -> None:
        if not self.servers:
            return
        self.stack.make_socket_dir()
        self.stack.delete_stale_files()
        if self.stack.postgres:
            self.stack.initialise_postgres()
        for child in self.servers:
            self._spawn(child)
        self._wait_for_servers()

    def _wait_for_servers(self) -> None:
        names = " and ".join({"postgres": "PostgreSQL", "valkey": "Valkey"}[child.name] for child in self.servers)
        self._wait_until(lambda: all(child.is_ready for child in self.servers), f"{names} did not start", self.servers)

    def _run_bootstrap(self) -> None:
        """Run `manage.py bootstrap` in a child process, so that the supervisor does not load Django's models.

        Repeat it if it is killed, or if a server dies meanwhile.
        """
        for _ in range(BOOTSTRAPS):
            if self.ending.is_set():
                return
            server_starts = [child.starts for child in self.servers]
            self._spawn(self.bootstrap)
            assert self.bootstrap.process  # noqa: S101 - `_spawn` sets it
            while self.bootstrap.is_alive and not self.ending.wait(0.05):
                self._restart_dead(self.servers)
            status = self.bootstrap.process.poll()
            if not status:
                return
            self._wait_for_servers()
            if status > 0 and server_starts == [child.starts for child in self.servers]:
                break
        raise EmbeddedServerError("The database could not be updated. See the messages above.")

    def _spawn(self, child: Child) -> None:
        child.start(self.lock.fileno())

    def _wait_until(self, is_done: Callable[[], bool], failure: str, needed: list[Child]) -> None:
        """Wait until `is_done` returns True, and restart `needed` children that die meanwhile.

        Raises `EmbeddedServerError` if a child fails repeatedly or it takes too long.
        """
        deadline = time.monotonic() + READY_SECONDS
        self._restart_dead(needed)
        while not is_done() and not self.ending.is_set():
            if time.monotonic() > deadline:
                raise EmbeddedServerError(f"{failure}: it took longer than {READY_SECONDS} s. See the messages above.")
            self.ending.wait(0.1)
            self._restart_dead(needed)

    def _answers_health(self) -> bool:
        reached = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host)  # noqa: S104 - compared, not bound
        address = f"http://{reached}:{self.port}" if reached else self.address
        try:
            request = urllib.request.Request(f"{address}/health", headers={"Host": self.name})  # noqa: S310 - http only
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # ignore http_proxy
            with direct.open(request, timeout=2) as response:
                return bool(json.load(response)["status"] == "ok")
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def _accepts_connections(self) -> bool:
        """Return whether the web server listens. Its answer to `/health` depends on the other processes too."""
        reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        try:
            socket.create_connection((reached, self.port), timeout=1).close()
        except OSError:
            return False
        return True

    # --- Restart and stop ---

    def _keep_alive(self) -> None:
        """Restart children that die, until a signal arrives."""
        while not self.ending.wait(0.3):
            self._restart_dead([*self.servers, *self.site])

    def _restart_dead(self, children: list[Child]) -> None:
        """Restart the dead children whose time has come. Raises `EmbeddedServerError` if one never becomes ready."""
        for child in children:
            if self.ending.is_set():
                return
            child.update()
            if child.is_hopeless:
                raise EmbeddedServerError(
                    f"{child.name} stopped {child.failed_starts} times before it was ready. See the messages above."
                )
            if child.is_due and self._can_start(child):
                child.print_line("stopped unexpectedly, restarting")
                self._spawn(child)

    def _can_start(self, child: Child) -> bool:
        """Prepare the restart of a child. Return False while processes of a dead PostgreSQL server are ending."""
        if child.name != "postgres":
            return True
        if self._kill_orphans():
            return False
        self.stack.delete_postgres_lock()
        return True

    def _kill_orphans(self) -> list[int]:
        return kill_orphans(self.lock, self.stack.data_dir) if self.stack.postgres else []

    def _stop_all(self) -> None:
        """Stop web, workers and beat first, then the servers that they depend on."""
        _stop([child for child in [*self.site, self.bootstrap] if child.is_alive])
        _stop([child for child in self.servers if child.is_alive])
        if self.servers and self.stack.socket_dir.is_dir():
            shutil.rmtree(self.stack.socket_dir, ignore_errors=True)
        self.lock.release()


def _stop(children: list[Child]) -> None:
    for child in children:
        assert child.process  # noqa: S101 - the child is alive
        child.process.send_signal(child.stop_with)
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        assert child.process  # noqa: S101 - the child is alive
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
