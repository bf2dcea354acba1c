"""A whole site as its operator would run it: `manage.py up` in a process of its own."""

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

from sage.stack import Embedded
from tests.stage import ROOT, WIDE_LIMITS, furnish, wait_until

READY_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """`start` returns once it says that it is ready; `end` once it is gone. A `bare` one begins with nothing at all."""

    def __init__(self, var_dir: Path, port: int | None = None, *, bare: bool = False, **environment: str) -> None:
        self.var_dir = var_dir
        self.bare = bare
        self.port = port or free_port()
        self.stack = Embedded(var_dir.resolve())
        inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        self.environment = {
            **WIDE_LIMITS,
            **inherited,
            "VAR_DIR": str(var_dir),
            "PORT": str(self.port),
            "DEMO": "0",
            **environment,
        }
        self.lines: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def begin(self) -> "Site":
        if not self.bare:
            furnish(self.stack)
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def _listen(self) -> None:
        assert self.process and self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def start(self) -> "Site":
        self.begin()
        wait_until(lambda: self.is_ready or self.status is not None, READY_SECONDS)
        assert self.is_ready, self.output
        return self

    @property
    def is_ready(self) -> bool:
        return any(line.startswith("Sage is ready at ") for line in self.lines)

    @property
    def status(self) -> int | None:
        return self.process.poll() if self.process else None

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal to the supervisor alone and wait until it is gone; return its status."""
        assert self.process
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        return self.process.wait(30)

    def get(self, path: str = "/health") -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(self.address + path, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def run(self, code: str) -> str:
        """What a line of Python prints inside this site."""
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, text=True, capture_output=True, check=True
        ).stdout

    def health(self) -> dict:
        return json.loads(self.get()[1])

    @property
    def is_gone(self) -> bool:
        """Whether no process of this site lives: each of them holds the lock for as long as it does."""
        with (self.var_dir / "lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    def children(self) -> dict[int, str]:
        """The supervisor's children, by process id, with their command lines."""
        assert self.process
        own = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode() for pid in own}

    def sockets(self) -> list[Path]:
        return [path for path in self.stack.socket_dir.glob("*") if path.is_socket()]
