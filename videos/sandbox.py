"""Runs the pure functions of `media/` and `diff/` in a child process with limits, because media is hostile.

A crash, a hang or a greedy file ends the child, never the worker. The child has no network where the system allows that
to be taken away, opens no file but its own (see `videos.confinement`), and dies with its parent. Both ends are in this
file: `run` is the parent's, `main` the child's. The child writes one JSON object a line: `{"progress": 0.5}` as often
as it likes, then `{"result": …}`, `{"refused": …}` for input that it will not take, `{"used_up": …}`, `{"no_room": …}`
or `{"fault": …}`.
"""

import errno
import functools
import importlib
import inspect
import json
import os
import resource
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from sage.leash import die_with_parent
from videos.confinement import confine
from videos.media.errors import FULL, MediaError

ROOT = Path(__file__).resolve().parent.parent
TICK_SECONDS = 0.25
WEIGH_SECONDS = 2.0
GRACE_SECONDS = 5  # of the processor, for a child that would not hear the signal
MOST_ANSWER_BYTES = 64 * 1024**2


@dataclass(frozen=True)
class Limits:
    """What one child may use: seconds, bytes, files. `output_bytes` is the most of one file, and of all together."""

    wall_seconds: float = 6 * 3600
    cpu_seconds: int = 12 * 3600
    memory_bytes: int = 4 * 1024**3
    output_bytes: int = 2 * 1024**3
    open_files: int = 256


class SandboxError(RuntimeError):
    """The child ended without a result: it crashed, hung or used too much. The message is for the log."""


class UsedUp(SandboxError):
    """The child took all the time, memory or room that it may use. Trying again would end the same way."""


class NoRoom(SandboxError):
    """The disk that the child writes to is full."""


class Refused(ValueError):
    """The function refused its input; the message is one plain sentence for the user."""


