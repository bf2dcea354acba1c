"""Call the Linux kernel through the C library, for calls that Python does not offer."""

import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22


def call_prctl(option: int, *arguments: int) -> int:
    """Call prctl(2) and return its result. Raises OSError if it fails."""
    given = [ctypes.c_ulong(each) for each in (*arguments, 0, 0, 0, 0)[:4]]
    result = int(LIBC.prctl(ctypes.c_int(option), *given))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def call_system(number: int, *arguments: int | bytes | None) -> int:
    """Make the system call with this number and return its result: -1 if it fails, with the reason in the errno."""
    given = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return int(LIBC.syscall(ctypes.c_long(number), *given))
