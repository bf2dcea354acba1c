"""Give up all capabilities of root (capabilities(7)), so that a decoder of a worker that runs as root has none."""

import ctypes
import os
import struct
from contextlib import suppress
from pathlib import Path

from videos.sandbox.kernel import LIBC, call_prctl

PR_CAPBSET_DROP, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 24, 28, 47, 4
# SECBIT_NOROOT, NO_SETUID_FIXUP and NO_CAP_AMBIENT_RAISE with their locks, and the lock of KEEP_CAPS: root gets no
# capability by its user id, ever.
SECUREBITS = 0b11101111
HIGHEST_NUMBER = 63  # of a capability, if the kernel does not tell
_VERSION_3 = 0x20080522


def drop_capabilities() -> None:
    """Empty the bounding, ambient, inheritable, permitted and effective set of this thread, permanently.

    A process without CAP_SETPCAP cannot empty its bounding set. `no_new_privs` keeps it from using that set.
    """
    with suppress(OSError):
        call_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    with suppress(OSError):  # EPERM without CAP_SETPCAP, EINVAL after the last capability
        for number in range(_find_highest() + 1):
            call_prctl(PR_CAPBSET_DROP, number)
    with suppress(OSError):
        call_prctl(PR_SET_SECUREBITS, SECUREBITS)
    if LIBC.capset(struct.pack("<Ii", _VERSION_3, 0), bytes(24)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _find_highest() -> int:
    try:
        return int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    except OSError:
        return HIGHEST_NUMBER
