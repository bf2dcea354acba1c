"""Find spans in which a value of the whole picture differs from the usual one, such as its detail or brightness.

An encoder changes such a value, more in some shots than in others. What tells an edit from it is the step at both of
its borders, against how much the value varies elsewhere in the pair.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from videos.diff.sampling.descriptor import Floats

STEP_QUANTILE, STEP_FACTOR = 0.8, 3.0  # quantile of the steps of the pair, and by how much those of an edit exceed it
SPREAD_FACTOR = 3.0  # by which such a step exceeds the standard deviation of the value in the pair
END_FACTOR = 2.0  # by which steps must be larger where a part begins or ends with the span: it has one border only
LEVEL_SHARE = 0.6  # share of that step by which every bin of a span differs from the pair's median
SIDE_BINS = 3  # bins before and after a border whose means are compared
EDIT_STEPS, EDIT_SHARE = 12, 0.03  # the largest steps, which may be those of one edit, and the share that they may be
MIN_BINS = 3  # bins of a span, at least
MAX_PAUSE = 1  # bins within a span that do not stand out, at most
MADS_PER_DEVIATION = 1.4826  # of a normal distribution

BinSpan = tuple[int, int]  # first and last + 1


@dataclass(frozen=True, slots=True)
class UsualLevel:
    """By how much a value of B usually exceeds that of A, and the step from which a border is one of an edit."""

    median: float
    step: float


def find_usual_level(parts: Sequence[Floats], least_step: float) -> UsualLevel:
    """Learn from a value (bins,) in all parts of a pair what is usual in it. Smaller steps are no edits."""
    together = np.concatenate([np.zeros(0, np.float32), *parts])
    if not len(together):
        return UsualLevel(0.0, least_step)
    median = float(np.median(together))
    spread = MADS_PER_DEVIATION * float(np.median(np.abs(together - median)))
    steps = np.sort(np.concatenate([np.abs(_measure_steps(part)) for part in parts]))
    steps = steps[: len(steps) - min(EDIT_STEPS, int(EDIT_SHARE * len(steps)))]
    usual = float(np.quantile(steps, STEP_QUANTILE)) if len(steps) else 0.0
    return UsualLevel(median, max(least_step, STEP_FACTOR * usual, SPREAD_FACTOR * spread))


def find_level_spans(levels: Floats, usual: UsualLevel) -> list[tuple[BinSpan, float]]:
    """Return the spans of bins that begin and end with a step, and by how much the value differs."""
    found = []
    off = levels - usual.median
    for sign in (1, -1):
        for first, last in _group_bins(sign * off > LEVEL_SHARE * usual.step):
            if not MIN_BINS <= last - first < len(off):
                continue
            steps = [sign * _measure_border(off, at, inwards) for at, inwards in ((first, 1), (last, -1))]
            is_at_end = first == 0 or last == len(off)
            least = usual.step * (END_FACTOR if is_at_end else 1)
            if min(steps) >= least:
                found.append(((first, last), float(np.median(off[first:last]))))
    return sorted(found)


def _measure_steps(levels: Floats) -> Floats:
    """Return the step at each border between bins with SIDE_BINS on both sides."""
    if len(levels) < 2 * SIDE_BINS:
        return np.zeros(0, np.float32)
    means = np.convolve(levels, np.full(SIDE_BINS, 1 / SIDE_BINS), "valid")
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
