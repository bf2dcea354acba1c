"""Run functions in forked copies of the test process, as a user of choice."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from videos.sandbox.kernel import call_prctl

PR_SET_DUMPABLE = 4
ORDINARY_USER = 65534
# The users that this process can be.
USERS = [0, ORDINARY_USER] if os.geteuid() == 0 else [os.geteuid()]


def become_user(user: int) -> None:
    """Change to `user` without other groups. A copy of root can do this without starting a program."""
    if user != os.geteuid():
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        call_prctl(PR_SET_DUMPABLE, 1)  # lost with the change; without it, the files in /proc belong to root


def run_as(user: int, work: Callable[[], Any]) -> Any:
    """Return the result of `work`, called in a copy of this process. An exception or a signal fails the test."""
    receiving, sending = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            become_user(user)
            result = {"result": work()}
        except BaseException as problem:  # noqa: BLE001  reported by the test process
            result = {"problem": repr(problem)}
        os.write(sending, json.dumps(result).encode())
        os._exit(0)
    os.close(sending)
    with os.fdopen(receiving, "rb") as stream:
        answer = stream.read()
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"the copy ended with status {status}"
    report = json.loads(answer)
    assert "problem" not in report, report["problem"]
    return report["result"]


@contextmanager
def start_victim(user: int) -> Iterator[int]:
    """Start a copy of this process that only waits, and yield its number."""
    ready, started = os.pipe()
    pid = os.fork()
    if pid == 0:
        become_user(user)
        os.write(started, b".")
        while True:
            signal.pause()
    os.close(started)
    try:
        os.read(ready, 1)
        yield pid
    finally:
        os.close(ready)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
