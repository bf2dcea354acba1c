"""A complete site in a separate process, started with `manage.py up` as an operator starts it."""

import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

from sage.processes.embedded import Embedded
from tests.servers import ROOT, WIDE_LIMITS, copy_prepared_state, wait_until

READY_SECONDS = 120

_claims: list[socket.socket] = []  # of the ports that this process has got


def free_port() -> int:
    """Return a port that nothing listens on, and that no other test process gets while this one runs.

    Linux gives ports from 32768 on to outgoing connections, and to servers that ask for any port. A port below
    cannot be taken by one of those before the server that it was found for has started. An abstract Unix socket
    with the port's number claims it: one process at a time can bind that, and Linux frees it when the process ends.
    Chromium refuses 10080.
    """
    for _ in range(100):
        port = 11_000 + secrets.randbelow(21_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            claim = socket.socket(socket.AF_UNIX)
            try:
                claim.bind(f"\0sage-test-port-{port}")
            except OSError:
                claim.close()
                continue
            _claims.append(claim)
            return port
    raise AssertionError("No port is free.")


class Site:
    """A running site. With `bare`, it starts without the prepared database and static files."""

    def __init__(self, var_dir: Path, port: int | None = None, *, bare: bool = False, **environment: str) -> None:
        self.var_dir = var_dir
        self.bare = bare
        self.port = port or free_port()
        self.embedded = Embedded(var_dir.resolve())
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

    def output_since(self, line: int) -> str:
        return "\n".join(self.lines[line:])

    def launch(self) -> "Site":
        """Start the process without waiting."""
        if not self.bare:
            copy_prepared_state(self.embedded)
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
        threading.Thread(target=self._read_output, daemon=True).start()
        return self

    def _read_output(self) -> None:
        assert self.process and self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def start(self) -> "Site":
        """Start the process and wait until it reports that it is ready."""
        return self.launch().wait_until_ready()

    def wait_until_ready(self) -> "Site":
        wait_until(lambda: self.is_ready or self.exit_status is not None, READY_SECONDS)
        assert self.is_ready, self.output
        return self

    @property
    def is_ready(self) -> bool:
        return any(line.startswith("Sage is ready at ") for line in self.lines)

    @property
    def exit_status(self) -> int | None:
        return self.process.poll() if self.process else None

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal to the supervisor, wait until it exits, and return its exit status."""
        assert self.process
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        return self.process.wait(60)

    def get(self, path: str = "/health") -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(self.address + path, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def run(self, code: str) -> str:
        """Run Python code inside the site and return its output."""
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, text=True, capture_output=True, check=True
        ).stdout

    def health(self) -> dict:
        return json.loads(self.get()[1])

    @property
    def is_stopped(self) -> bool:
        """Return whether no process of the site is left. Each of them holds the lock of the folder while it runs."""
        with (self.var_dir / "lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    def children(self) -> dict[int, str]:
        """Return the command lines of the supervisor's children by process id."""
        assert self.process
        own: list[str] = []
        with contextlib.suppress(OSError):
            own = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        commands: dict[int, str] = {}
        for pid in own:
            with contextlib.suppress(OSError):  # it has ended
                commands[int(pid)] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        return commands

    def sockets(self) -> list[Path]:
        return [path for path in self.embedded.socket_dir.glob("*") if path.is_socket()]
