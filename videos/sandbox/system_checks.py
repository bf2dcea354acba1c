"""Report at `manage.py check` which protections of the sandbox this system lacks."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.core import checks

from videos.sandbox.landlock import ROOT, get_landlock_version
from videos.sandbox.namespaces import NAMESPACES
from videos.sandbox.seccomp import supports_seccomp

SCOPES_VERSION = 6  # of Landlock: the first that keeps signals inside
_PROBE = "from videos.sandbox.namespaces import enter_namespaces; print(*enter_namespaces())"


def check_confinement(**_: Any) -> list[checks.CheckMessage]:
    """Return a warning for each protection that this system lacks."""
    if sys.platform != "linux":
        return [
            checks.Warning(
                "The sandbox protects only on Linux, so a decoder can do all that Sage can do.",
                hint="Run the workers on Linux.",
                id="videos.W001",
            )
        ]
    return [*_check_landlock(), *_check_seccomp(), *_check_namespaces(), *_check_memory()]


def _check_landlock() -> list[checks.CheckMessage]:
    if get_landlock_version():
        return []
    return [
        checks.Warning(
            "This kernel has no Landlock, so a decoder can open every file that Sage can open.",
            hint="Run the workers on Linux 5.13 or later, with `landlock` in the list of security modules "
            "(/sys/kernel/security/lsm), or under a user who owns nothing else.",
            id="videos.W002",
        )
    ]


def _check_seccomp() -> list[checks.CheckMessage]:
    if supports_seccomp():
        return []
    return [
        checks.Warning(
            "This system has no system call filter for decoders, so a decoder can start programs, open sockets, "
            "change the mode of files and signal other processes.",
            hint="Run the workers on x86_64 or aarch64, on a kernel with CONFIG_SECCOMP_FILTER.",
            id="videos.W003",
        )
    ]


def _check_namespaces() -> list[checks.CheckMessage]:
    available = probe_namespaces()
    missing = [name for name in NAMESPACES if name not in available]
    if not missing:
        return []
    names = " and ".join([", ".join(missing[:-1]), missing[-1]] if missing[:-1] else missing)
    return [
        checks.Warning(
            f"A decoder gets no {names} namespace of its own, so less keeps it from other processes of this user.",
            hint="Allow user namespaces to the user of the workers: set the sysctl user.max_user_namespaces above 0, "
            "kernel.unprivileged_userns_clone to 1 and kernel.apparmor_restrict_unprivileged_userns to 0 where they "
            "exist. In a container, also allow the system call `unshare` in its seccomp profile.",
            id="videos.W004",
        )
    ]


def _check_memory() -> list[checks.CheckMessage]:
    if has_proc():
        return []
    return [
        checks.Warning(
            "This system has no /proc, so Sage cannot measure the memory, threads and processes of decoders.",
            hint="Mount proc on /proc.",
            id="videos.W005",
        )
    ]


def has_proc() -> bool:
    """Return whether /proc shows processes."""
    return Path(f"/proc/{os.getpid()}/status").exists()


def probe_namespaces() -> set[str]:
    """Return the names of the namespaces that a new process can enter, tried in a child process."""
    command = [sys.executable, "-S", "-c", _PROBE]
    result = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    return set(result.stdout.split())
