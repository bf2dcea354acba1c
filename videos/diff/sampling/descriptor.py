"""Describe moments of a video by normalised luma and its temporal high-pass, to find them in another video.

The temporal high-pass distinguishes the frames of a static camera, whose pictures are nearly the same.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.row_cache import RowCache
from videos.diff.sampling.view import IDENTITY_VIEW, View
from videos.fingerprint.format import DETAIL_STEPS, Fingerprint

POOL_FACTOR = 4  # stored luma cells per side of one pooled cell
POOLED_SHAPE = (9, 16)  # rows and columns of the pooled luma
POOLED_CELLS = POOLED_SHAPE[0] * POOLED_SHAPE[1]
MOTION_OFFSET_SECONDS = 0.4  # seconds before and after a moment with which the high-pass compares it
FLAT_LEVELS = 2.0  # levels of contrast at which a normalised picture has 1/sqrt(2) of its full length
# Levels of motion with the same meaning; lossy compression of a still picture causes about this much.
STILL_LEVELS = 1.5
MOTION_WEIGHT = 0.3  # weight of the squared distance of motion relative to that of the picture
DETAIL_VARIANCE_FLOOR = 8.0  # variance in squared levels; fainter grain does not count as detail

# Stored detail (256 values) in doublings of variance above the floor.
_DETAIL_DOUBLINGS = np.log2(np.exp2(np.arange(256) / DETAIL_STEPS) - 1 + DETAIL_VARIANCE_FLOOR).astype(np.float32)

Floats = NDArray[np.float32]
Levels = NDArray[Any]  # of uint8 or float32
Indexes = NDArray[np.intp]


@dataclass(frozen=True)
class SampledVideo:
    """A fingerprint seen through a view, with the pooled luma of its frames."""

    fingerprint: Fingerprint
    view: View = IDENTITY_VIEW

    def read_levels(self, frames: Indexes) -> Levels:
        """Return luma levels (frames, 36, 64): uint8 as stored if the view changes nothing, otherwise float32."""
        if self.view.moves_cells or self.view.changes_colour:
            return self.read_luma(frames)
        return self.fingerprint.read("luma", frames)

    def read_luma(self, frames: Indexes | slice) -> Floats:
        """Return luma levels (frames, 36, 64) through the view."""
        luma = self.fingerprint.read("luma", frames).astype(np.float32)
        if not self.view.changes_colour:
            return self.view.transform_luma(luma)
        return self.view.transform_luma(luma, self.fingerprint.read("chroma", frames).astype(np.float32))

    def read_chroma(self, frames: Indexes) -> Floats:
        """Return chroma levels (frames, 2, 9, 16) through the view."""
        chroma = self.fingerprint.read("chroma", frames).astype(np.float32)
        if not self.view.changes_colour:
            return self.view.transform_chroma(chroma)
        return self.view.transform_chroma(chroma, self.fingerprint.read("luma", frames).astype(np.float32))

    def read_plain_chroma(self, frames: Indexes) -> Floats:
        """Return chroma levels (frames, 2, 9, 16) through the view, in the colours of the file."""
        return self.view.resample_to_picture(self.fingerprint.read("chroma", frames).astype(np.float32))

    def read_detail(self, frames: Indexes) -> Floats:
        """Return detail (frames, 18, 32) through the view, in doublings of the variance inside small blocks."""
        return self.view.resample_to_picture(_DETAIL_DOUBLINGS[self.fingerprint.read("detail", frames)])

    @property
    def without_grade(self) -> Self:
        """The same video through a view without a grade."""
        return replace(self, view=replace(self.view, colour=None))

    @cached_property
    def pooled_luma(self) -> RowCache:
        """Return the mean luma of blocks of 4 x 4 cells, as a cached array (frames, 144)."""
        return RowCache(len(self.fingerprint), POOLED_CELLS, self._pool_luma)

    def _read_shared_luma(self, frames: Indexes) -> Floats:
        return self.view.blank_unshared(self.read_luma(frames))

    def _pool_luma(self, frames: Indexes) -> Floats:
        stored = self.view is IDENTITY_VIEW
        levels = self.fingerprint.read("luma", _as_slice(frames)) if stored else self._read_shared_luma(frames)
        lines = levels.reshape(len(levels), 9, POOL_FACTOR, -1)
        sum_type = np.dtype(np.uint16 if stored else np.float32)  # integers add up faster
        rows: NDArray[Any] = lines[:, :, 0].astype(sum_type)
        for line in range(1, POOL_FACTOR):
            rows += lines[:, :, line]
        sums = (
            rows[..., 0::POOL_FACTOR] + rows[..., 1::POOL_FACTOR]
        )  # strided additions, because NumPy reduces short axes slowly
        for column in range(2, POOL_FACTOR):
            sums += rows[..., column::POOL_FACTOR]
        self.fingerprint.release()
        pooled = sums.reshape(len(levels), POOLED_CELLS).astype(np.float32)
        pooled /= POOL_FACTOR * POOL_FACTOR
        return pooled

    def describe_moments(self, times: NDArray[np.floating]) -> Floats:
        """Return descriptors (len(times), 288) of the frames nearest to `times`.

        The squared Euclidean distance of two rows measures how different two moments look.
        """
        at: Floats = self.pooled_luma[self.fingerprint.nearest(times)]
        before = self.pooled_luma[self.fingerprint.nearest(times - MOTION_OFFSET_SECONDS)]
        after = self.pooled_luma[self.fingerprint.nearest(times + MOTION_OFFSET_SECONDS)]
        picture = _normalise_rows(at - at.mean(axis=1, keepdims=True), FLAT_LEVELS)
        motion = _normalise_rows(at - np.float32(0.5) * (before + after), STILL_LEVELS)
        return np.hstack([picture, np.float32(np.sqrt(MOTION_WEIGHT)) * motion])


def _as_slice(frames: Indexes) -> Indexes | slice:
    """Return consecutive frames as a slice, which is read without a copy, and other frames unchanged."""
    count = len(frames)
    return slice(int(frames[0]), int(frames[-1]) + 1) if count and frames[-1] - frames[0] == count - 1 else frames


def _normalise_rows(rows: Floats, floor_levels: float) -> Floats:
    """Divide each row by its length, with a noise floor that shortens rows of low contrast."""
    energy = np.square(rows).sum(axis=1, keepdims=True)
    unit: Floats = rows / np.sqrt(energy + np.float32(POOLED_CELLS * floor_levels**2))
    return unit


def compute_squared_distances(rows: Floats, columns: Floats) -> Floats:
    """Return the squared Euclidean distances (len(rows), len(columns)), by one matrix product."""
    distances = rows @ columns.T
    distances *= -2
    distances += np.square(rows).sum(axis=1)[:, None]
    distances += np.square(columns).sum(axis=1)[None, :]
    return np.maximum(distances, 0, out=distances)