def run(
    target: str,
    arguments: dict[str, Any],
    on_tick: Callable[[float | None], None] = lambda progress: None,
    limits: Limits | None = None,
    *,
    room: Path | None = None,
    reads: Iterable[Path] = (),
) -> Any:
    """Call `target` ("package.module:function") in a child and return what it returned, both ways as JSON.

    `on_tick` is called several times a second with the newest progress (0 to 1) or None; whatever it raises ends the
    child and goes on to the caller. That is how a job is cancelled. A function that takes a `progress` argument gets a
    callable for it. `room` is the one folder that the child may write into, its own temporary files too; `reads` are
    the other files that it may open. Raises `Refused` or `SandboxError`.
    """
    limits = limits or Limits()
    with ExitStack() as kept:
        complaints = kept.enter_context(tempfile.TemporaryFile())
        room = room or Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="sage-sandbox-")))
        request = {
            "target": target,
            "arguments": arguments,
            "limits": asdict(limits),
            "parent": os.getpid(),
            "reads": [str(path) for path in reads],
            "writes": [str(room), *_measured()],
        }
        child = subprocess.Popen(
            [*_without_network(), sys.executable, "-m", "videos.sandbox"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            cwd=ROOT,
            start_new_session=True,
            env=_environment() | {"TMPDIR": str(room)},
        )
        assert child.stdin  # noqa: S101 - asked for above
        assert child.stdout  # noqa: S101
        patience = 0.0
        try:
            child.stdin.write(json.dumps(request).encode())
            child.stdin.close()
            answer = _listen(
                child.stdout, on_tick, time.monotonic() + limits.wall_seconds, _Scale(room, limits.output_bytes)
            )
            patience = 2.0
        finally:
            _end(child, patience)
        if answer is None:
            complaints.seek(max(0, complaints.seek(0, os.SEEK_END) - 2000))
            said = complaints.read().decode(errors="replace").strip()
            if child.returncode == -signal.SIGXCPU:
                raise UsedUp(f"{target}: it computed for longer than it may")
            raise SandboxError(f"{target} ended with status {child.returncode}: {said}")
    return _result(target, answer)


def _result(target: str, answer: dict[str, Any]) -> Any:
    """What the function returned; raises what it ended with instead."""
    if "refused" in answer:
        raise Refused(answer["refused"])
    if "used_up" in answer:
        raise UsedUp(f"{target}: {answer['used_up']}")
    if "no_room" in answer:
        raise NoRoom(f"{target}: {answer['no_room']}")
    if "fault" in answer:
        raise SandboxError(f"{target}: {answer['fault']}")
    return answer["result"]


class _Scale:
    """Weighs what a child has written by now, once a while."""

    def __init__(self, room: Path, most_bytes: int) -> None:
        self._room = room
        self._most = most_bytes + self._weight()
        self._next = 0.0

    def weigh(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + WEIGH_SECONDS
        if self._weight() > self._most:
            raise UsedUp("it wrote more than it may")

    def _weight(self) -> int:
        weight = 0
        for folder, _, names in os.walk(self._room):
            for name in names:
                with suppress(OSError):  # it may be gone by now
                    weight += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - many of them
        return weight


def _listen(
    stdout: IO[bytes], on_tick: Callable[[float | None], None], deadline: float, scale: _Scale
) -> dict[str, Any] | None:
    """The child's last word, or None when it ended without one."""
    buffer, answer = b"", None
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        while True:
            if time.monotonic() > deadline:
                raise UsedUp("it took longer than it may")
            scale.weigh()
            progress, ended = None, False
            if selector.select(TICK_SECONDS):
                received = os.read(stdout.fileno(), 65536)
                ended = not received
                if len(buffer) > MOST_ANSWER_BYTES:
                    raise UsedUp("it says more than it may")
                *lines, buffer = (buffer + received).split(b"\n")
                for line in lines:
                    said = json.loads(line)
                    progress = said.get("progress", progress)
                    answer = said if "progress" not in said else answer
            on_tick(progress)
            if ended:
                return answer


def _end(child: "subprocess.Popen[bytes]", patience: float) -> None:
    """Give a child that has answered `patience` seconds to leave by itself, then kill it with all it started."""
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    finally:
        if child.stdout:
            child.stdout.close()


@functools.cache
def _without_network() -> tuple[str, ...]:
    """The prefix that takes the network away, or nothing where the system does not allow it."""
    for prefix in (("unshare", "--net", "--"), ("unshare", "--user", "--map-root-user", "--net", "--")):
        try:
            if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
                return prefix
        except FileNotFoundError:
            break
    return ()


def _measured() -> list[str]:
    """Where a test run that measures coverage has its children write."""
    return [str(ROOT)] if "COVERAGE_PROCESS_CONFIG" in os.environ or "COVERAGE_PROCESS_START" in os.environ else []


def _environment() -> dict[str, str]:
    """What the child needs to start, and no secret."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
    # A limit on output could leave a compiled module cut off beside its source, for everybody to stumble over.
    limits = {
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
    }
    return {name: os.environ[name] for name in kept if name in os.environ} | limits


# --- The child's end ---


def main() -> None:
    """Read a request, take on its limits, call the function, say what came of it."""
    request = json.loads(sys.stdin.buffer.read())
    die_with_parent(signal.SIGKILL, request["parent"])
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is not an answer
    _take_on(Limits(**request["limits"]))

    def say(**what: Any) -> None:
        out.write(json.dumps(what, default=lambda facts: facts.as_dict()) + "\n")

    try:
        module, name = request["target"].split(":")
        function = getattr(importlib.import_module(module), name)
        confine(map(Path, request["reads"]), map(Path, request["writes"]))
        arguments = request["arguments"]
        if "progress" in inspect.signature(function).parameters:
            arguments["progress"] = _throttled(lambda share: say(progress=round(min(max(share, 0.0), 1.0), 4)))
        say(result=function(**arguments))
    except MediaError as error:
        say(refused=str(error))
    except OSError as error:
        if error.errno == errno.EFBIG:
            say(used_up="it wrote a larger file than it may")
        elif error.errno in FULL:
            say(no_room=str(error))
        else:
            raise
    except MemoryError:
        say(used_up="it needed more memory than it may use")


def _throttled(report: Callable[[float], None], seconds: float = 0.2) -> Callable[[float], None]:
    last = 0.0

    def maybe(share: float) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            report(share)

    return maybe


def _take_on(limits: Limits) -> None:
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)  # whoever started this may have ignored it
    for which, most in (
        (resource.RLIMIT_CPU, limits.cpu_seconds + GRACE_SECONDS),
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.output_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(which)
        resource.setrlimit(which, (most, most) if hard == resource.RLIM_INFINITY else (min(most, hard),) * 2)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)  # only the soft limit ends it by a signal that says why
    resource.setrlimit(resource.RLIMIT_CPU, (min(limits.cpu_seconds, hard), hard))


if __name__ == "__main__":
    main()
