"""Recognise a change that moves across the picture, such as an overlay that slides, from the cells that differ."""

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.descriptor import Floats

MIN_BINS = 5  # bins in which a moving change is present
MIN_TRAVEL_CELLS = 4.0  # cells that its centre travels along one axis
MIN_TRAVEL_SHARE = 0.4  # of its own width or height that it travels, at least
MAX_ROUGHNESS = 0.25  # mean second difference of its path against its travel; what flickers has no smooth path
MIN_STEADY_SHARE = 0.4  # lower quartile of its size against the median
MAX_MOVING_AREA = 0.35  # share of the picture at one time; a larger change is no overlay
TRAVEL_QUANTILE = 0.05  # quantile at both ends of a path that is left out

Places = NDArray[np.bool_]  # bins, 36, 64: the cells that differ


def count_moving_cells(places: Places) -> int:
    """Return the typical count of cells at one time if the change moves, 0 if it stays where it is."""
    counts = places.sum(axis=(1, 2))
    present = counts > 0
    if present.sum() < MIN_BINS:
        return 0
    typical = float(np.median(counts[present]))
    is_steady = np.quantile(counts[present], 0.25) >= MIN_STEADY_SHARE * typical
    if not is_steady or typical > MAX_MOVING_AREA * places[0].size:
        return 0
    travels = any(_travels(places[present].any(axis=axis).astype(np.float32)) for axis in (1, 2))
    return round(typical) if travels else 0


def _travels(occupied: Floats) -> bool:
    """Return whether what occupies one axis (bins, cells) of the picture travels along it."""
    lengths = occupied.sum(axis=1)
    path = occupied @ np.arange(occupied.shape[1], dtype=np.float32) / lengths
    low, high = np.quantile(path, (TRAVEL_QUANTILE, 1 - TRAVEL_QUANTILE))
    travel = float(high - low)
    roughness = float(np.abs(np.diff(path, n=2)).mean())
    is_far = travel >= max(MIN_TRAVEL_CELLS, MIN_TRAVEL_SHARE * float(np.median(lengths)))
    return is_far and roughness <= MAX_ROUGHNESS * travel


def average_strongest(scores: Floats, count: int) -> Floats:
    """Return (frames,) the mean of the highest `count` of the scores (frames, cells), of all of them if it is 0."""
    if 0 < count < scores.shape[1]:
        scores = np.partition(scores, -count, axis=1)[:, -count:]
    mean: Floats = scores.mean(axis=1)
    return mean
