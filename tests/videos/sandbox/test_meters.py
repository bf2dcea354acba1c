"""What the parent measures, with the functions below as the code of an attacker in the child process."""

import json
import mmap
import os
import signal
import stat
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.videos.sandbox.processes import USERS, run_as
from videos.sandbox import meters, runner
from videos.sandbox.meters import find_special_file, list_processes, measure_process
from videos.sandbox.protocol import SandboxLimits

MEGABYTE = 1024**2


def path_of(name):
    return f"{__name__}:{name}"


def hold_deleted_files(folder):
    for number in range(4):
        path = Path(folder, str(number))
        os.write(os.open(path, os.O_CREAT | os.O_WRONLY), bytes(MEGABYTE))
        path.unlink()
    time.sleep(600)


def fill_log():
    for _ in range(4):
        sys.stderr.write("x" * MEGABYTE)
    sys.stderr.flush()
    time.sleep(600)


def nest_folders(folder):
    for _ in range(50):
        folder += "/d"
        Path(folder).mkdir()
    time.sleep(600)


def start_threads(count):
    threading.stack_size(64 * 1024)
    for _ in range(count):
        threading.Thread(target=time.sleep, args=(600,)).start()
    time.sleep(600)


def fork_processes(count):
    for _ in range(count):
        if os.fork() == 0:
            time.sleep(600)
    time.sleep(600)


def is_pipe(descriptor):
    with suppress(OSError):
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    return False


def send(line):
    """Write a message to the parent as a hostile child can: on its only pipe."""
    (answers,) = filter(is_pipe, range(3, 256))  # 0 to 2 are the standard files
    os.write(answers, line.encode() + b"\n")
    time.sleep(600)


def fork_and_exit(count):
    """Leave processes behind that do not keep the pipe to the parent open."""
    for _ in range(count):
        if os.fork() == 0:
            os.closerange(0, 256)
            time.sleep(600)
    return os.getpid()


def wait():
    time.sleep(600)


@pytest.mark.parametrize(
    ("work", "limits", "words"),
    [
        ("hold_deleted_files", {"output_bytes": 2 * MEGABYTE}, "output limit"),
        ("nest_folders", {}, "nested folders"),
    ],
)
def test_what_is_hidden_in_the_room_is_limited(tmp_path, work, limits, words):
    with pytest.raises(runner.SandboxLimitExceeded, match=words):
        runner.run_in_sandbox(path_of(work), {"folder": str(tmp_path)}, limits=SandboxLimits(**limits), room=tmp_path)


def test_a_folder_that_cannot_be_listed_is_refused():
    def work():
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            hidden = Path(folder, "hidden")
            hidden.mkdir(mode=0o300)
            try:
                find_special_file(Path(folder))
            except runner.SandboxLimitExceeded as error:
                return str(error)
            finally:
                hidden.chmod(0o700)

    assert "cannot be measured" in run_as(USERS[-1], work)  # root may list every folder


def test_the_log_is_limited():
    with pytest.raises(runner.SandboxLimitExceeded, match="limit"):
        runner.run_in_sandbox(path_of("fill_log"), {}, limits=SandboxLimits(output_bytes=2 * MEGABYTE))


def test_threads_are_limited(monkeypatch):
    monkeypatch.setattr(meters, "MAX_THREADS", 20)
    with pytest.raises(runner.SandboxLimitExceeded, match="limit of threads"):
        runner.run_in_sandbox(path_of("start_threads"), {"count": 30})


def test_processes_are_limited():
    with pytest.raises(runner.SandboxLimitExceeded, match="limit of processes"):
        runner.run_in_sandbox(path_of("fork_processes"), {"count": 4}, limits=SandboxLimits(processes=3))


def test_no_forked_process_is_left_behind():
    leader = runner.run_in_sandbox(path_of("fork_and_exit"), {"count": 2}, limits=SandboxLimits(processes=3))

    while list_processes(leader):  # a killed process takes a moment to end
        time.sleep(0.01)


def test_memory_beside_the_data_of_the_process_is_measured():
    """Shared memory does not count for RLIMIT_DATA."""

    def work():
        before, _ = measure_process(os.getpid())
        shared = mmap.mmap(-1, 32 * MEGABYTE)
        shared.write(b"x" * 32 * MEGABYTE)
        after, threads = measure_process(os.getpid())
        return after - before >= 32 * MEGABYTE, threads

    assert run_as(os.geteuid(), work) == [True, 1]


def test_a_child_that_uses_more_memory_than_allowed_is_stopped(monkeypatch):
    monkeypatch.setattr(meters, "UNCOUNTED_BYTES", -SandboxLimits.memory_bytes)
    with pytest.raises(runner.SandboxLimitExceeded, match="memory limit"):
        runner.run_in_sandbox(path_of("wait"), {})


def test_a_process_that_ended_is_not_listed():
    pid = os.fork()
    if pid == 0:
        os.setsid()
        signal.pause()
    while list_processes(pid) != [pid]:
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    assert list_processes(pid) == []
    os.waitpid(pid, 0)
    assert (list_processes(pid), measure_process(pid)) == ([], (0, 0))


@pytest.mark.parametrize(
    "create",
    [
        lambda path: path.symlink_to("/etc/passwd"),
        lambda path: os.mkfifo(path),
        lambda path: path.hardlink_to(path.parent / "still.jpg"),
    ],
    ids=["symbolic link", "named pipe", "hard link"],
)
def test_a_link_or_a_special_file_is_found(tmp_path, create):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "still.jpg").write_bytes(b"x")
    assert find_special_file(tmp_path) is None

    create(tmp_path / "folder" / "special")

    assert find_special_file(tmp_path)


@pytest.mark.parametrize(
    "line",
    ["no JSON", "[" * 100_000, "[]", '{"a": 1}', '{"progress": 7}', '{"progress": NaN}', '{"progress": "x"}'],
    ids=["text", "depth", "list", "unknown", "large progress", "NaN", "text as progress"],
)
def test_a_message_that_follows_no_protocol_ends_the_child(line):
    with pytest.raises(runner.SandboxError, match="the child sent"):
        runner.run_in_sandbox(path_of("send"), {"line": line})


def test_a_message_with_two_answers_is_invalid():
    with pytest.raises(runner.SandboxError, match="unknown message"):
        runner.run_in_sandbox(path_of("send"), {"line": json.dumps({"result": 1, "refused": "no"})})
