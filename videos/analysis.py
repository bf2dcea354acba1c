"""The one decode pass over a video, with everything that is made in it; and two files compared with nothing kept.

Runs in the sandbox and on the command line: no Django here.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sage.providers.base import CLIPS_FILE, Clips
from sage.providers.local import PerceptualEmbedder
from videos.diff.compare import compare
from videos.diff.ingest import ingest
from videos.diff.interval import Embedded, Metric, compare_clips


def analyse(path: str, folder: str, progress: Callable[[float], None]) -> dict[str, object]:
    """What `ingest` makes of the video at `path`, and `clips.npz` beside it: see `Clips.save`."""
    embedder = PerceptualEmbedder()

    def see(seconds: list[float], records: NDArray[np.void]) -> None:
        embedder.add(np.array(seconds), records["luma"], records["chroma"], records["detail"])

    facts = ingest(path, folder, progress, see)
    duration = facts["duration"]
    assert isinstance(duration, float)  # noqa: S101  for the type checker
    embedder.clips(duration).save(Path(folder) / CLIPS_FILE)
    return facts


@dataclass(frozen=True, slots=True)
class Compared:
    """The stored script of two files, and their frame rates."""

    script: dict[str, Any]
    rates: tuple[float, float]


def compare_files(
    a: str,
    b: str,
    *,
    intervals: tuple[Metric, float] | None = None,
    regions: bool = True,
    progress: Callable[[float], None],
) -> Compared:
    """Hold two video files against each other by content, or by `intervals` with their metric and threshold."""
    with tempfile.TemporaryDirectory(prefix="sage-compare-") as folder:
        rooms, facts = [], []
        for index, path in enumerate((a, b)):
            room = Path(folder) / str(index)
            room.mkdir()
            facts.append(analyse(path, str(room), lambda share, index=index: progress((index + share) * 0.4)))  # type: ignore[misc]
            rooms.append(room)
        rates = float(str(facts[0]["frame_rate"])), float(str(facts[1]["frame_rate"]))
        if intervals:
            return Compared(compare_clips(_embedded(rooms[0]), _embedded(rooms[1]), *intervals), rates)
        first, second = (str(room / "fingerprint.bin") for room in rooms)
        script = compare(first, second, a, b, regions=regions, progress=lambda share: progress(0.8 + 0.2 * share))
        return Compared(script, rates)


def _embedded(room: Path) -> Embedded:
    clips = Clips.load(room / CLIPS_FILE)
    return Embedded(float(clips.ends[-1]), clips.starts, clips.vectors)
