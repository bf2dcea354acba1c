"""Find spans in which the whole picture has more or less detail than usual: softer, sharper, noisier or coarser.

An encoder takes some detail away, more in some shots than in others. What tells an edit from it is the step at both of
its borders, against how much the detail of the pair varies elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.diff.noise.model import Residual
from videos.diff.sampling.descriptor import Floats

BLOCK_CELLS = 3, 4  # rows and columns of cells in a block
MAX_DEVIATIONS = 4.0  # typical deviations at which the deviation of a cell is clipped
MIN_BLOCK_DEVIATION = 0.05  # typical deviations; a block with less has no detail on either side
CELLS_PER_DETAIL = 2, 2  # rows and columns of luma cells in a cell of detail
MIN_BLOCKS = 4  # of 48; blocks with detail outside of known changes, for a change of the whole picture
MIN_STEP = 0.15  # typical deviations; a smaller step at a border is no edit
STEP_QUANTILE, STEP_FACTOR = 0.8, 3.0  # quantile of the steps of the pair, and by how much those of an edit exceed it
SPREAD_FACTOR = 3.0  # by which such a step exceeds the standard deviation of the detail of the pair
LEVEL_SHARE = 0.6  # share of that step by which every bin of a span differs from the pair's median
SIDE_BINS = 3  # bins before and after a border whose means are compared
MIN_BINS = 3  # bins of a span, at least
MAX_PAUSE = 1  # bins within a span that do not stand out, at most
MADS_PER_DEVIATION = 1.4826  # of a normal distribution

Mask = NDArray[np.bool_]
BinSpan = tuple[int, int]  # first and last + 1


@dataclass(frozen=True, slots=True)
class UsualDetail:
    """How much more detail B usually has than A, and the step from which a border is one of an edit."""

    median: float
    step: float


def measure_detail(residual: Residual) -> Floats:
    """Return (pairs, 48) by how many typical deviations B has more detail than A in each block."""
    detail = residual.detail.clip(-MAX_DEVIATIONS, MAX_DEVIATIONS)
    pairs, rows, columns = detail.shape
    high, wide = BLOCK_CELLS
    blocks: Floats = detail.reshape(pairs, rows // high, high, columns // wide, wide).mean(axis=(2, 4))
    return blocks.reshape(pairs, (rows // high) * (columns // wide))


def compute_sharpness(detail: Floats) -> Floats:
    """Return (pairs,) the median over the blocks (pairs, blocks) that have detail, times their share."""
    sharpness = np.zeros(len(detail), np.float32)
    for index, row in enumerate(detail):
        detailed = row[np.abs(row) >= MIN_BLOCK_DEVIATION]
        if len(detailed):
            sharpness[index] = np.median(detailed) * len(detailed) / len(row)
    return sharpness


def is_spread(detail: Floats, known: Mask, sharpness: float) -> bool:
    """Return whether the detail of a span (bins, 48) differs outside the known changes (36, 64) as well.

    `sharpness` is by how much it differs with them. A local change may fill most of the blocks that have detail.
    """
    rows, columns = (cells * size for cells, size in zip(BLOCK_CELLS, CELLS_PER_DETAIL, strict=True))
    known_blocks = known.reshape(known.shape[0] // rows, rows, -1, columns).any(axis=(1, 3)).ravel()
    middle = np.median(detail, axis=0)[~known_blocks]
    detailed = middle[np.abs(middle) >= MIN_BLOCK_DEVIATION]
    return len(detailed) >= MIN_BLOCKS and float(np.median(detailed)) * np.sign(sharpness) >= LEVEL_SHARE * abs(
        sharpness
    )


def find_usual_detail(parts: Sequence[Floats]) -> UsualDetail:
    """Learn from the sharpness (bins,) of all parts of a pair what is usual in it."""
    together = np.concatenate([np.zeros(0, np.float32), *parts])
    if not len(together):
        return UsualDetail(0.0, MIN_STEP)
    median = float(np.median(together))
    spread = MADS_PER_DEVIATION * float(np.median(np.abs(together - median)))
    steps = np.concatenate([np.abs(_measure_steps(part)) for part in parts])
    usual = float(np.quantile(steps, STEP_QUANTILE)) if len(steps) else 0.0
    return UsualDetail(median, max(MIN_STEP, STEP_FACTOR * usual, SPREAD_FACTOR * spread))


def find_detail_spans(sharpness: Floats, usual: UsualDetail) -> list[tuple[BinSpan, float]]:
    """Return the spans of bins that begin and end with a step, and by how much their detail differs."""
    found = []
    off = sharpness - usual.median
    for sign in (1, -1):
        for first, last in _group_bins(sign * off > LEVEL_SHARE * usual.step):
            steps = [sign * _measure_border(off, at, inwards) for at, inwards in ((first, 1), (last, -1))]
            if MIN_BINS <= last - first < len(off) and min(steps) >= usual.step:
                found.append(((first, last), float(np.median(off[first:last]))))
    return sorted(found)


def _measure_steps(sharpness: Floats) -> Floats:
    """Return the step at each border between bins with SIDE_BINS on both sides."""
    if len(sharpness) < 2 * SIDE_BINS:
        return np.zeros(0, np.float32)
    means = np.convolve(sharpness, np.full(SIDE_BINS, 1 / SIDE_BINS), "valid")
    steps: Floats = means[SIDE_BINS:] - means[:-SIDE_BINS]
    return steps


def _measure_border(off: Floats, at: int, inwards: int) -> float:
    """Return the step into a span at one of its borders; where the part begins or ends, against the median."""
    before, after = off[max(0, at - SIDE_BINS) : at], off[at : at + SIDE_BINS]
    means = [float(side.mean()) if len(side) else 0.0 for side in (before, after)]
    return (means[1] - means[0]) * inwards


def _group_bins(standing_out: np.ndarray) -> list[BinSpan]:
    """Return the spans of bins that stand out, over short pauses."""
    places = np.flatnonzero(standing_out)
    if not len(places):
        return []
    breaks = [place for place, (one, other) in enumerate(pairwise(places), 1) if other - one > MAX_PAUSE + 1]
    return [(int(group[0]), int(group[-1]) + 1) for group in np.split(places, breaks)]
