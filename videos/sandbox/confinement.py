"""Confine the process of a decoder on Linux: it can open only its own files, no socket and no other program.

The layers are independent, so that a kernel without one of them still applies the others: namespaces
(`namespaces.py`), no capabilities (`capabilities.py`), Landlock for paths (`landlock.py`) and seccomp for system calls
(`seccomp.py`). All hold permanently for the process and its children. `system_checks.py` reports what the kernel lacks.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from videos.sandbox.capabilities import drop_capabilities
from videos.sandbox.kernel import PR_SET_NO_NEW_PRIVS, call_prctl
from videos.sandbox.landlock import restrict_paths
from videos.sandbox.seccomp import restrict_system_calls


def confine_process(reads: Iterable[Path], writes: Iterable[Path], *, may_fork: bool = False) -> None:
    """Restrict this process permanently to reading `reads` and Python's files, and to reading and writing `writes`.

    Call it after all modules of Sage are imported. Features that the kernel does not have are skipped. Raises
    RuntimeError if there is a second thread, which would keep its rights.
    """
    if sys.platform != "linux":
        return
    threads = Path("/proc/self/task")
    if threads.exists() and len(list(threads.iterdir())) > 1:
        raise RuntimeError("The sandbox must be entered before the first thread starts.")
    call_prctl(PR_SET_NO_NEW_PRIVS, 1)
    drop_capabilities()
    restrict_paths(reads, writes)
    restrict_system_calls(may_fork=may_fork)
