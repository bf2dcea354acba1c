"""Tell by exact differences which of several time maps a frame is on, where it matches on all of them within the noise.

Slides and slow footage look nearly the same from one moment to the next. What all maps show otherwise, as a box that
was laid over the picture, tells nothing, so its cells do not count.
"""

from collections.abc import Sequence

import numpy as np

from videos.diff.alignment.evidence.mismatch_cost import UNMATCHED_COST, MismatchCost
from videos.diff.alignment.evidence.pairing import compare_cells, find_partners, find_telling_cells
from videos.diff.alignment.time_map import TimeMap
from videos.diff.sampling.descriptor import Floats, Indexes

MAX_LEVELS_APART = 12.0  # levels at which the difference of a cell is clipped
MIN_CELLS_SHARE = 0.25  # share of the cells that count, at least
MIN_SQUARES = 0.1  # squared levels; smaller differences count as these
EQUAL_RATIO, OTHER_RATIO = 1.5, 3.0  # of squares to the least ones: of the same moment, and of certainly another one
FRAMES_PER_BLOCK = 32  # frames that are compared at once


def compare_exactly(match: MismatchCost, in_a: Indexes, maps: Sequence[TimeMap], costs: Floats) -> Floats:
    """Return how certainly (frames, maps) each frame of A is on another map, 0 to 1, given the costs (frames, maps).

    It is 0 where the frame does not match, or matches on one map only.
    """
    certainty = np.zeros_like(costs)
    is_matching = costs < UNMATCHED_COST
    doubtful = np.flatnonzero(is_matching.sum(axis=1) >= 2)
    for start in range(0, len(doubtful), FRAMES_PER_BLOCK):
        block = doubtful[start : start + FRAMES_PER_BLOCK]
        places = np.flatnonzero(is_matching[block].any(axis=0))
        apart = measure_cells(match, in_a[block], [maps[place] for place in places.tolist()])
        apart[~is_matching[np.ix_(block, places)]] = MAX_LEVELS_APART
        certainty[np.ix_(block, places)] = _compare_squares(apart)
    certainty[~is_matching] = 0
    return certainty


def measure_cells(match: MismatchCost, in_a: Indexes, maps: Sequence[TimeMap]) -> Floats:
    """Return the differences (frames, maps, cells) of luma by `compare_cells`, in levels."""
    in_b = np.stack([find_partners(match.a, match.b, in_a, each, match.search) for each in maps])
    return compare_cells(match.a, match.b, in_a, in_b, MAX_LEVELS_APART)


def _compare_squares(apart: Floats) -> Floats:
    """Return how certainly (frames, maps) each frame is on another map, given the differences of its cells."""
    counts = find_telling_cells(apart)
    share = counts.mean(axis=1)
    squares = np.einsum("fmc,fmc,fc->fm", apart, apart, counts) / (counts.sum(axis=1) + 1e-6)[:, None]
    squares = np.maximum(squares, MIN_SQUARES)
    ratios = squares / squares.min(axis=1, keepdims=True)
    certain: Floats = ((ratios - EQUAL_RATIO) / (OTHER_RATIO - EQUAL_RATIO)).clip(0, 1).astype(np.float32)
    certain[share < MIN_CELLS_SHARE] = 0
    return certain
