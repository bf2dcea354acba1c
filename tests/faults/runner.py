"""Run one file through probe and ingest in the sandbox and record the outcome."""

import math
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults.malformed import MalformedFile
from videos.sandbox import runner

PROBE_LIMITS = runner.SandboxLimits(
    wall_seconds=60, cpu_seconds=30, memory_bytes=2 * 1024**3, output_bytes=100 * 1024**2
)
INGEST_LIMITS = runner.SandboxLimits(
    wall_seconds=90, cpu_seconds=60, memory_bytes=2 * 1024**3, output_bytes=100 * 1024**2
)


@dataclass(frozen=True)
class Outcome:
    """The outcome. `result` is "read", "refused", "limit exceeded", or a description of the failure."""

    name: str
    result: str
    message: str
    seconds: float

    @property
    def is_failure(self) -> bool:
        return self.result not in ("read", "refused", "limit exceeded")


def process_file(file: MalformedFile) -> Outcome:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sage-malformed-") as folder:
        path, room = Path(folder) / f"upload{Path(file.name).suffix}", Path(folder) / "room"
        path.write_bytes(file.data)
        room.mkdir()
        result, message = _probe_and_ingest(path, room)
    if file.is_film is False and result == "read":
        result = "accepted as a video"
    if file.is_film and result != "read":
        result, message = "valid video was not read", f"{result}: {message}"
    return Outcome(file.name, result, message, time.monotonic() - started)


def _probe_and_ingest(path: Path, room: Path) -> tuple[str, str]:
    try:
        runner.run_in_sandbox(
            "videos.media.probe:probe_video", {"path": str(path)}, limits=PROBE_LIMITS, room=room, reads=[path]
        )
        arguments = {"path": str(path), "folder": str(room)}
        facts = runner.run_in_sandbox(
            "videos.processing.analysis:analyse", arguments, limits=INGEST_LIMITS, room=room, reads=[path]
        )
    except runner.InputRejected as error:
        return ("refused" if is_plain_message(str(error)) else "refused without a plain message"), str(error)
    except runner.SandboxLimitExceeded as error:
        return "limit exceeded", str(error)
    except runner.SandboxError as error:
        return "crashed", str(error)
    return _check_facts(facts, room)


def is_plain_message(message: str) -> bool:
    return message.endswith(".") and "Traceback" not in message and "/" not in message and len(message) < 200


def _check_facts(facts: dict, room: Path) -> tuple[str, str]:
    """Return the result, depending on whether the facts are plausible."""
    frames, duration = facts["frame_count"], facts["duration"]
    if not (frames >= 1 and math.isfinite(duration) and duration > 0 and facts["width"] > 0 and facts["height"] > 0):
        return "implausible facts", str({name: facts[name] for name in ("frame_count", "duration", "width")})
    times = room / "times.f64"
    if times.stat().st_size != 8 * frames or not (room / "poster.jpg").stat().st_size:
        return "incomplete output", f"{frames} frames, {times.stat().st_size} bytes of times"
    return "read", f"{frames} frames, {duration:.2f} s"


def get_peak_child_memory() -> int:
    """Return the peak memory in bytes of the largest child process that has ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
