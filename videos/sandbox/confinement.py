"""Confine the process of a decoder on Linux: it can open only its own files, no socket and no other program.

Landlock (kernel 5.13 and later) restricts the paths that may be opened. A seccomp filter refuses system calls that no
decoder needs. Both need no privilege, and hold permanently for the process and its children.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

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
    *map(Path, ("/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/full")),
    *map(Path, ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")),
)

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on all processors
_VERSION = 1
_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
# All access rights to files by Landlock version. Later versions have one more.
_ALL_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_NO_TCP, _NO_SIGNALS_OUT = 3, 3

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # a refused call fails with EPERM
_LOAD, _IS, _IS_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_FOREIGN_CALLS = 0x40000000  # calls of the x32 ABI on x86_64
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_REFUSED = {  # call numbers of the kernel; both lists contain the same calls
    "x86_64": (
        *(41, 42, 43, 49, 50, 288),  # socket, connect, accept, bind, listen, accept4
        *(59, 322, 101, 310, 311, 312, 438),  # execve, execveat, ptrace, process_vm_*, kcmp, pidfd_getfd
        *(155, 161, 165, 166, 272, 308, 428, 429, 430, 442),  # roots, mounts, namespaces
        *(175, 176, 246, 248, 249, 250, 298, 313, 321, 323, 425, 426, 427),  # modules, keys, perf, bpf, io_uring
        *(303, 304),  # files by handle
    ),
    "aarch64": (
        *(198, 200, 201, 202, 203, 242),
        *(221, 281, 117, 270, 271, 272, 438),
        *(39, 40, 41, 51, 97, 268, 428, 429, 430, 442),
        *(104, 105, 106, 217, 218, 219, 241, 273, 280, 282, 425, 426, 427),
        *(264, 265),
    ),
}


def get_landlock_version() -> int:
    """Return the Landlock version of this kernel, or 0 if it has none."""
    if sys.platform != "linux":
        return 0
    return max(0, _call_kernel(_CREATE_RULESET, None, 0, _VERSION))


def supports_seccomp() -> bool:
    """Return whether a system call filter exists for this processor."""
    return sys.platform == "linux" and platform.machine() in _REFUSED


def confine_process(reads: Iterable[Path], writes: Iterable[Path]) -> None:
    """Restrict this process permanently to reading `reads` and Python's files, and to reading and writing `writes`.

    Call it while there is only one thread, after all modules of Sage are imported. Features that the kernel does not
    have are skipped.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return
    if version := get_landlock_version():
        _restrict_paths(version, reads, writes)
    if supports_seccomp():
        _restrict_system_calls(libc)


def _restrict_paths(version: int, reads: Iterable[Path], writes: Iterable[Path]) -> None:
    everything = _ALL_BY_VERSION.get(version, (1 << 16) - 1)
    fields = (everything, _NO_TCP if version >= 4 else 0, _NO_SIGNALS_OUT if version >= 6 else 0)
    known = 1 if version < 4 else 2 if version < 6 else 3
    ruleset = _call_kernel(_CREATE_RULESET, struct.pack(f"<{known}Q", *fields[:known]), 8 * known, 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "Landlock could not create a rule set")
    try:
        for path in (*CODE, *MACHINE, *reads):
            _allow_path(ruleset, path, (_READ_FILE | _READ_DIR | _EXECUTE) & everything)
        for path in (Path("/dev/null"), Path("/dev/full")):
            _allow_path(ruleset, path, _WRITE_FILE)
        for path in writes:
            _allow_path(ruleset, path, everything)
        if _call_kernel(_RESTRICT_SELF, ruleset, 0):
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
        if _call_kernel(_ADD_RULE, ruleset, _BENEATH, rule, 0):
            raise OSError(ctypes.get_errno(), f"Landlock could not add a rule for {path}")
    finally:
        os.close(place)


def _restrict_system_calls(libc: ctypes.CDLL) -> None:
    machine = platform.machine()
    refused = _REFUSED[machine]
    steps = [
        (_LOAD, 0, 0, 4),  # the architecture
        (_IS, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # the number of the call
        (_IS_AT_LEAST, len(refused) + 1, 0, _FOREIGN_CALLS),
        *((_IS, len(refused) - place, 0, number) for place, number in enumerate(refused)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    if libc.prctl(_SECCOMP, _FILTER, program, 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp could not install the filter")


def _call_kernel(number: int, *arguments: int | bytes | None) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    given = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return int(libc.syscall(ctypes.c_long(number), *given))
