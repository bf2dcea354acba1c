"""One file through the probe and the decode pass, each in the sandbox, and what came of it."""

import math
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.torture.malformed import Bad
from videos import sandbox

PROBING = sandbox.Limits(wall_seconds=60, cpu_seconds=30, memory_bytes=2 * 1024**3, output_bytes=100 * 1024**2)
READING = sandbox.Limits(wall_seconds=90, cpu_seconds=60, memory_bytes=2 * 1024**3, output_bytes=100 * 1024**2)


@dataclass(frozen=True)
class Outcome:
    """`ended` is "read", "refused" or "used up", or what went wrong."""

    name: str
    ended: str
    words: str
    seconds: float

    @property
    def is_breach(self) -> bool:
        return self.ended not in ("read", "refused", "used up")


def undergo(bad: Bad) -> Outcome:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sage-ordeal-") as folder:
        path, room = Path(folder) / f"upload{Path(bad.name).suffix}", Path(folder) / "room"
        path.write_bytes(bad.data)
        room.mkdir()
        ended, words = _read(path, room)
    if bad.is_film is False and ended == "read":
        ended = "taken for a film"
    if bad.is_film and ended != "read":
        ended, words = "a film that was not read", f"{ended}: {words}"
    return Outcome(bad.name, ended, words, time.monotonic() - begun)


def _read(path: Path, room: Path) -> tuple[str, str]:
    try:
        sandbox.run("videos.media.probe:probe", {"path": str(path)}, limits=PROBING, room=room, reads=[path])
        arguments = {"path": str(path), "folder": str(room)}
        facts = sandbox.run("videos.analysis:analyse", arguments, limits=READING, room=room, reads=[path])
    except sandbox.Refused as refusal:
        return ("refused" if is_plain(str(refusal)) else "refused in no plain sentence"), str(refusal)
    except sandbox.UsedUp as error:
        return "used up", str(error)
    except sandbox.SandboxError as error:
        return "broke", str(error)
    return _checked(facts, room)


def is_plain(sentence: str) -> bool:
    return sentence.endswith(".") and "Traceback" not in sentence and "/" not in sentence and len(sentence) < 200


def _checked(facts: dict, room: Path) -> tuple[str, str]:
    """Whether what was read can be so."""
    frames, duration = facts["frame_count"], facts["duration"]
    if not (frames >= 1 and math.isfinite(duration) and duration > 0 and facts["width"] > 0 and facts["height"] > 0):
        return "read as what cannot be", str({name: facts[name] for name in ("frame_count", "duration", "width")})
    times = room / "times.f64"
    if times.stat().st_size != 8 * frames or not (room / "poster.jpg").stat().st_size:
        return "read in part", f"{frames} frames, {times.stat().st_size} bytes of times"
    return "read", f"{frames} frames, {duration:.2f} s"


def most_memory() -> int:
    """Bytes of the largest child that has ended by now."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
