"""Restrict the paths that this process can open by Landlock (Linux 5.13 and later, landlock(7)).

Landlock needs no privilege. It holds permanently for the process and its children.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from videos.sandbox.kernel import call_system

ROOT = Path(__file__).resolve().parents[2]
CODE = (
    Path(sys.prefix),
    Path(sys.base_prefix),
    ROOT / "videos",
    ROOT / "sage",
    Path("/usr"),
    Path("/lib"),
    Path("/lib64"),
)
MACHINE = (  # what libraries read; all of /proc would expose the secrets of other processes
    *map(Path, ("/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom", "/dev/full")),
    *map(Path, ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")),
)

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on all processors
_VERSION = 1
_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_MAKE_CHAR, _MAKE_SOCK, _MAKE_FIFO, _MAKE_BLOCK, _MAKE_SYM = (1 << bit for bit in (6, 9, 10, 11, 12))
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
# A worker could follow a link out of the folder, or wait forever for a pipe. No path may be executed.
_NEVER_ALLOWED = _EXECUTE | _MAKE_CHAR | _MAKE_SOCK | _MAKE_FIFO | _MAKE_BLOCK | _MAKE_SYM
# All access rights to files by Landlock version. Later versions have one more.
_ALL_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_NO_TCP = 3
_SCOPES = 3  # no abstract Unix sockets of other processes, no signals to them


def get_landlock_version() -> int:
    """Return the Landlock version of this kernel, or 0 if it has none."""
    if sys.platform != "linux":
        return 0
    return max(0, call_system(_CREATE_RULESET, None, 0, _VERSION))


def restrict_paths(reads: Iterable[Path], writes: Iterable[Path]) -> None:
    """Allow only reading `reads` and Python's files, and reading and writing `writes`. Do nothing without Landlock.

    Raises OSError if the kernel has Landlock and refuses the rules.
    """
    version = get_landlock_version()
    if not version:
        return
    everything = _ALL_BY_VERSION.get(version, (1 << 16) - 1)
    fields = (everything, _NO_TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    known = 1 if version < 4 else 2 if version < 6 else 3
    ruleset = call_system(_CREATE_RULESET, struct.pack(f"<{known}Q", *fields[:known]), 8 * known, 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "Landlock could not create a rule set")
    try:
        for path in (*CODE, *MACHINE, *reads):
            _allow_path(ruleset, path, _READ_FILE | _READ_DIR)
        for path in (Path("/dev/null"), Path("/dev/full")):
            _allow_path(ruleset, path, _WRITE_FILE)
        for path in writes:
            _allow_path(ruleset, path, everything & ~_NEVER_ALLOWED)
        if call_system(_RESTRICT_SELF, ruleset, 0):
            raise OSError(ctypes.get_errno(), "Landlock could not restrict the process")
    finally:
        os.close(ruleset)


def _allow_path(ruleset: int, path: Path, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # a path that cannot be opened needs no rule
    try:
        rule = struct.pack("<Qi", access if path.is_dir() else access & _OF_FILES, place)
        if call_system(_ADD_RULE, ruleset, _BENEATH, rule, 0):
            raise OSError(ctypes.get_errno(), f"Landlock could not add a rule for {path}")
    finally:
        os.close(place)
