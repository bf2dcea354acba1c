"""The functions below are what the sandbox runs here, in its child."""

import os
import resource
import signal
import socket
import time
from pathlib import Path

import numpy as np
import pytest

from tests import footage
from videos import sandbox
from videos.confinement import has_filter, landlock_version
from videos.media.errors import MediaError
from videos.media.frames import decode
from videos.media.opening import open_container, video_stream


def double(number, progress):
    for step in range(5):
        progress(step / 5)
        time.sleep(0.25)
    print("this is not an answer")  # noqa: T201
    return {"double": 2 * number}


def refuse():
    raise MediaError("This file is no video. Choose another.")


def crash():
    os.abort()


def break_down():
    raise ZeroDivisionError("oops")


def eat():
    return len(bytearray(3 * 1024**3))


def fill():
    """/dev/full is a disk without room."""
    Path("/dev/full").write_bytes(b"more")


def sleep(seconds):
    time.sleep(seconds)


def write(path):
    Path(path).write_bytes(b"x" * 2_000_000)


def dial():
    with socket.create_connection(("127.0.0.1", 1), timeout=2):
        pass


def secrets():
    return {name: value for name, value in os.environ.items() if "SECRET" in name or "DATABASE" in name}


def write_many(folder):
    for number in range(8):
        Path(folder, str(number)).write_bytes(bytes(500_000))
    time.sleep(60)


def attempt(path, how):
    """What comes of an attempt at something that no decoder needs."""
    try:
        {
            "read": lambda: Path(path).read_bytes(),
            "list": lambda: list(Path(path).iterdir()),
            "write": lambda: Path(path).write_bytes(b"x"),
            "remove": lambda: Path(path).unlink(),
            "dial": lambda: socket.create_connection(("127.0.0.1", 1), timeout=2),
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


def spin_deaf():
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    spin()


def decode_all(path, more_bytes):
    """How many frames there are, all held at once, with so much memory more than the first of them took."""
    with open_container(path) as container:
        frames = decode(container, video_stream(container))
        held = [next(frames)]
        status = Path("/proc/self/status").read_text()
        used = int(status.partition("VmData:")[2].split()[0]) * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (used + more_bytes, used + more_bytes))
        held += frames
        return len(held)


def me():
    return os.getpid()


def here(name):
    return f"{__name__}:{name}"


def test_it_returns_what_the_function_returned_and_hears_its_progress():
    heard = []

    assert sandbox.run(here("double"), {"number": 21}, heard.append) == {"double": 42}
    told = [share for share in heard if share is not None]
    assert told == sorted(told)
    assert told[-1] >= 0.6


def test_a_refusal_reaches_the_user_in_its_own_words():
    with pytest.raises(sandbox.Refused, match="^This file is no video. Choose another.$"):
        sandbox.run(here("refuse"), {})


def test_a_crash_ends_the_child_not_the_worker():
    with pytest.raises(sandbox.SandboxError, match="ended with status -6"):
        sandbox.run(here("crash"), {})


def test_a_fault_says_in_the_log_what_it_was():
    with pytest.raises(sandbox.SandboxError, match="ZeroDivisionError: oops"):
        sandbox.run(here("break_down"), {})


def test_memory_is_limited():
    with pytest.raises(sandbox.SandboxError, match="more memory"):
        sandbox.run(here("eat"), {}, limits=sandbox.Limits(memory_bytes=1024**3))


def test_time_is_limited():
    began = time.monotonic()

    with pytest.raises(sandbox.SandboxError, match="longer than it may"):
        sandbox.run(here("sleep"), {"seconds": 60}, limits=sandbox.Limits(wall_seconds=1))
    assert time.monotonic() - began < 20


def test_a_decoder_that_runs_out_of_memory_leaves_out_no_frame(tmp_path):
    flat = [np.full((720, 1280, 3), number, np.uint8) for number in range(40)]
    path = footage.write(tmp_path / "a.mp4", flat)
    asked = {"path": str(path)}

    assert sandbox.run(here("decode_all"), {**asked, "more_bytes": 1024**3}, reads=[path]) == 40
    for more in (5, 20, 40):
        with pytest.raises(sandbox.UsedUp, match="more memory"):
            sandbox.run(here("decode_all"), {**asked, "more_bytes": more * 10**6}, reads=[path])


def test_time_of_the_processor_is_limited():
    with pytest.raises(sandbox.UsedUp, match="computed for longer"):
        sandbox.run(here("spin"), {}, limits=sandbox.Limits(cpu_seconds=1, wall_seconds=60))


def test_a_child_that_does_not_hear_of_it_is_ended_all_the_same():
    with pytest.raises(sandbox.SandboxError, match="status -9"):
        sandbox.run(here("spin_deaf"), {}, limits=sandbox.Limits(cpu_seconds=1, wall_seconds=60))


def test_output_is_limited(tmp_path):
    with pytest.raises(sandbox.UsedUp, match="larger file"):
        sandbox.run(
            here("write"), {"path": str(tmp_path / "big")}, limits=sandbox.Limits(output_bytes=1_000_000), room=tmp_path
        )


def test_whatever_a_tick_raises_ends_the_child_at_once():
    def tick(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sandbox.run(here("sleep"), {"seconds": 60}, tick)


def test_the_child_sees_no_secret(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "very secret")

    assert sandbox.run(here("secrets"), {}) == {}


def test_the_child_has_no_network():
    with pytest.raises(sandbox.SandboxError, match="Operation not permitted|unreachable"):
        sandbox.run(here("dial"), {})


def test_what_it_writes_is_limited_all_together(tmp_path):
    with pytest.raises(sandbox.UsedUp, match="wrote more"):
        sandbox.run(
            here("write_many"), {"folder": str(tmp_path)}, limits=sandbox.Limits(output_bytes=1_000_000), room=tmp_path
        )


@pytest.mark.skipif(not landlock_version(), reason="this kernel has no Landlock")
def test_the_child_opens_no_file_but_its_own(tmp_path, monkeypatch):
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        monkeypatch.delenv(name, raising=False)
    room, given, other = tmp_path / "room", tmp_path / "given.mp4", tmp_path / "others.mp4"
    room.mkdir()
    for path in (given, other):
        path.write_bytes(b"film")

    def tries(path, how):
        return sandbox.run(here("attempt"), {"path": str(path), "how": how}, room=room, reads=[given])

    assert tries(given, "read") == tries(room / "still.jpg", "write") == tries(room / "still.jpg", "remove") == "done"
    refused = [
        (other, "read"),
        (given, "write"),
        (given, "remove"),
        (tmp_path, "list"),
        (tmp_path / "new", "write"),
        (f"/proc/{os.getpid()}/environ", "read"),
        ("/etc/passwd", "read"),
        (sandbox.ROOT / "manage.py", "read"),
    ]
    assert [tries(*each) for each in refused] == ["PermissionError"] * len(refused)


@pytest.mark.skipif(not has_filter(), reason="there is no filter for this processor")
@pytest.mark.parametrize("how", ["dial", "talk", "run"])
def test_the_child_neither_talks_nor_starts_anything(how):
    assert sandbox.run(here("attempt"), {"path": "/nowhere", "how": how}) == "PermissionError"


@pytest.mark.skipif(landlock_version() < 6, reason="this kernel lets signals out")
def test_the_child_signals_nobody():
    assert sandbox.run(here("attempt"), {"path": str(os.getpid()), "how": "signal"}) == "PermissionError"


def test_no_child_is_left_behind():
    pid = sandbox.run(here("me"), {})

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
