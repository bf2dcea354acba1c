"""Run a command that gets a signal when its parent dies: `parent_death.py SIGNAL PARENT_PID COMMAND …`.

The kernel sends the signal (`PR_SET_PDEATHSIG`, prctl(2)), so that no process is orphaned even if the parent is killed
by SIGKILL. This is a separate program because a process loses the setting when it changes its user, as `unshare` does.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(number: int, parent: int) -> None:
    """Request signal `number` for the time when the parent dies. Exit now if `parent` has died already."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(0)


if __name__ == "__main__":
    die_with_parent(signal.Signals[f"SIG{sys.argv[1]}"], int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606 - the arguments come from the supervisor
