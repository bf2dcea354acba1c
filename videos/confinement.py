"""What keeps the decoder's process in: no file but its own, no socket, no other program. Linux only; elsewhere nothing.

Two doors of the kernel that need no privilege: Landlock (5.13 and later) says which paths may be opened, and a seccomp
filter refuses system calls that no decoder needs. Both hold for the process and all that it starts, for good.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = (
    Path(sys.prefix),
    Path(sys.base_prefix),
    ROOT / "videos",
    ROOT / "sage",
    Path("/usr"),
    Path("/lib"),
    Path("/lib64"),
)
MACHINE = (  # what libraries ask of the machine; /proc as a whole would show the secrets of other processes
    *map(Path, ("/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/full")),
    *map(Path, ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")),
)

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on all processors
_VERSION = 1
_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_ALL_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}  # later: one more
_NO_TCP, _NO_SIGNALS_OUT = 3, 3

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # refused is EPERM
_LOAD, _IS, _IS_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_FOREIGN_CALLS = 0x40000000  # those of x32 on x86_64
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_REFUSED = {  # as the kernel numbers them: the same calls on both
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


def landlock_version() -> int:
    """Of this kernel; 0 where it has none."""
    if sys.platform != "linux":
        return 0
    return max(0, _call(_CREATE_RULESET, None, 0, _VERSION))


def has_filter() -> bool:
    """Whether there is a filter of system calls for this machine."""
    return sys.platform == "linux" and platform.machine() in _REFUSED


def confine(reads: Iterable[Path], writes: Iterable[Path]) -> None:
    """Give up, for good, all but reading `reads` and Python's own files, and using `writes` as it likes.

    Call it with one thread only, after all modules of ours are imported. Does what this kernel can.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return
    if version := landlock_version():
        _shut_paths(version, reads, writes)
    if has_filter():
        _shut_calls(libc)


def _shut_paths(version: int, reads: Iterable[Path], writes: Iterable[Path]) -> None:
    everything = _ALL_BY_VERSION.get(version, (1 << 16) - 1)
    fields = (everything, _NO_TCP if version >= 4 else 0, _NO_SIGNALS_OUT if version >= 6 else 0)
    known = 1 if version < 4 else 2 if version < 6 else 3
    ruleset = _call(_CREATE_RULESET, struct.pack(f"<{known}Q", *fields[:known]), 8 * known, 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "Landlock takes no rules")
    try:
        for path in (*CODE, *MACHINE, *reads):
            _allow(ruleset, path, (_READ_FILE | _READ_DIR | _EXECUTE) & everything)
        for path in (Path("/dev/null"), Path("/dev/full")):
            _allow(ruleset, path, _WRITE_FILE)
        for path in writes:
            _allow(ruleset, path, everything)
        if _call(_RESTRICT_SELF, ruleset, 0):
            raise OSError(ctypes.get_errno(), "Landlock does not hold")
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # what cannot be opened now could not be later
    try:
        rule = struct.pack("<Qi", access if path.is_dir() else access & _OF_FILES, place)
        if _call(_ADD_RULE, ruleset, _BENEATH, rule, 0):
            raise OSError(ctypes.get_errno(), f"Landlock takes no rule for {path}")
    finally:
        os.close(place)


def _shut_calls(libc: ctypes.CDLL) -> None:
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
        raise OSError(ctypes.get_errno(), "the filter of system calls does not hold")


def _call(number: int, *arguments: int | bytes | None) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    given = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return int(libc.syscall(ctypes.c_long(number), *given))
