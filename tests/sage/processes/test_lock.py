"""The lock of a site's folder, held by real processes."""

import os
import subprocess
import sys
import threading

import pytest

from sage.processes import lock as lock_module
from sage.processes.embedded import EmbeddedServerError
from sage.processes.lock import SiteLock, kill_orphans
from tests.servers import wait_until

NOT_ENDING = threading.Event()
HOLD = "import sys; print('holding', flush=True); sys.stdin.read()"


@pytest.fixture
def hold_lock(tmp_path):
    """Return a function that starts a process which holds the lock, as an orphan of a dead supervisor does."""
    started = []

    def start(cwd=tmp_path, supervisor="999999999"):
        lock = SiteLock(tmp_path / "lock")
        lock.acquire(lambda: None, NOT_ENDING)
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=cwd,
            pass_fds=[lock.fileno()],
        )
        started.append(process)
        process.stdout.readline()
        lock.path.write_text(supervisor or str(process.pid))
        lock.release()
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(60)


@pytest.fixture
def data_dir(tmp_path):
    created = tmp_path / "postgres"
    created.mkdir()
    return created


@pytest.mark.parametrize("content", ["999999999", "1", str(os.getppid()), "", "nonsense"])
def test_the_id_of_a_process_that_does_not_hold_the_lock_is_ignored(tmp_path, content):
    (tmp_path / "lock").write_text(content)
    lock = SiteLock(tmp_path / "lock")

    lock.acquire(lambda: None, NOT_ENDING)

    assert lock.path.read_text() == str(os.getpid())
    lock.release()


def test_a_running_supervisor_is_reported_at_once(hold_lock, tmp_path):
    process = hold_lock(supervisor="")

    with pytest.raises(EmbeddedServerError, match=f"already running in .* \\(process {process.pid}\\)"):
        SiteLock(tmp_path / "lock").acquire(pytest.fail, NOT_ENDING)


def test_the_holders_are_found(hold_lock, tmp_path):
    process = hold_lock()

    assert SiteLock(tmp_path / "lock").find_holders() == [process.pid]


def test_orphans_of_postgres_are_killed_so_that_the_lock_becomes_free(hold_lock, tmp_path, data_dir):
    backend = hold_lock(cwd=data_dir)
    lock = SiteLock(tmp_path / "lock")

    lock.acquire(lambda: kill_orphans(lock, data_dir), NOT_ENDING)

    assert backend.wait(60) == -9
    lock.release()


def test_processes_that_are_not_of_postgres_are_never_signalled(hold_lock, tmp_path, data_dir, monkeypatch):
    other = hold_lock()
    monkeypatch.setattr(lock_module, "LEFTOVER_SECONDS", 0.5)
    lock = SiteLock(tmp_path / "lock")

    with pytest.raises(EmbeddedServerError, match=f"Processes of an earlier run .*: {other.pid}. End them"):
        lock.acquire(lambda: kill_orphans(lock, data_dir), NOT_ENDING)

    assert other.poll() is None


def test_processes_without_the_lock_are_never_signalled(hold_lock, tmp_path, data_dir):
    """A process in the same folder, such as the shell of an operator."""
    shell = subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=data_dir)
    shell.stdout.readline()
    backend = hold_lock(cwd=data_dir)

    assert kill_orphans(SiteLock(tmp_path / "lock"), data_dir) == [backend.pid]
    assert backend.wait(60) == -9
    assert shell.poll() is None
    shell.kill()
    shell.wait(60)


def test_the_backends_of_a_running_postmaster_are_not_killed(hold_lock, tmp_path, data_dir):
    postmaster = hold_lock(cwd=data_dir)
    (data_dir / "postmaster.pid").write_text(f"{postmaster.pid}\n{data_dir}\n")

    assert kill_orphans(SiteLock(tmp_path / "lock"), data_dir) == []
    assert postmaster.poll() is None


def test_the_lock_waits_for_processes_that_are_ending(hold_lock, tmp_path):
    process = hold_lock()
    lock = SiteLock(tmp_path / "lock")

    lock.acquire(process.stdin.close, NOT_ENDING)

    wait_until(lambda: process.poll() == 0)
    lock.release()


def test_a_signal_ends_the_wait_for_the_lock(hold_lock, tmp_path):
    hold_lock()
    ending = threading.Event()

    with pytest.raises(EmbeddedServerError, match="Sage was stopped while it waited"):
        SiteLock(tmp_path / "lock").acquire(ending.set, ending)
