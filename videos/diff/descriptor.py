"""What a moment looks like, for finding it again: normalised luma, and how it differs from the moments around it.

The second part is a temporal high-pass. It is what tells the frames of a static camera apart, whose pictures
as such are all alike.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videos.diff.blocks import Blocks
from videos.diff.fingerprint import DETAIL_STEPS, Fingerprint
from videos.diff.view import PLAIN, View

POOL = 4  # cells of the stored luma to a side of one cell here
CELLS = 9 * 16
AROUND_SECONDS = 0.4
FLAT_LEVELS = 2.0  # contrast at which a picture counts as half as sure of its pattern
STILL_LEVELS = 1.5  # the same for its motion: what lossy compression alone makes of a still picture
MOTION_WEIGHT = 0.3
DETAIL_PAD = 8.0  # variance; grain fainter than this is not held to be detail

# Stored detail as doublings of variance, with faint grain taken out of the scale.
_DOUBLINGS = np.log2(np.exp2(np.arange(256) / DETAIL_STEPS) - 1 + DETAIL_PAD).astype(np.float32)

Floats = NDArray[np.float32]
Levels = NDArray[Any]  # of uint8 or float32
Indexes = NDArray[np.intp]


@dataclass(frozen=True)
class Sampled:
    """A fingerprint looked at through a view, with the pooled luma of its frames at hand."""

    print: Fingerprint
    view: View = PLAIN

    def levels(self, frames: Indexes) -> Levels:
        """(frames, 36, 64) levels, in the numbers that they are stored in where nothing is done to them."""
        if self.view.moves or self.view.tones:
            return self.luma(frames)
        return self.print.read("luma", frames)

    def luma(self, frames: Indexes | slice) -> Floats:
        """(frames, 36, 64) levels."""
        luma = self.print.read("luma", frames).astype(np.float32)
        if not self.view.tones:
            return self.view.luma(luma)
        return self.view.luma(luma, self.print.read("chroma", frames).astype(np.float32))

    def chroma(self, frames: Indexes) -> Floats:
        """(frames, 2, 9, 16) levels."""
        chroma = self.print.read("chroma", frames).astype(np.float32)
        if not self.view.tones:
            return self.view.chroma(chroma)
        return self.view.chroma(chroma, self.print.read("luma", frames).astype(np.float32))

    def detail(self, frames: Indexes) -> Floats:
        """(frames, 18, 32) doublings of the variance inside small blocks."""
        return self.view.placed(_DOUBLINGS[self.print.read("detail", frames)])

    @cached_property
    def pooled(self) -> Blocks:
        """(frames, 144): the mean luma of large cells."""
        return Blocks(len(self.print), CELLS, self._pool)

    def _pool(self, frames: Indexes) -> Floats:
        plain = self.view is PLAIN
        levels = self.print.read("luma", _slice(frames)) if plain else self.luma(frames)
        lines = levels.reshape(len(levels), 9, POOL, -1)
        whole = np.dtype(np.uint16 if plain else np.float32)  # whole numbers add up faster
        rows: NDArray[Any] = lines[:, :, 0].astype(whole)
        for line in range(1, POOL):
            rows += lines[:, :, line]
        sums = rows[..., 0::POOL] + rows[..., 1::POOL]  # strided additions, as NumPy reduces short axes slowly
        for column in range(2, POOL):
            sums += rows[..., column::POOL]
        self.print.release()
        pooled = sums.reshape(len(levels), CELLS).astype(np.float32)
        pooled /= POOL * POOL
        return pooled

    def describe(self, times: NDArray[np.floating]) -> Floats:
        """(len(times), 288): rows whose squared distance says how unlike two moments are."""
        at: Floats = self.pooled[self.print.nearest(times)]
        before = self.pooled[self.print.nearest(times - AROUND_SECONDS)]
        after = self.pooled[self.print.nearest(times + AROUND_SECONDS)]
        picture = _unit(at - at.mean(axis=1, keepdims=True), FLAT_LEVELS)
        motion = _unit(at - np.float32(0.5) * (before + after), STILL_LEVELS)
        return np.hstack([picture, np.float32(np.sqrt(MOTION_WEIGHT)) * motion])


def _slice(frames: Indexes) -> Indexes | slice:
    """Frames that follow each other as a slice, which is read without a copy."""
    count = len(frames)
    return slice(int(frames[0]), int(frames[-1]) + 1) if count and frames[-1] - frames[0] == count - 1 else frames


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
