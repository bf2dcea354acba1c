"""Measure the activity of each cell: its difference to neighbouring cells and to frames shortly before and after.

Levels are uint8 if frames are read as stored, which is many times faster, and float32 otherwise. Both give the same
result.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.descriptor import Floats, Indexes, Levels, SampledVideo

ACTIVITY_LEVELS = np.array([0.5, 1, 2, 4, 8, 16, 32, 64], np.float32)  # levels that separate the classes of activity
ACTIVITY_CLASSES = len(ACTIVITY_LEVELS) + 1  # number of activity classes
FIRST_EXPONENT = 125  # biased float32 exponent of the largest activity below the first separating level
MOTION_SECONDS = 0.1  # seconds to the compared frames; a coarse encoder may delay a moving edge by this much

Classes = NDArray[np.uint8]


def measure_edges(levels: Levels) -> Levels:
    """Return the largest absolute difference of each cell to its four neighbours."""
    columns = levels.shape[-1]
    flat = levels.ravel()  # NumPy compares long rows several times faster than the many short ones of pictures
    down, across = _difference_to_next(flat, columns), _difference_to_next(flat, 1)
    down.reshape(levels.shape)[:, -1] = 0
    across[columns - 1 :: columns] = 0
    most = np.maximum(down, across)
    np.maximum(most[columns:], down[:-columns], out=most[columns:])
    np.maximum(most[1:], across[:-1], out=most[1:])
    return most.reshape(levels.shape)


def _difference_to_next(flat: Levels, step: int) -> Levels:
    """Return the absolute difference of each value to the one `step` places after it, undefined for the last ones."""
    apart = np.empty_like(flat)
    apart[:-step] = _absolute_difference(flat[step:], flat[:-step])
    return apart


def measure_motion(video: SampledVideo, frames: Indexes, levels: Levels) -> Levels:
    """Return the largest absolute difference of each cell to a frame shortly before and one shortly after."""
    last = len(video.fingerprint) - 1
    away = max(1, round(MOTION_SECONDS / video.fingerprint.step))
    before = _absolute_difference(levels, video.read_levels(np.maximum(frames - away, 0)))
    after = _absolute_difference(levels, video.read_levels(np.minimum(frames + away, last)))
    return np.maximum(before, after, out=before)


def _absolute_difference(one: Levels, other: Levels) -> Levels:
    """Return the absolute difference of two arrays, without overflow of uint8."""
    most = np.maximum(one, other)
    most -= np.minimum(one, other)
    return most


def pool_activity(moving: Levels, edges: Levels, size: int) -> Floats:
    """Return the mean over blocks of `size` x `size` cells of the larger of motion and a quarter of the edges."""
    sum_type: Any = np.uint16 if moving.dtype == edges.dtype == np.uint8 else np.float32
    quarters = np.maximum(np.multiply(moving, 4, dtype=sum_type), edges)
    rows = quarters[:, ::size].copy()
    for row in range(1, size):
        rows += quarters[:, row::size]
    sums = rows[..., ::size].copy()
    for column in range(1, size):
        sums += rows[..., column::size]
    mean: Floats = (sums / np.float32(4 * size * size)).astype(np.float32, copy=False)
    return mean


def classify_activity(activity: Levels) -> Classes:
    """Return the activity class of each cell, equal to `np.digitize(activity, ACTIVITY_LEVELS)`."""
    if activity.dtype == np.uint8:
        classes = (activity >= 1).view(np.uint8) * np.uint8(2)  # comparisons are faster than a table
        for level in ACTIVITY_LEVELS[2:]:
            classes += (activity >= np.uint8(level)).view(np.uint8)
        return classes
    exponents = (
        np.ascontiguousarray(activity, np.float32).view(np.int32) >> 23
    )  # the separating levels are powers of two
    return (exponents - FIRST_EXPONENT).clip(0, len(ACTIVITY_LEVELS)).astype(np.uint8)
