"""Compare two videos by their fingerprints, with a second look at the files where something differs."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from videos.diff.align import Run, align, grid_step
from videos.diff.borders import matcher, settle
from videos.diff.descriptor import Sampled
from videos.diff.fingerprint import read_fingerprint
from videos.diff.ingest import ingest
from videos.diff.noise import learn
from videos.diff.outline import Part, outline
from videos.diff.pairing import Indexes, partners, rates_differ, sharpen
from videos.diff.script import Op, Script, Segment

Progress = Callable[[float], None]

THRESHOLD = 0.1
WHOLLY_DIFFERENT = 1.0
LEARN_FROM = 600  # frames, over all runs

OPS: dict[str, Op] = {
    "kept": "equal",
    "moved": "moved",
    "replaced": "changed",
    "inserted": "inserted",
    "deleted": "deleted",
}


def _ignore(_: float) -> None:
    pass


def compare_files(a: str, b: str, *, regions: bool = True, progress: Progress = _ignore) -> dict[str, object]:
    """The script of two video files, as `compare` gives it; leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="sage-compare-") as folder:
        prints = []
        for index, path in enumerate((a, b)):
            room = Path(folder) / str(index)
            room.mkdir()
            ingest(path, str(room), lambda share, index=index: progress((index + share) * 0.4))  # type: ignore[misc]
            prints.append(str(room / "fingerprint.bin"))
        return compare(*prints, a, b, regions=regions, progress=lambda share: progress(0.8 + 0.2 * share))


def compare(
    fingerprint_a: str,
    fingerprint_b: str,
    media_a: str,
    media_b: str,
    *,
    regions: bool = True,
    progress: Progress = _ignore,
    pictures: str | None = None,
) -> dict[str, object]:
    """The edit script from A to B, as plain types (see Script.as_dict)."""
    a, b = (Sampled(read_fingerprint(path)) for path in (fingerprint_a, fingerprint_b))
    parts = _parts(a, b, progress)
    script = Script(a.print.duration, b.print.duration, THRESHOLD, [_segment(part) for part in parts])
    progress(1.0)
    return script.as_dict()


def _parts(a: Sampled, b: Sampled, progress: Progress) -> list[Part]:
    search = rates_differ(a, b)
    runs = sharpen(a, b, align(a, b), grid_step(a, b))
    progress(0.2)
    if not runs:
        return outline(a.print, b.print, [])
    in_a, in_b = _pairs(a, b, runs, search)
    noise = learn(a, b, in_a, in_b)
    match = matcher(a, b, noise, search, in_a, in_b)
    runs = settle(match, runs)
    progress(0.4)
    return outline(a.print, b.print, runs)


def _pairs(a: Sampled, b: Sampled, runs: list[Run], search: bool) -> tuple[Indexes, Indexes]:
    """Aligned frames spread over all runs."""
    total = sum(run.seconds for run in runs)
    in_a, in_b = [], []
    for run in runs:
        count = max(3, round(LEARN_FROM * run.seconds / total))
        frames = np.unique(a.print.nearest(np.linspace(run.start, run.end, count + 2)[1:-1]))
        in_a.append(frames)
        in_b.append(partners(a, b, frames, run.offset, search))
    return np.concatenate(in_a), np.concatenate(in_b)


def _segment(part: Part) -> Segment:
    return Segment(
        OPS[part.kind],
        part.a,
        part.b,
        None if part.kind in ("inserted", "deleted") else WHOLLY_DIFFERENT * (part.kind == "replaced"),
    )
