"""Move this process into namespaces of its own (namespaces(7)): user, network and IPC.

In its own user namespace a process has no rights over others of the same user: the kernel refuses it their memory,
environment and open files, even if it runs as root. In its own network and IPC namespaces there are no network devices
and no shared memory of others.
"""

import ctypes
import os
from contextlib import suppress
from pathlib import Path

from videos.sandbox.kernel import LIBC

CLONE_FLAGS = {"user": 0x10000000, "network": 0x40000000, "IPC": 0x08000000}
NAMESPACES = tuple(CLONE_FLAGS)
# An ordinary user gets the others only together with the user namespace. A system may allow only some of them.
_ATTEMPTS = (NAMESPACES, ("user",), ("network",), ("IPC",))


def enter_namespaces() -> set[str]:
    """Enter all namespaces that the system allows and return their names. Call it while there is only one thread."""
    user, group = os.geteuid(), os.getegid()
    with suppress(PermissionError):
        os.setgroups([])  # a user namespace keeps them
    entered: set[str] = set()
    for names in _ATTEMPTS:
        if not entered.issuperset(names) and _unshare(names):
            entered.update(names)
            if "user" in names:
                _map_identity(user, group)
    return entered


def _unshare(names: tuple[str, ...]) -> bool:
    flags = sum(CLONE_FLAGS[name] for name in names)
    return bool(LIBC.unshare(ctypes.c_int(flags)) == 0)


def _map_identity(user: int, group: int) -> None:
    """Keep the ids of this process in its user namespace. Without /proc it has none there and works all the same."""
    with suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
