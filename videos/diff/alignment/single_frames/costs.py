"""Compare frames of A with those of B at several offsets in whole frames."""

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo

NOISE_LEVELS = 0.5  # levels by which the same frame differs, added to differences before they are compared
MAX_LEVELS = 40.0  # levels at which the difference of a cell is limited
UNLIKE_LEVELS = 12.0  # levels by which a cell differs at all shifts,
MAX_UNLIKE_SHARE = 0.25  # and the share of such cells from which a frame is no evidence
BATCH_FRAMES, FULL_BATCH_FRAMES = 2048, 128  # of pooled and of full pictures


def compare_shifts(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, shifts: NDArray[np.int64], tried: range, pooled: bool
) -> tuple[Floats, Floats]:
    """Return the costs (frames, len(tried)), 0 to 1, of frames of A at shifts beside the given ones, and differences.

    The differences are levels on average. A cost compares the difference from B with that at the best of these shifts.
    Brightness is ignored, and so is in each cell what differs at all of these shifts, such as a logo. A frame of which
    most cells differ at all shifts, as under another picture or its negative, is no evidence: it costs nothing.
    """
    costs, differences = np.ones((2, len(in_a), len(tried)), np.float32)
    size = BATCH_FRAMES if pooled else FULL_BATCH_FRAMES
    for low in range(0, len(in_a), size):
        rows = slice(low, low + size)
        costs[rows], differences[rows] = _compare_batch(a, b, in_a[rows], in_a[rows] + shifts[rows], tried, pooled)
    return costs, differences


def _compare_batch(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: NDArray[np.int64], tried: range, pooled: bool
) -> tuple[Floats, Floats]:
    end = len(b.fingerprint) - 1
    within = np.arange(max(0, min(end, int(in_b.min()) + tried[0])), max(0, min(end, int(in_b.max()) + tried[-1])) + 1)
    ours, theirs = (_read(side, frames, pooled) for side, frames in ((a, in_a), (b, within)))
    squares = np.full((len(tried), *ours.shape), np.inf, np.float32)
    for place, beside in enumerate(tried):
        rows = np.flatnonzero((in_b + beside >= 0) & (in_b + beside <= end))
        levels = np.minimum(np.abs(theirs[in_b[rows] + beside - within[0]] - ours[rows]), np.float32(MAX_LEVELS))
        squares[place, rows] = np.square(levels)
    differences = np.minimum(np.sqrt(squares.mean(axis=2)), np.float32(MAX_LEVELS)).T
    least = squares.min(axis=0)
    least[~np.isfinite(least)] = 0
    is_unlike = (least > UNLIKE_LEVELS**2).mean(axis=1) > MAX_UNLIKE_SHARE
    squares -= least
    levels = np.sqrt(squares.mean(axis=2)).T
    best = levels.min(axis=1, keepdims=True)
    best[~np.isfinite(best)] = 0
    costs: Floats = 1 - (best + np.float32(NOISE_LEVELS)) / (levels + np.float32(NOISE_LEVELS))
    costs[is_unlike] = 0
    return costs, differences


def _read(side: SampledVideo, frames: Indexes, pooled: bool) -> Floats:
    levels: Floats = side.pooled_luma[frames] if pooled else side.read_luma(frames).reshape(len(frames), -1)
    return levels - levels.mean(axis=1, keepdims=True)
