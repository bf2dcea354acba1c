"""Run one function in the child process of the sandbox: `python -m videos.sandbox.child`."""

import errno
import importlib
import inspect
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sage.processes.parent_death import die_with_parent
from videos.media.errors import DISK_FULL_ERRNOS, MediaError
from videos.sandbox.confinement import confine_process
from videos.sandbox.kernel import PR_SET_CHILD_SUBREAPER, call_prctl
from videos.sandbox.namespaces import enter_namespaces
from videos.sandbox.protocol import SandboxLimits, SandboxRequest

GRACE_SECONDS = 5  # of processor time, before the kernel kills a child that ignores SIGXCPU
# Address space beyond the memory limit: code, stacks, and what the C library reserves for threads without using it.
RESERVED_BYTES = 16 * 1024**3


def main() -> None:
    """Read the request, apply its limits, call the function, and write the answer."""
    enter_namespaces()  # before imports that may start a thread
    request: SandboxRequest = json.loads(sys.stdin.buffer.read())
    die_with_parent(signal.SIGKILL, request["parent"])
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries may print; only answers go to `out`
    call_prctl(PR_SET_CHILD_SUBREAPER, 1)  # so that the parent finds orphans among the children of this process
    limits = SandboxLimits(**request["limits"])
    _apply_limits(limits)

    def write_message(**message: Any) -> None:
        out.write(json.dumps(message, default=lambda facts: facts.as_dict()) + "\n")

    try:
        module, name = request["target"].split(":")
        function = getattr(importlib.import_module(module), name)
        reads, writes = map(Path, request["reads"]), map(Path, request["writes"])
        confine_process(reads, writes, may_fork=limits.processes > 1)
        arguments = request["arguments"]
        if "progress" in inspect.signature(function).parameters:
            arguments["progress"] = _throttle(lambda share: write_message(progress=round(min(max(share, 0.0), 1.0), 4)))
        write_message(result=function(**arguments))
    except MediaError as error:
        write_message(refused=str(error))
    except OSError as error:
        if error.errno == errno.EFBIG:
            write_message(used_up="a file exceeded the size limit")
        elif error.errno in DISK_FULL_ERRNOS:
            write_message(no_room=str(error))
        else:
            raise
    except MemoryError:
        write_message(used_up="the memory limit was exceeded")


def _throttle(report: Callable[[float], None], seconds: float = 0.2) -> Callable[[float], None]:
    last = 0.0

    def report_throttled(share: float) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            report(share)

    return report_throttled


def _apply_limits(limits: SandboxLimits) -> None:
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)  # the parent may ignore it, which children inherit
    for limit, maximum in (
        (resource.RLIMIT_CPU, limits.cpu_seconds + GRACE_SECONDS),
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_AS, limits.memory_bytes + RESERVED_BYTES),
        (resource.RLIMIT_FSIZE, limits.output_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (maximum, maximum) if hard == resource.RLIM_INFINITY else (min(maximum, hard),) * 2)
    # The soft limit sends SIGXCPU, by which the parent recognises the reason. The hard limit sends SIGKILL.
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (min(limits.cpu_seconds, hard), hard))


if __name__ == "__main__":
    main()
