"""How lively each cell of a frame is: how much it differs from the cells around it, and from moments before and after.

Levels are uint8 where frames are looked at as they are stored, which is many times quicker, and float32 elsewhere;
both give the same.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from videos.diff.descriptor import Floats, Indexes, Levels, Sampled

EDGES = np.array([0.5, 1, 2, 4, 8, 16, 32, 64], np.float32)  # levels between neighbouring classes of activity
CLASSES = len(EDGES) + 1
FIRST_EXPONENT = 125  # of the largest activity below the first edge, as float32 stores it
MOTION_SECONDS = 0.1  # within which a rough encoder may let a moving edge lag behind

Classes = NDArray[np.uint8]


def edge(levels: Levels) -> Levels:
    """Largest difference of each cell to its four neighbours."""
    down, across = _apart(levels[:, 1:], levels[:, :-1]), _apart(levels[..., 1:], levels[..., :-1])
    most = np.zeros_like(levels)
    most[:, 1:] = down
    for part, other in ((most[:, :-1], down), (most[..., 1:], across), (most[..., :-1], across)):
        np.maximum(part, other, out=part)
    return most


def motion(video: Sampled, frames: Indexes, levels: Levels) -> Levels:
    """Largest difference of each cell to a moment before and a moment after."""
    last = len(video.print) - 1
    away = max(1, round(MOTION_SECONDS / video.print.step))
    before = _apart(levels, video.levels((frames - away).clip(0, last)))
    after = _apart(levels, video.levels((frames + away).clip(0, last)))
    return np.maximum(before, after, out=before)


def _apart(one: Levels, other: Levels) -> Levels:
    most = np.maximum(one, other)
    most -= np.minimum(one, other)
    return most


def averaged(moving: Levels, edges: Levels, size: int) -> Floats:
    """Over squares of so many cells: how much moves there, or a quarter of how much of an edge there is."""
    whole: Any = np.uint16 if moving.dtype == edges.dtype == np.uint8 else np.float32
    quarters = np.maximum(np.multiply(moving, 4, dtype=whole), edges)
    rows = quarters[:, ::size].copy()
    for row in range(1, size):
        rows += quarters[:, row::size]
    sums = rows[..., ::size].copy()
    for column in range(1, size):
        sums += rows[..., column::size]
    mean: Floats = (sums / np.float32(4 * size * size)).astype(np.float32, copy=False)
    return mean


def classed(activity: Levels) -> Classes:
    """The class of each cell's activity, as np.digitize gives it."""
    if activity.dtype == np.uint8:
        classes = np.zeros(activity.shape, np.uint8)
        for least in EDGES:
            classes += activity >= np.uint8(np.ceil(least))
        return classes
    exponents = np.ascontiguousarray(activity, np.float32).view(np.int32) >> 23  # the edges are powers of two
    return (exponents - FIRST_EXPONENT).clip(0, len(EDGES)).astype(np.uint8)
