"""Measure from outside what a child uses, for what the kernel's limits on the child do not count."""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from videos.sandbox.errors import SandboxLimitExceeded
from videos.sandbox.protocol import SandboxLimits

OUTPUT_INTERVAL_SECONDS = 2.0  # between two measurements of the output
MEMORY_INTERVAL_SECONDS = 0.25  # between two measurements of the memory
# Memory of a process that RLIMIT_DATA does not count: stacks, relocated libraries and page tables.
UNCOUNTED_BYTES = 256 * 1024**2
MAX_DEPTH = 8  # of folders in the room; their paths stay far below the limit of the kernel
MAX_THREADS = 1024  # of one process; FFmpeg starts up to about 150 on a machine with many processors
# Whether the kernel lists the children of a thread (CONFIG_PROC_CHILDREN). Otherwise all processes are searched.
_LISTS_CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children").exists()


class OutputMeter:
    """Measure regularly how many bytes the child has written to its room, to deleted files and to its log."""

    def __init__(self, room: Path, max_bytes: int, leader: int) -> None:
        self._room, self._leader = room, leader
        self._maximum = max_bytes + self._measure_room()
        self._next = 0.0

    def check(self) -> None:
        """Raise `SandboxLimitExceeded` if the running child has written more than its limit."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + OUTPUT_INTERVAL_SECONDS
        deleted = dict(found for pid in list_processes(self._leader) for found in _find_deleted_files(pid))
        self._compare(self._measure_room() + sum(deleted.values()))  # the log is a deleted file, too

    def check_at_end(self) -> None:
        """Raise `SandboxLimitExceeded` if the child has left more than its limit."""
        self._compare(self._measure_room())

    def _compare(self, size: int) -> None:
        if size > self._maximum:
            raise SandboxLimitExceeded("the output limit was exceeded")

    def _measure_room(self) -> int:
        size = 0
        for path in _list_entries(self._room):
            with suppress(OSError):  # the child may have deleted it
                size += os.lstat(path).st_size
        return size


class MemoryMeter:
    """Measure regularly the memory, threads and processes of the child.

    The kernel limits the data of each process by RLIMIT_DATA. This meter also counts shared memory, stacks and page
    tables, and needs neither privileges nor a control group.
    """

    def __init__(self, leader: int, limits: SandboxLimits) -> None:
        self._leader, self._limits = leader, limits
        self._next = 0.0

    def check(self) -> None:
        """Raise `SandboxLimitExceeded` if the child uses more memory, threads or processes than its limits."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + MEMORY_INTERVAL_SECONDS
        found = _find_processes(self._leader)
        if len(found) > self._limits.processes:  # also zombies, which occupy a number
            raise SandboxLimitExceeded("the limit of processes was exceeded")
        for pid in found:
            memory_bytes, threads = measure_process(pid)
            if memory_bytes > self._limits.memory_bytes + UNCOUNTED_BYTES:
                raise SandboxLimitExceeded("the memory limit was exceeded")
            if threads > MAX_THREADS:
                raise SandboxLimitExceeded("the limit of threads was exceeded")


def measure_process(pid: int) -> tuple[int, int]:
    """Return the bytes of memory that belong to this process alone, and the number of its threads. Zeros if it ended.

    Pages of files are not counted, because the kernel can drop them.
    """
    fields = dict.fromkeys(("RssAnon", "RssShmem", "VmSwap", "VmPTE", "Threads"), 0)
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in fields:
                fields[name] = int(value.split()[0])
    threads = fields.pop("Threads")
    return 1024 * sum(fields.values()), threads


def list_processes(leader: int) -> list[int]:
    """Return the running processes of the child `leader`."""
    return [pid for pid, state in _find_processes(leader).items() if state not in "ZX"]


def _find_processes(leader: int) -> dict[int, str]:
    """Return the processes of the session of `leader` with their states (proc_pid_stat(5)).

    The filter of the child lets none leave the session. The child adopts orphans, so that all are below it.
    """
    if _LISTS_CHILDREN and (_read_state(leader, leader) or "Z") not in "ZX":
        waiting, found = [leader], []
        while waiting:
            found.append(waiting.pop())
            for thread in _list_folder(Path(f"/proc/{found[-1]}/task")):
                with suppress(OSError):  # the thread has just ended
                    waiting += map(int, (thread / "children").read_text().split())
    else:
        found = [int(path.name) for path in _list_folder(Path("/proc")) if path.name.isdecimal()]
    states = {pid: _read_state(pid, leader) for pid in found}
    return {pid: state for pid, state in states.items() if state}


def _read_state(pid: int, leader: int) -> str | None:
    """Return the letter of the state. None if there is no such process in the session of `leader`."""
    try:
        # The fields after the name in brackets: state, parent, group, session.
        state, _, _, session = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:4]
    except OSError:
        return None
    return state if int(session) == leader else None


def find_special_file(room: Path) -> str | None:
    """Return the path of an entry that is neither a folder nor a file of this room only. None if there is none.

    A worker could follow a link out of the room, or wait forever for a named pipe.
    """
    for path in _list_entries(room):
        found = os.lstat(path)
        if not stat.S_ISDIR(found.st_mode) and not (stat.S_ISREG(found.st_mode) and found.st_nlink == 1):
            return path
    return None


def _list_entries(room: Path) -> Iterator[str]:
    """Yield the paths of all entries. Raises `SandboxLimitExceeded` if folders are nested too deeply or unreadable."""
    base = len(room.parts)
    for folder, folders, names in os.walk(room, onerror=_refuse_unreadable):
        if len(Path(folder).parts) - base > MAX_DEPTH:
            raise SandboxLimitExceeded("the limit of nested folders was exceeded")
        for name in (*folders, *names):
            yield os.path.join(folder, name)  # noqa: PTH118 - faster for many files


def _refuse_unreadable(error: OSError) -> None:
    if isinstance(error, PermissionError):
        raise SandboxLimitExceeded("a folder of the child cannot be measured") from error


def _list_folder(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _find_deleted_files(pid: int) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield the identity and the size of each file that the process holds open after it was deleted."""
    for descriptor in _list_folder(Path(f"/proc/{pid}/fd")):
        with suppress(OSError):
            found = descriptor.stat()
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 0:
                yield (found.st_dev, found.st_ino), found.st_size
