"""Starts what Sage is made of as children, keeps them alive, and ends them all in order, leaving no orphan.

Every child leads a session of its own, so that Ctrl-C reaches only the supervisor, and wears a leash (`sage/leash.py`),
so that it ends also when the supervisor is killed. All of them inherit an open lock file: while one lives, the lock is
held, and the next start waits for it.
"""

import fcntl
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sage.stack import Embedded, StackError, leashed

ROOT = Path(__file__).resolve().parent.parent
LEAST_FREE_BYTES = 300 * 1024**2
READY_SECONDS = 90
STOP_SECONDS = 8
RESTARTS_A_MINUTE = 5
ANSWERS_AT_ONCE = 8
COLOURS = {"answers": 33, "postgres": 34, "valkey": 35, "web": 32, "worker": 33, "beat": 36, "prepare": 37}


@dataclass
class Child:
    """A process that must run. `stop_with` is the signal that ends it cleanly."""

    name: str
    command: list[str]
    stop_with: signal.Signals = signal.SIGTERM
    process: "subprocess.Popen[str] | None" = None
    began: list[float] = field(default_factory=list)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Runs the embedded servers of `stack`, then web, worker and beat, until a signal or a fault ends it."""

    def __init__(self, stack: Embedded, host: str, port: int, name: str, worker_threads: int) -> None:
        """Listen on `host` and `port`; `name` is one by which the site lets itself be called."""
        self.stack = stack
        self.host, self.port, self.name = host, port, name
        manage = [sys.executable, str(ROOT / "manage.py")]
        celery = [sys.executable, "-m", "celery", "--app=sage", "--quiet"]
        self.servers: list[Child] = []
        if stack.postgres:
            self.servers.append(Child("postgres", stack.postgres_command(), signal.SIGINT))
        if stack.valkey:
            self.servers.append(Child("valkey", stack.valkey_command()))
        self.prepare = Child("prepare", [*leashed("KILL"), *manage, "prepare"])
        worker = [*celery, "worker", "--pool=threads", "--loglevel=warning", "--without-gossip", "--without-mingle"]
        self.site = [
            Child("web", [*leashed("KILL"), *manage, "web"]),
            Child("worker", [*leashed("KILL"), *worker, "--queues=medium,low", f"--concurrency={worker_threads}"]),
            # What somebody waits for in a browser never queues behind a video.
            Child(
                "answers",
                [
                    *leashed("KILL"),
                    *worker,
                    "--queues=high",
                    f"--concurrency={ANSWERS_AT_ONCE}",
                    "--hostname=answers@%h",
                ],
            ),
            Child("beat", [*leashed("KILL"), *celery, "beat", "--loglevel=warning"]),
        ]
        self.ending = threading.Event()
        self.lock: IO[str] | None = None

    @property
    def address(self) -> str:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{shown}:{self.port}"

    def run(self) -> None:
        """Start everything, say the address, wait for the end. Raises `StackError` where it cannot run."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.ending.set())
        self._take_place()
        try:
            self._start_servers()
            self._prepare()
            *needed, answers, beat = self.site
            for child in needed:
                self._spawn(child)
            self._wait_until(self._answers_health, "The site did not become healthy", needed)
            for child in (answers, beat):  # nobody waits for them yet, so they do not slow the start
                self._spawn(child)
            if not self.ending.is_set():
                print(f"Sage is ready at {self.address}", flush=True)  # noqa: T201 - the one line that `make run` shows
            self._keep_alive()
        finally:
            self._stop_all()

    # --- Before the start ---

    def _take_place(self) -> None:
        var_dir = self.stack.var_dir
        try:
            var_dir.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(var_dir).free
        except OSError as error:
            raise StackError(
                f"{var_dir} cannot be used: {error.strerror}. Set VAR_DIR to a folder of yours."
            ) from error
        if free < LEAST_FREE_BYTES:
            raise StackError(
                f"The disk of {var_dir} is full: {free // 1024**2} MB are free, Sage needs "
                f"{LEAST_FREE_BYTES // 1024**2} MB to start. Make room, or set VAR_DIR to another disk."
            )
        self._lock(var_dir / "lock")
        self._check_port()

    def _lock(self, path: Path) -> None:
        """Hold `path` for as long as any of our processes lives."""
        self.lock = path.open("a+")
        os.set_inheritable(self.lock.fileno(), True)
        deadline = time.monotonic() + STOP_SECONDS + 2
        while True:
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                self.lock.seek(0)
                holder = self.lock.read().strip()
                if (holder.isdigit() and _is_running(int(holder))) or time.monotonic() > deadline:
                    message = f"Sage runs already in {path.parent} (process {holder or 'unknown'})."
                    raise StackError(f"{message} Stop that one, or set VAR_DIR and PORT for a second site.") from None
                time.sleep(0.1)  # the children of one that was killed are still on their way out
        self.lock.truncate(0)
        self.lock.write(str(os.getpid()))
        self.lock.flush()

    def _check_port(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                reason = "is taken by another program" if error.errno == 98 else f"cannot be used: {error.strerror}"
                raise StackError(f"Port {self.port} of {self.host} {reason}. Set PORT to another one.") from error

    # --- Start ---

    def _start_servers(self) -> None:
        if not self.servers:
            return
        self.stack.make_socket_dir()
        self.stack.forget_stale_files()
        if self.stack.postgres:
            self.stack.initialise_postgres()
        for child in self.servers:
            self._spawn(child)
        if self.stack.postgres:
            self._wait_until(self.stack.postgres_answers, "PostgreSQL did not start", self.servers)
        if self.stack.valkey:
            self._wait_until(self.stack.valkey_answers, "Valkey did not start", self.servers)

    def _prepare(self) -> None:
        """Bring database and static files up to date in a child, so that this process stays small."""
        if self.ending.is_set():
            return
        self._spawn(self.prepare)
        assert self.prepare.process  # noqa: S101 - spawned just now
        while self.prepare.is_alive and not self.ending.wait(0.05):
            pass
        if self.prepare.process.poll():
            raise StackError("The database could not be brought up to date; the lines above say why.")

    def _spawn(self, child: Child) -> None:
        """Start a child from this, the main, thread: the leash is tied to the thread that starts it."""
        assert self.lock  # noqa: S101 - taken before anything starts
        child.began.append(time.monotonic())
        child.process = subprocess.Popen(
            child.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=ROOT,
            start_new_session=True,
            pass_fds=[self.lock.fileno()],
        )
        threading.Thread(target=_relay, args=(child.name, child.process.stdout), daemon=True).start()

    def _wait_until(self, answers: Callable[[], bool], complaint: str, needed: list[Child]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not answers():
            dead = [child.name for child in needed if not child.is_alive]
            if self.ending.is_set():
                return
            if dead or time.monotonic() > deadline:
                because = f"{dead[0]} ended by itself" if dead else f"it took longer than {READY_SECONDS} s"
                raise StackError(f"{complaint}: {because}; the lines above say why.")
            self.ending.wait(0.1)

    def _answers_health(self) -> bool:
        reached = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host)  # noqa: S104 - only compared with
        address = f"http://{reached}:{self.port}" if reached else self.address
        try:
            request = urllib.request.Request(f"{address}/health", headers={"Host": self.name})  # noqa: S310 - http only
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever http_proxy says
            with direct.open(request, timeout=2) as response:
                return bool(json.load(response)["status"] == "ok")
        except (urllib.error.URLError, OSError, ValueError):
            return False

    # --- While it runs, and after ---

    def _keep_alive(self) -> None:
        """Start again what dies; give up on what dies over and over."""
        while not self.ending.wait(0.3):
            for child in [*self.servers, *self.site]:
                if child.is_alive:
                    continue
                recent = [began for began in child.began if time.monotonic() - began < 60]
                if len(recent) >= RESTARTS_A_MINUTE:
                    raise StackError(
                        f"{child.name} ended {len(recent)} times within a minute; the lines above say why."
                    )
                _say(child.name, "ended by itself and is started again")
                self._spawn(child)

    def _stop_all(self) -> None:
        """Web, worker and beat first, then what they stand on."""
        _stop([child for child in [*self.site, self.prepare] if child.is_alive])
        _stop([child for child in self.servers if child.is_alive])
        if self.servers and self.stack.socket_dir.is_dir():
            shutil.rmtree(self.stack.socket_dir, ignore_errors=True)
        if self.lock:
            self.lock.close()


def _stop(children: list[Child]) -> None:
    for child in children:
        assert child.process  # noqa: S101 - it is alive
        child.process.send_signal(child.stop_with)
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        assert child.process  # noqa: S101 - it is alive
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()


def _relay(name: str, output: IO[str]) -> None:
    for line in output:
        _say(name, line.rstrip("\n"))


def _say(name: str, line: str) -> None:
    prefix = f"{name:>8} │ "
    if sys.stdout.isatty():
        prefix = f"\033[{COLOURS[name]}m{prefix}\033[0m"
    print(prefix + line, flush=True)  # noqa: T201 - the supervisor's voice is its output


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()
