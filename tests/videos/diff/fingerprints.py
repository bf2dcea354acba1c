"""Fingerprints made from arrays, without a video."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from videos.diff.sampling.descriptor import SampledVideo
from videos.fingerprint.format import RECORD, Fingerprint, FingerprintWriter


def scenery(count: int, seed: int = 1) -> np.ndarray:
    """Return luma (count, 36, 64) that changes from pattern to pattern. No two frames are equal."""
    rng = np.random.default_rng(seed)
    patterns = np.kron(rng.integers(30, 220, (count // 20 + 3, 9, 16)), np.ones((4, 4)))
    at = np.arange(count) / 20
    low, part = at.astype(int), (at % 1)[:, None, None]
    return (patterns[low] * (1 - part) + patterns[low + 1] * part).astype(np.uint8)


def fingerprint(luma: np.ndarray, rate: float = 25.0) -> Fingerprint:
    records = np.zeros(len(luma), RECORD)
    records["luma"], records["chroma"], records["detail"] = luma, 128, 80
    times = np.arange(len(luma)) / rate
    return Fingerprint(records, times, len(luma) / rate, 0.0, rate, 640, 360)


def sampled(luma: np.ndarray, rate: float = 25.0) -> SampledVideo:
    return SampledVideo(fingerprint(luma, rate))


def write_fingerprint(path: Path, luma: Iterable[np.ndarray], rate: float = 25.0) -> str:
    """Write a fingerprint file of these frames (36, 64) at a constant rate and return its path."""
    record = np.zeros((), RECORD)
    record["chroma"], record["detail"] = 128, 80
    with FingerprintWriter(path, 640, 360, rate, 0.0) as writer:
        for place, frame in enumerate(luma):
            record["luma"] = frame
            writer.add([place / rate], record)
        writer.duration = len(writer.times) / rate
    return str(path)
