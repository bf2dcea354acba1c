"""Find the cheapest path of a zone over its time maps."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.mismatch_cost import UNMATCHED_COST, MismatchCost
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.runs import MIN_RUN_FRAMES
from videos.diff.sampling.descriptor import Floats


def find_path(costs: Floats, prices: NDArray[np.float64], before: int | None, after: int | None) -> list[int]:
    """Return the map of each frame, or -1, on the cheapest path.

    The path begins on the map `before` without a price, and pays that of the map `after` unless it ends on it.
    """
    scores = prices.copy()
    unmatched = 0.0
    if before is not None:
        scores[before] = 0.0
    came_from: list[NDArray[np.intp]] = []
    vanished_from: list[int] = []
    for row, frame_costs in enumerate(costs):
        best = int(scores.argmin())
        stays = scores[best] <= unmatched
        entered = (float(scores[best]) if stays else unmatched) + prices
        jumped = (entered < scores) & (row > 0)
        came_from.append(np.where(jumped, best if stays else -1, np.arange(len(scores))))
        vanished_from.append(best if row > 0 and scores[best] < unmatched else -1)
        if row > 0:
            unmatched = min(unmatched, float(scores[best]))
        scores = np.where(jumped, entered, scores) + frame_costs
        unmatched += UNMATCHED_COST
    if after is not None:
        is_other = np.arange(len(scores)) != after
        scores = scores + prices[after] * is_other
        unmatched += float(prices[after])
    place = int(scores.argmin()) if scores.min() <= unmatched else -1
    path = [place]
    for row in range(len(costs) - 1, 0, -1):
        place = int(came_from[row][place]) if place >= 0 else vanished_from[row]
        path.append(place)
    return path[::-1]


def extract_runs(match: MismatchCost, maps: list[TimeMap], path: list[int], first: int) -> list[Run]:
    """Return the parts of a path on one map that are long enough."""
    borders = match.a.fingerprint.borders
    breaks = [0, *(place for place in range(1, len(path)) if path[place] != path[place - 1]), len(path)]
    return [
        Run(float(borders[first + low]), float(borders[first + high]), maps[path[low]])
        for low, high in pairwise(breaks)
        if path[low] >= 0 and high - low >= MIN_RUN_FRAMES
    ]
