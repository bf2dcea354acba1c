"""A child process of the supervisor: start it, relay its output, and decide when it is restarted."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM, Signals
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
RESTART_SECONDS = 0.3  # before the first restart; doubles with each start in a row that fails
LONGEST_RESTART_SECONDS = 30.0
FAILED_STARTS = 5  # in a row, after which a child that has never been ready is given up
STEADY_SECONDS = 10  # a child without `answers` counts as ready after this time
COLOURS = {"priority": 33, "postgres": 34, "valkey": 35, "web": 32, "worker": 33, "beat": 36, "bootstrap": 37}


@dataclass
class Child:
    """A child process. `stop_with` is the signal that stops it cleanly, and `answers` tells whether it is ready.

    Lines of its output that contain `hidden` are not shown.
    """

    name: str
    command: list[str]
    stop_with: Signals = SIGTERM
    answers: Callable[[], bool] | None = None
    hidden: str | None = None
    process: "subprocess.Popen[str] | None" = None
    starts: int = 0
    started_at: float = 0.0
    restart_at: float | None = None
    failed_starts: int = 0  # in a row
    is_ready: bool = False
    was_ever_ready: bool = False

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def is_hopeless(self) -> bool:
        """Return whether the child was started repeatedly and has never been ready."""
        return not self.was_ever_ready and self.failed_starts >= FAILED_STARTS

    @property
    def restart_seconds(self) -> float:
        """Return the delay before the next start."""
        return min(RESTART_SECONDS * 2 ** min(self.failed_starts - 1, 10), LONGEST_RESTART_SECONDS)

    @property
    def is_due(self) -> bool:
        """Return whether the child is dead and its time to be restarted has come."""
        return self.restart_at is not None and time.monotonic() >= self.restart_at

    def start(self, lock: int) -> None:
        """Start the process, which inherits the file descriptor `lock`.

        Call it from the main thread, because the kernel signals the process when the thread that started it ends.
        """
        self.starts += 1
        self.started_at, self.restart_at, self.is_ready = time.monotonic(), None, False
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=ROOT,
            start_new_session=True,
            pass_fds=[lock],
        )
        threading.Thread(target=self._relay, args=(self.process.stdout,), daemon=True).start()

    def update(self) -> None:
        """Record that a running child has become ready, or when a dead one is restarted."""
        if self.is_alive:
            if not self.is_ready and self._answers():
                self.is_ready = self.was_ever_ready = True
                self.failed_starts = 0
        elif self.restart_at is None:
            self.failed_starts += 1
            self.restart_at = time.monotonic() + self.restart_seconds

    def print_line(self, line: str) -> None:
        """Print one line with the name of the child."""
        prefix = f"{self.name:>8} │ "
        if sys.stdout.isatty():
            prefix = f"\033[{COLOURS[self.name]}m{prefix}\033[0m"
        print(prefix + line, flush=True)  # noqa: T201 - the supervisor's log

    def _answers(self) -> bool:
        return self.answers() if self.answers else time.monotonic() - self.started_at >= STEADY_SECONDS

    def _relay(self, output: IO[str]) -> None:
        for line in output:
            if not self.hidden or self.hidden not in line:
                self.print_line(line.rstrip("\n"))
