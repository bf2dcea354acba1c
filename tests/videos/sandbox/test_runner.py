"""The sandbox, with the functions below as the code that it runs in its child process."""

import os
import resource
import signal
import socket
import time
from pathlib import Path

import numpy as np
import pytest

from tests import footage
from videos.media.demux import find_video_stream, open_container
from videos.media.errors import MediaError
from videos.media.frames import decode_frames
from videos.sandbox import runner
from videos.sandbox.landlock import get_landlock_version


def double(number, progress):
    for step in range(5):
        progress(step / 5)
        time.sleep(0.25)
    print("this is not the result")  # noqa: T201
    return {"double": 2 * number}


def refuse():
    raise MediaError("This file is not a video. Choose another.")


def crash():
    os.abort()


def break_down():
    raise ZeroDivisionError("oops")


def allocate_memory():
    return len(bytearray(3 * 1024**3))


def fill():
    """Write to a full disk."""
    Path("/dev/full").write_bytes(b"more")


def sleep(seconds):
    time.sleep(seconds)


def write(path):
    Path(path).write_bytes(b"x" * 2_000_000)


def connect():
    with socket.create_connection(("127.0.0.1", 1), timeout=2):
        pass


def secrets():
    return {name: value for name, value in os.environ.items() if "SECRET" in name or "DATABASE" in name}


def write_many(folder, seconds):
    for number in range(8):
        Path(folder, str(number)).write_bytes(bytes(500_000))
    time.sleep(seconds)


def attempt(path, how):
    """Try an operation that no decoder needs and return "done" or the name of the error."""
    try:
        {
            "read": lambda: Path(path).read_bytes(),
            "list": lambda: list(Path(path).iterdir()),
            "write": lambda: Path(path).write_bytes(b"x"),
            "remove": lambda: Path(path).unlink(),
            "connect": lambda: socket.create_connection(("127.0.0.1", 1), timeout=2),
            "talk": lambda: socket.socket(socket.AF_UNIX).connect(path),
            "run": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606
            "signal": lambda: os.kill(int(path), 0),
        }[how]()
    except OSError as error:
        return type(error).__name__
    return "done"


def spin():
    while True:
        pass


def spin_without_signal():
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    spin()


def decode_all(path, more_bytes):
    """Decode all frames with a limit of `more_bytes` above the current memory, and return their count."""
    with open_container(path) as container:
        frames = decode_frames(container, find_video_stream(container))
        held = [next(frames)]
        status = Path("/proc/self/status").read_text()
        used = int(status.partition("VmData:")[2].split()[0]) * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (used + more_bytes, used + more_bytes))
        held += frames
        return len(held)


def has_descriptor(inode):
    """Return whether this process has a descriptor of the file with this number."""
    return any(path.stat().st_ino == inode for path in Path("/proc/self/fd").iterdir() if path.exists())


def get_pid():
    return os.getpid()


def path_of(name):
    return f"{__name__}:{name}"


def test_the_result_and_the_progress_are_returned():
    shares = []

    assert runner.run_in_sandbox(path_of("double"), {"number": 21}, shares.append) == {"double": 42}
    reported = [share for share in shares if share is not None]
    assert reported == sorted(reported)
    assert reported[-1] >= 0.6


def test_a_media_error_is_raised_with_its_message():
    with pytest.raises(runner.InputRejected, match="^This file is not a video. Choose another.$"):
        runner.run_in_sandbox(path_of("refuse"), {})


def test_a_crash_ends_the_child_not_the_worker():
    with pytest.raises(runner.SandboxError, match="ended with status -6"):
        runner.run_in_sandbox(path_of("crash"), {})


def test_an_exception_is_named_in_the_error():
    with pytest.raises(runner.SandboxError, match="ZeroDivisionError: oops"):
        runner.run_in_sandbox(path_of("break_down"), {})


def test_memory_is_limited():
    with pytest.raises(runner.SandboxError, match="memory limit"):
        runner.run_in_sandbox(path_of("allocate_memory"), {}, limits=runner.SandboxLimits(memory_bytes=1024**3))


def test_time_is_limited():
    began = time.monotonic()

    with pytest.raises(runner.SandboxError, match="the time limit"):
        runner.run_in_sandbox(path_of("sleep"), {"seconds": 600}, limits=runner.SandboxLimits(wall_seconds=1))
    assert time.monotonic() - began < 60


