import errno
import os
import threading
from pathlib import Path

import pytest

from tests.videos.sandbox.processes import USERS, run_as
from videos.sandbox.confinement import confine_process
from videos.sandbox.kernel import PR_SET_NO_NEW_PRIVS, call_prctl
from videos.sandbox.namespaces import enter_namespaces
from videos.sandbox.seccomp import install_filter, supports_seccomp
from videos.sandbox.system_checks import probe_namespaces

UNSHARE = {"x86_64": 272, "aarch64": 97}


def forbid_namespaces():
    """Refuse the call `unshare` to this process, as many containers do."""
    call_prctl(PR_SET_NO_NEW_PRIVS, 1)
    refused = UNSHARE[os.uname().machine]
    install_filter(
        [(0x20, 0, 0, 0), (0x15, 0, 1, refused), (0x06, 0, 0, 0x50000 | errno.EPERM), (0x06, 0, 0, 0x7FFF0000)]
    )


@pytest.mark.parametrize("user", USERS)
def test_the_user_and_group_stay_the_same_in_the_namespaces(user):
    def work():
        enter_namespaces()
        return os.getuid(), os.geteuid(), os.getegid()

    group = user if user != os.geteuid() else os.getegid()
    assert run_as(user, work) == [user, user, group]


@pytest.mark.parametrize("user", USERS)
def test_a_container_without_namespaces_is_no_error(user):
    def work():
        if not supports_seccomp():
            return []
        forbid_namespaces()
        entered = enter_namespaces()
        confine_process([], [])
        return sorted(entered)

    assert run_as(user, work) == []


def test_the_probe_changes_nothing_for_this_process():
    before = Path("/proc/self/ns/user").stat().st_ino
    probe_namespaces()
    assert Path("/proc/self/ns/user").stat().st_ino == before


def test_a_process_with_a_second_thread_is_not_confined():
    def work():
        done = threading.Event()
        threading.Thread(target=done.wait, daemon=True).start()
        try:
            confine_process([], [])
        except RuntimeError as error:
            return str(error)
        finally:
            done.set()

    assert "first thread" in run_as(os.geteuid(), work)
