"""Run pure functions of `media/` and `diff/` in a child process with limits, because media files may be hostile.

A crash, a hang or excessive use of resources ends the child, never the worker. The child is confined to its own files
and to the system calls that it needs (see `confinement.py`), and dies with its parent. `protocol.py` describes the
messages.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from videos.sandbox.errors import InputRejected, SandboxDiskFull, SandboxError, SandboxLimitExceeded
from videos.sandbox.meters import MemoryMeter, OutputMeter, find_special_file
from videos.sandbox.protocol import SandboxLimits, SandboxRequest

ROOT = Path(__file__).resolve().parents[2]
TICK_SECONDS = 0.25  # between two calls of on_tick
EXIT_POLL_SECONDS = 0.002  # between two looks whether the child has exited
MESSAGES = {"progress", "result", "refused", "used_up", "no_room"}  # see `protocol.py`
MAX_ANSWER_BYTES = 64 * 1024**2  # of one message of the child


def run_in_sandbox(
    target: str,
    arguments: dict[str, Any],
    on_tick: Callable[[float | None], None] = lambda progress: None,
    limits: SandboxLimits | None = None,
    *,
    room: Path | None = None,
    reads: Iterable[Path] = (),
) -> Any:
    """Call `target` ("package.module:function") in a child and return its result. Arguments and result pass as JSON.

    `on_tick` is called several times a second with the latest progress (0 to 1) or None. An exception that it raises
    ends the child and propagates to the caller, which cancels a job. A function with a `progress` parameter gets a
    callable for it. `room` is the only folder that the child may write into, temporary files included. `reads` are the
    other files that it may open. Raises `InputRejected` or `SandboxError`.
    """
    limits = limits or SandboxLimits()
    with ExitStack() as stack:
        stderr = stack.enter_context(tempfile.TemporaryFile())
        room = room or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sage-sandbox-")))
        request: SandboxRequest = {
            "target": target,
            "arguments": arguments,
            "limits": asdict(limits),
            "parent": os.getpid(),
            "reads": [str(path) for path in reads],
            "writes": [str(room), *_list_coverage_folders()],
        }
        child = _start_child(room, stderr)
        assert child.stdin  # noqa: S101 - opened as a pipe
        assert child.stdout  # noqa: S101
        exit_seconds = 0.0
        try:
            output, memory = OutputMeter(room, limits.output_bytes, child.pid), MemoryMeter(child.pid, limits)
            child.stdin.write(json.dumps(request).encode())
            child.stdin.close()
            deadline = time.monotonic() + limits.wall_seconds
            answer = _read_answer(child.stdout, on_tick, deadline, (output.check, memory.check))
            exit_seconds = 2.0
        finally:
            _end_child(child, exit_seconds)
        if answer is None:
            raise _describe_end(target, child.returncode, stderr)
        output.check_at_end()
        if path := find_special_file(room):
            raise SandboxError(f"{target} left a link or a special file: {path}")
    return _get_result(target, answer)


def _start_child(room: Path, stderr: IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start the child in a session of its own, without descriptors of this process but the three standard files."""
    return subprocess.Popen(
        [sys.executable, "-m", "videos.sandbox.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        cwd=ROOT,
        start_new_session=True,
        env=_build_environment() | {"TMPDIR": str(room)},
    )


def _describe_end(target: str, status: int, stderr: IO[bytes]) -> SandboxError:
    """Return the error for a child that ended without an answer, with the end of its log."""
    if status == -signal.SIGXCPU:
        return SandboxLimitExceeded(f"{target}: the processor time limit was exceeded")
    stderr.seek(max(0, stderr.seek(0, os.SEEK_END) - 2000))
    details = stderr.read().decode(errors="replace").strip()
    return SandboxError(f"{target} ended with status {status}: {details}")


def _get_result(target: str, answer: dict[str, Any]) -> Any:
    """Return the result of the function, or raise the error that the child reported."""
    if "refused" in answer:
        raise InputRejected(answer["refused"])
    if "used_up" in answer:
        raise SandboxLimitExceeded(f"{target}: {answer['used_up']}")
    if "no_room" in answer:
        raise SandboxDiskFull(f"{target}: {answer['no_room']}")
    return answer["result"]


def _read_answer(
    stdout: IO[bytes],
    on_tick: Callable[[float | None], None],
    deadline: float,
    checks: Iterable[Callable[[], None]],
) -> dict[str, Any] | None:
    """Return the answer of the child. None if it ended without one. `checks` raise if it exceeds a limit."""
    buffer, answer = b"", None
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        while True:
            if time.monotonic() > deadline:
                raise SandboxLimitExceeded("the time limit was exceeded")
            for check in checks:
                check()
            progress, ended = None, False
            if selector.select(TICK_SECONDS):
                received = os.read(stdout.fileno(), 65536)
                ended = not received
                if len(buffer) > MAX_ANSWER_BYTES:
                    raise SandboxLimitExceeded("the size limit of a message was exceeded")
                *lines, buffer = (buffer + received).split(b"\n")
                for line in lines:
                    message = _parse_message(line)
                    progress = message.get("progress", progress)
                    answer = message if "progress" not in message else answer
            on_tick(progress)
            if ended:
                return answer


def _parse_message(line: bytes) -> dict[str, Any]:
    """Return a message of the child, which may be hostile. Raises `SandboxError` if it follows no protocol."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SandboxError("the child sent a message that is no JSON") from error
    if not isinstance(message, dict) or len(message) != 1 or not message.keys() <= MESSAGES:
        raise SandboxError("the child sent an unknown message")
    progress = message.get("progress", 0.0)
    if not isinstance(progress, int | float) or not 0 <= progress <= 1:
        raise SandboxError("the child sent an invalid progress")
    return message


def _end_child(child: "subprocess.Popen[bytes]", exit_seconds: float) -> None:
    """Wait at most `exit_seconds` for the child to exit, then kill it and all processes that it started."""
    deadline = time.monotonic() + exit_seconds
    # WNOWAIT leaves the child as a zombie, whose number no other group of processes can have.
    while not os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) and time.monotonic() < deadline:
        time.sleep(EXIT_POLL_SECONDS)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdout:
        child.stdout.close()


def _list_coverage_folders() -> list[str]:
    """Return the folder that the child writes coverage data to, in a test run that measures it."""
    return [str(ROOT)] if "COVERAGE_PROCESS_CONFIG" in os.environ or "COVERAGE_PROCESS_START" in os.environ else []


def _build_environment() -> dict[str, str]:
    """Return the environment variables that the child needs. It contains no secret."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
    # The output limit could truncate a compiled module, which other processes would then load.
    limits = {
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
    }
    return {name: os.environ[name] for name in kept if name in os.environ} | limits
