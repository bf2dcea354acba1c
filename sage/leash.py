"""Run a command that is told when its parent dies: `leash.py SIGNAL PARENT_PID COMMAND …`.

The kernel sends the signal (prctl's PR_SET_PDEATHSIG), so that not even `kill -9` of the parent leaves an orphan. It is
a program of its own because the setting is lost when a process changes its user, as `unshare` before it does.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(number: int, parent: int) -> None:
    """Ask for signal `number` when the parent dies; exit now where `parent` is dead already."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(0)


if __name__ == "__main__":
    die_with_parent(signal.Signals[f"SIG{sys.argv[1]}"], int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606 - the arguments come from the supervisor alone
