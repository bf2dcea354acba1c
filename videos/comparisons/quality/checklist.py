"""List what a quality check looks for in a pair: faults of either picture, and differences of one or two frames."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.http import urlencode

from videos.conform.timecode import Reel, build_reel
from videos.diff.script.stored import SIDES, ShownScript, SideName, StoredFault
from videos.models import Comparison, Video

MAX_ROWS = 500  # of the list on a page
MAX_FRAMES = 2  # of a difference that the list names
LABELS = {
    "black": "Black",
    "frozen": "Frozen",
    "flashing": "Flashing",
    "stray_frames": "Stray frame",
    "repeated_frame": "Repeated frame",
    "changed": "Frame changed",
    "inserted": "Frame only in B",
    "deleted": "Frame only in A",
    "moved": "Frame moved",
}
COLUMNS = ("number", "side", "kind", "frames", "start", "end", "timecode_start", "timecode_end")


@dataclass(frozen=True, slots=True)
class CheckRow:
    """An entry of the list. `start` and `end` are seconds of `side`, the timecodes those of its file."""

    kind: str
    side: SideName
    start: float
    end: float
    frames: int
    timecode_start: str
    timecode_end: str

    @property
    def label(self) -> str:
        return LABELS[self.kind] + ("s" if self.frames > 1 and self.kind == "stray_frames" else "")

    @property
    def href(self) -> str:
        """The link to the moment in the players."""
        side = {"side": "a"} if self.side == "a" else {}
        return "?" + urlencode({"t": f"{self.start:.3f}", **side, "panel": "quality"})


def list_checks(comparison: Comparison, script: ShownScript) -> list[CheckRow] | None:
    """Return the list by time, A before B. None if the comparison is older than the list."""
    faults: Mapping[SideName, Sequence[StoredFault]] | None = script.get("picture_faults")
    if faults is None:
        return None
    videos: dict[SideName, Video] = {"a": comparison.video_a, "b": comparison.video_b}
    reels = {side: build_reel(video.frame_rate, video.metadata.get("timecode")) for side, video in videos.items()}
    rows = [
        _build_row(fault["kind"], side, (fault["start"], fault["end"]), reels[side], fault["frames"])
        for side in SIDES
        for fault in faults[side]
    ]
    for segment in script["segments"]:
        side: SideName = "b" if segment["b"] else "a"
        span = segment[side]
        frames = round((span[1] - span[0]) * (videos[side].frame_rate or 0.0)) if span else 0
        if segment["op"] != "equal" and span and 1 <= frames <= MAX_FRAMES:
            rows.append(_build_row(segment["op"], side, (span[0], span[1]), reels[side], frames))
    return sorted(rows, key=lambda row: (row.start, row.side, row.kind))


def write_csv(rows: Sequence[CheckRow]) -> str:
    """Return the list as a table. Times are in seconds."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for number, row in enumerate(rows, start=1):
        span = (row.start, row.end, row.timecode_start, row.timecode_end)
        writer.writerow([number, row.side.upper(), row.kind, row.frames, *span])
    return out.getvalue()


def _build_row(kind: str, side: SideName, span: tuple[float, float], reel: Reel, frames: int) -> CheckRow:
    start, end = span
    return CheckRow(kind, side, start, end, frames, reel.write(start), reel.write(end))
