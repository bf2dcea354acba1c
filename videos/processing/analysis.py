"""Analyse a video in one decode pass, and compare two files without a database.

This module runs in the sandbox and on the command line, without Django.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sage.providers.protocols import CLIPS_FILE, Clips
from videos.diff.compare import compare
from videos.diff.interval import EmbeddedVideo, Metric, compare_clips
from videos.diff.script.stored import StoredScript
from videos.fingerprint.decode_pass import run_decode_pass
from videos.fingerprint.perceptual import PerceptualEmbedder
from videos.fingerprint.shots import ShotDetector


def analyse(path: str, folder: str, progress: Callable[[float], None]) -> dict[str, object]:
    """Write the products of the decode pass and `clips.npz` (see `Clips.save`) to `folder`. Return the facts."""
    embedder, detector = PerceptualEmbedder(), ShotDetector()

    def add_frames(seconds: list[float], records: NDArray[np.void]) -> None:
        embedder.add(np.array(seconds), records["luma"], records["chroma"], records["detail"])
        detector.add(seconds, records)

    facts = run_decode_pass(path, folder, progress, add_frames)
    duration = facts["duration"]
    assert isinstance(duration, float)  # noqa: S101  for the type checker
    vectors = embedder.clips(duration)
    clips = Clips(vectors.model, vectors.starts, vectors.ends, vectors.vectors, vectors.whole)
    clips.save(Path(folder) / CLIPS_FILE)
    return facts | {"shots": detector.find_shots()}


@dataclass(frozen=True, slots=True)
class Compared:
    """The stored script of two files and their frame rates."""

    script: StoredScript
    rates: tuple[float, float]


def compare_files(
    a: str,
    b: str,
    *,
    intervals: tuple[Metric, float] | None = None,
    regions: bool = True,
    progress: Callable[[float], None],
) -> Compared:
    """Compare two video files by content, or by clips if `intervals` gives the metric and threshold.

    `progress` is called with the share that is done, from 0 to 1.
    """
    with tempfile.TemporaryDirectory(prefix="sage-compare-") as folder:
        folders, facts = [], []
        for index, path in enumerate((a, b)):
            subfolder = Path(folder) / str(index)
            subfolder.mkdir()
            facts.append(analyse(path, str(subfolder), lambda share, index=index: progress((index + share) * 0.4)))  # type: ignore[misc]
            folders.append(subfolder)
        rates = float(str(facts[0]["frame_rate"])), float(str(facts[1]["frame_rate"]))
        if intervals:
            return Compared(compare_clips(_embedded(folders[0]), _embedded(folders[1]), *intervals), rates)
        first, second = (str(subfolder / "fingerprint.bin") for subfolder in folders)
        script = compare(first, second, a, b, regions=regions, progress=lambda share: progress(0.8 + 0.2 * share))
        return Compared(script, rates)


def _embedded(subfolder: Path) -> EmbeddedVideo:
    clips = Clips.load(subfolder / CLIPS_FILE)
    return EmbeddedVideo(float(clips.ends[-1]), clips.starts, clips.vectors)
