"""Lock the folder of a site, and end PostgreSQL processes that outlive their server.

The supervisor and all its children hold the same lock, because they inherit the open file. `/proc/PID/fdinfo` shows
which processes hold it (proc(5)). A process id alone proves nothing, because the system uses ids again.
"""

import fcntl
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from sage.processes.embedded import EmbeddedServerError

LEFTOVER_SECONDS = 60  # the time in which processes of a killed supervisor must end


class SiteLock:
    """The lock of one `VAR_DIR`. It is held until this process and all children that inherit it have ended."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: IO[str] | None = None

    def acquire(self, end_leftovers: Callable[[], object], ending: threading.Event) -> None:
        """Lock the file. Wait while processes of a killed supervisor end, and call `end_leftovers` meanwhile.

        Raises `EmbeddedServerError` if another supervisor runs, if the processes do not end, or if `ending` is set.
        """
        self.file = self.path.open("a+")
        os.set_inheritable(self.file.fileno(), True)
        deadline = time.monotonic() + LEFTOVER_SECONDS
        while not self._try_lock():
            self._refuse_running_site()
            if time.monotonic() > deadline:
                raise EmbeddedServerError(self._describe_leftovers())
            end_leftovers()
            if ending.wait(0.1):
                raise EmbeddedServerError("Sage was stopped while it waited for processes of an earlier run to end.")
        self.file.truncate(0)
        self.file.write(str(os.getpid()))
        self.file.flush()

    def fileno(self) -> int:
        assert self.file  # noqa: S101 - `acquire` is called before any child starts
        return self.file.fileno()

    def release(self) -> None:
        """Close the file. Children that still run keep the lock."""
        if self.file:
            self.file.close()

    def find_holders(self) -> list[int]:
        """Return the ids of the other processes that hold the lock."""
        with suppress(FileNotFoundError):
            found = self.path.stat()
            pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
            return [pid for pid in pids if pid != os.getpid() and _holds_lock(pid, found)]
        return []

    def _try_lock(self) -> bool:
        try:
            fcntl.flock(self.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _refuse_running_site(self) -> None:
        """Raise `EmbeddedServerError` if the process in the file holds the lock. Otherwise, it was a killed supervisor.

        A process that holds the lock but is not in the file is a child of a killed supervisor, or is about to write
        its id.
        """
        supervisor = self.path.read_text().strip()
        if supervisor.isdigit() and int(supervisor) in self.find_holders():
            raise EmbeddedServerError(
                f"Sage is already running in {self.path.parent} (process {supervisor}). "
                "Stop it, or set VAR_DIR and PORT to run a second site."
            )

    def _describe_leftovers(self) -> str:
        holders = ", ".join(map(str, self.find_holders()))
        if not holders:
            return f"Sage is already running in {self.path.parent}, under another user or in another container."
        return f"Processes of an earlier run still use {self.path.parent}: {holders}. End them, then start Sage again."


def _holds_lock(pid: int, locked: os.stat_result) -> bool:
    """Return whether an open file of a process holds a lock on `locked`."""
    with suppress(OSError):  # the process has ended, or belongs to another user
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if not os.path.samestat(entry.stat(), locked):
                    continue
                if "FLOCK" in Path(f"/proc/{pid}/fdinfo/{entry.name}").read_text():
                    return True
    return False


def kill_orphans(lock: SiteLock, data_dir: Path) -> list[int]:
    """Kill the PostgreSQL processes of `data_dir` whose postmaster is dead. Return those that were found.

    A backend notices only between two statements that its postmaster is dead. Until then, it keeps the shared memory,
    and no new postmaster can start. Killing it is as safe as a crash: the next start replays the write-ahead log.
    """
    servers = [pid for pid in lock.find_holders() if _works_in(pid, data_dir)]
    if _read_postmaster_pid(data_dir) in servers:
        return []  # it is shutting down, and stops its backends itself
    for pid in servers:
        with suppress(OSError):  # it has ended
            handle = os.pidfd_open(pid)  # keeps the signal from another process that gets the same id
            try:
                if _works_in(pid, data_dir) and pid in lock.find_holders():
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
            finally:
                os.close(handle)
    return servers


def _works_in(pid: int, data_dir: Path) -> bool:
    """Return whether `data_dir` is the working directory of a process, as of every PostgreSQL process."""
    try:
        return Path(f"/proc/{pid}/cwd").samefile(data_dir)
    except OSError:
        return False


def _read_postmaster_pid(data_dir: Path) -> int | None:
    with suppress(OSError, ValueError, IndexError):
        return int((data_dir / "postmaster.pid").read_text().splitlines()[0])
    return None