def test_a_decoder_without_memory_fails_instead_of_skipping_frames(tmp_path):
    flat = [np.full((720, 1280, 3), number, np.uint8) for number in range(40)]
    path = footage.write(tmp_path / "a.mp4", flat)
    arguments = {"path": str(path)}

    assert runner.run_in_sandbox(path_of("decode_all"), {**arguments, "more_bytes": 1024**3}, reads=[path]) == 40
    for more in (5, 20, 40):
        with pytest.raises(runner.SandboxLimitExceeded, match="memory limit"):
            runner.run_in_sandbox(path_of("decode_all"), {**arguments, "more_bytes": more * 10**6}, reads=[path])


def test_cpu_time_is_limited():
    with pytest.raises(runner.SandboxLimitExceeded, match="processor time limit"):
        runner.run_in_sandbox(path_of("spin"), {}, limits=runner.SandboxLimits(cpu_seconds=1, wall_seconds=60))


def test_a_child_that_ignores_the_signal_is_killed():
    with pytest.raises(runner.SandboxError, match="status -9"):
        runner.run_in_sandbox(
            path_of("spin_without_signal"), {}, limits=runner.SandboxLimits(cpu_seconds=3, wall_seconds=240)
        )


def test_output_is_limited(tmp_path):
    with pytest.raises(runner.SandboxLimitExceeded, match="size limit"):
        runner.run_in_sandbox(
            path_of("write"),
            {"path": str(tmp_path / "big")},
            limits=runner.SandboxLimits(output_bytes=1_000_000),
            room=tmp_path,
        )


def test_an_exception_of_the_callback_ends_the_child():
    def tick(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.run_in_sandbox(path_of("sleep"), {"seconds": 600}, tick)


def test_the_child_sees_no_secret(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "very secret")

    assert runner.run_in_sandbox(path_of("secrets"), {}) == {}


def test_the_child_inherits_no_open_file(tmp_path):
    with (tmp_path / "secret").open("w+") as file:
        os.set_inheritable(file.fileno(), True)
        inode = os.fstat(file.fileno()).st_ino

        assert runner.run_in_sandbox(path_of("has_descriptor"), {"inode": inode}) is False


def test_the_child_has_no_network():
    with pytest.raises(runner.SandboxError, match="Operation not permitted|unreachable"):
        runner.run_in_sandbox(path_of("connect"), {})


@pytest.mark.parametrize("seconds", [600, 0], ids=["while it runs", "after it ended"])
def test_the_total_output_is_limited(tmp_path, seconds):
    with pytest.raises(runner.SandboxLimitExceeded, match="output limit"):
        runner.run_in_sandbox(
            path_of("write_many"),
            {"folder": str(tmp_path), "seconds": seconds},
            limits=runner.SandboxLimits(output_bytes=1_000_000),
            room=tmp_path,
        )


def test_the_child_can_open_only_its_own_files(tmp_path, monkeypatch):
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        monkeypatch.delenv(name, raising=False)
    room, given, other = tmp_path / "room", tmp_path / "given.mp4", tmp_path / "others.mp4"
    room.mkdir()
    for path in (given, other):
        path.write_bytes(b"film")

    def tries(path, how):
        return runner.run_in_sandbox(path_of("attempt"), {"path": str(path), "how": how}, room=room, reads=[given])

    assert tries(given, "read") == tries(room / "still.jpg", "write") == tries(room / "still.jpg", "remove") == "done"
    refused = [
        (other, "read"),
        (given, "write"),
        (given, "remove"),
        (tmp_path, "list"),
        (tmp_path / "new", "write"),
        (f"/proc/{os.getpid()}/environ", "read"),
        ("/etc/passwd", "read"),
        (runner.ROOT / "manage.py", "read"),
    ]
    is_confined = get_landlock_version() > 0  # else `manage.py check` warns
    assert not is_confined or [tries(*each) for each in refused] == ["PermissionError"] * len(refused)


@pytest.mark.parametrize("how", ["connect", "talk", "run"])
def test_the_child_can_open_no_socket_and_start_no_program(how):
    assert runner.run_in_sandbox(path_of("attempt"), {"path": "/nowhere", "how": how}) == "PermissionError"


def test_the_child_can_signal_no_other_process():
    assert runner.run_in_sandbox(path_of("attempt"), {"path": str(os.getpid()), "how": "signal"}) == "PermissionError"


def test_no_child_is_left_behind():
    pid = runner.run_in_sandbox(path_of("get_pid"), {})

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
