"""What a moment looks like, for finding it again: normalised luma, and how it differs from the moments around it.

The second part is a temporal high-pass. It is what tells the frames of a static camera apart, whose pictures
as such are all alike.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from videos.diff.fingerprint import Fingerprint

POOL = 4  # cells of the stored luma to a side of one cell here
CELLS = 9 * 16
AROUND_SECONDS = 0.4
FLAT_LEVELS = 2.0  # contrast at which a picture counts as half as sure of its pattern
STILL_LEVELS = 1.5  # the same for its motion: what lossy compression alone makes of a still picture
MOTION_WEIGHT = 0.3
BLOCK_FRAMES = 2048

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Sampled:
    """A fingerprint with the pooled luma of every frame at hand: (frames, 144) float32."""

    print: Fingerprint

    @cached_property
    def pooled(self) -> Floats:
        count = len(self.print)
        out = np.empty((count, CELLS), np.float32)
        for start in range(0, count, BLOCK_FRAMES):
            luma = self.print.records["luma"][start : start + BLOCK_FRAMES]
            sums = luma.reshape(len(luma), 9, POOL, 16, POOL).sum(axis=(2, 4), dtype=np.uint16)
            out[start : start + len(luma)] = sums.reshape(len(luma), CELLS) / np.float32(POOL * POOL)
        return out

    def describe(self, times: NDArray[np.float64]) -> Floats:
        """(len(times), 288): rows whose squared distance says how unlike two moments are."""
        at: Floats = self.pooled[self.print.nearest(times)]
        before = self.pooled[self.print.nearest(times - AROUND_SECONDS)]
        after = self.pooled[self.print.nearest(times + AROUND_SECONDS)]
        picture = _unit(at - at.mean(axis=1, keepdims=True), FLAT_LEVELS)
        motion = _unit(at - np.float32(0.5) * (before + after), STILL_LEVELS)
        return np.hstack([picture, np.float32(np.sqrt(MOTION_WEIGHT)) * motion])


def _unit(rows: Floats, floor_levels: float) -> Floats:
    """Rows of nearly unit length, shorter where there is little but noise in them."""
    energy = np.square(rows).sum(axis=1, keepdims=True)
    unit: Floats = rows / np.sqrt(energy + np.float32(CELLS * floor_levels**2))
    return unit


def squared_distances(rows: Floats, columns: Floats) -> Floats:
    """(len(rows), len(columns)) squared Euclidean distances, by one matrix product."""
    crossed = rows @ columns.T
    crossed *= -2
    crossed += np.square(rows).sum(axis=1)[:, None]
    crossed += np.square(columns).sum(axis=1)[None, :]
    return np.maximum(crossed, 0, out=crossed)
