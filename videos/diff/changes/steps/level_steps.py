"""Find spans in which a value of the whole picture differs from the usual one, such as its detail or brightness.

An encoder changes such a value, more in some shots than in others. What tells an edit from it is the step at both of
its borders, against how much the value varies elsewhere in the pair: at a cut from shot to shot, and within a shot much
less.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.descriptor import Floats

STEP_QUANTILE, STEP_FACTOR = 0.8, 3.0  # quantile of the steps of the pair, and by how much those of an edit exceed it
SPREAD_FACTOR = 3.0  # by which such a step exceeds the standard deviation of the value in the pair
END_FACTOR = 2.0  # by which steps must be larger where a part begins or ends with the span: it has one border only
LEVEL_SHARE = 0.6  # share of that step by which every bin of a span differs from the pair's median
LEAST_SHARE = 2 / 3  # of the smallest step of an edit, within a shot
MIN_SHOT_STEPS = 8  # steps within shots from which it is learned what is usual there
MIN_SIDE_BINS = 2  # bins of a shot on either side of a border, at least
NEAR_BINS = 2  # bins around a border in which no other one steps more
MIN_CLEAR_BINS = 5  # bins of a span between two clear borders; encoders change their quality for less than a second
MAX_LOW_BINS = 3  # bins in succession within a span that do not stand out, if both borders are clear
SIDE_BINS = 3  # bins before and after a border whose means are compared
EDIT_STEPS, EDIT_SHARE = 12, 0.03  # the largest steps, which may be those of one edit, and the share that they may be
MIN_BINS = 3  # bins of a span, at least
MAX_PAUSE = 1  # bins within a span that do not stand out, at most
MADS_PER_DEVIATION = 1.4826  # of a normal distribution

BinSpan = tuple[int, int]  # first and last + 1
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class UsualLevel:
    """By how much a value of B usually exceeds that of A, and the steps from which a border is one of an edit.

    `step` is needed at a cut, and `shot_step` within a shot.
    """

    median: float
    step: float
    shot_step: float = np.inf


def find_usual_level(parts: Sequence[Floats], least_step: float, cuts: Sequence[Mask] = ()) -> UsualLevel:
    """Learn from a value (bins,) in all parts of a pair what is usual in it. Smaller steps are no edits.

    `cuts` are the bins (bins,) of each part that have a cut. Without them, each border may be one.
    """
    together = np.concatenate([np.zeros(0, np.float32), *parts])
    if not len(together):
        return UsualLevel(0.0, least_step)
    median = float(np.median(together))
    spread = MADS_PER_DEVIATION * float(np.median(np.abs(together - median)))
    anywhere = np.concatenate([_measure_steps(part, np.zeros(len(part), bool), SIDE_BINS) for part in parts])
    steps = np.sort(np.abs(anywhere[~np.isnan(anywhere)]))
    steps = steps[: len(steps) - min(EDIT_STEPS, int(EDIT_SHARE * len(steps)))]
    usual = float(np.quantile(steps, STEP_QUANTILE)) if len(steps) else 0.0
    step = max(least_step, STEP_FACTOR * usual, SPREAD_FACTOR * spread)
    in_shots = [np.abs(_measure_steps(part, has_cut)) for part, has_cut in zip(parts, cuts, strict=bool(cuts))]
    within = np.concatenate([np.zeros(0, np.float32), *in_shots])
    within = within[~np.isnan(within)]
    if len(within) < MIN_SHOT_STEPS:
        return UsualLevel(median, step)
    usual_within = float(np.quantile(within, STEP_QUANTILE))
    return UsualLevel(median, step, min(step, max(LEAST_SHARE * least_step, STEP_FACTOR * usual_within)))


def find_level_spans(levels: Floats, usual: UsualLevel, has_cut: Mask | None = None) -> list[tuple[BinSpan, float]]:
    """Return the spans of bins that begin and end with a step, and by how much the value differs.

    `has_cut` are the bins (bins,) that have a cut. No two spans overlap.
    """
    off = levels - usual.median
    spans = list(_list_standing_out(off, usual))
    if has_cut is not None and usual.shot_step < np.inf:
        spans += _list_between_steps(off, usual, has_cut)
    least = LEVEL_SHARE * min(usual.step, usual.shot_step)
    weighed = sorted(((float((np.abs(off[slice(*span)]) - least).sum()), span) for span in spans), reverse=True)
    kept: list[BinSpan] = []
    for _, (first, last) in weighed:
        if all(last <= low or first >= high for low, high in kept):
            kept.append((first, last))
    return [(span, float(np.median(off[slice(*span)]))) for span in sorted(kept)]


def _list_standing_out(off: Floats, usual: UsualLevel) -> Iterator[BinSpan]:
    """Yield the spans of bins that stand out and begin and end with a step that is clear also at a cut."""
    for sign in (1, -1):
        for first, last in _group_bins(sign * off > LEVEL_SHARE * usual.step):
            if not MIN_BINS <= last - first < len(off):
                continue
            steps = [sign * _measure_border(off, at, inwards) for at, inwards in ((first, 1), (last, -1))]
            is_at_end = first == 0 or last == len(off)
            if min(steps) >= usual.step * (END_FACTOR if is_at_end else 1):
                yield first, last


def _list_between_steps(off: Floats, usual: UsualLevel, has_cut: Mask) -> Iterator[BinSpan]:
    """Yield the spans between two clear steps, at a cut or within a shot, whose bins stand out."""
    within = np.nan_to_num(_measure_steps(off, has_cut)) / np.float32(usual.shot_step)
    within[~_is_separate(off, has_cut)] = 0
    anywhere = np.nan_to_num(_measure_steps(off, np.zeros_like(has_cut), 1)) / np.float32(usual.step)
    for sign in (1, -1):
        rises = _list_peaks(np.maximum(sign * within, sign * anywhere))
        falls = _list_peaks(np.maximum(-sign * within, -sign * anywhere))
        standing_out = sign * off > LEVEL_SHARE * usual.shot_step
        for first in rises:
            high = _find_end(standing_out, first)
            for last in falls[np.searchsorted(falls, first + MIN_CLEAR_BINS) :]:
                if last > high + 1:
                    break
                if sign * float(np.median(off[first:last])) >= usual.shot_step:
                    yield int(first), int(last)


def _list_peaks(ratios: Floats) -> NDArray[np.intp]:
    """Return the borders (n,) whose step is clear, a ratio of at least 1, and larger than those around it."""
    padded = np.pad(ratios, NEAR_BINS)
    largest = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEAR_BINS + 1).max(axis=1)
    return np.flatnonzero((ratios >= 1) & (ratios >= largest))


def _find_end(standing_out: Mask, first: int) -> int:
    """Return the end of the bins from `first` on that stand out, over short pauses."""
    places = first + np.flatnonzero(standing_out[first:])
    pauses = np.diff(places, prepend=first - 1) - 1
    long = np.flatnonzero(pauses > MAX_LOW_BINS)
    reached = places[: long[0]] if len(long) else places
    return int(reached[-1]) + 1 if len(reached) else first


def _measure_steps(levels: Floats, has_cut: Mask, least_bins: int = MIN_SIDE_BINS) -> Floats:
    """Return the step (bins,) at the start of each bin, between bins of the same shot.

    It is NaN where fewer bins than `least_bins` are on one side of the start.
    """
    before, after = _list_sides(levels, has_cut)
    is_known = np.minimum(*((~np.isnan(side)).sum(axis=1) for side in (before, after))) >= least_bins
    steps = np.full(len(levels), np.nan, np.float32)
    steps[is_known] = np.nanmean(after[is_known], axis=1) - np.nanmean(before[is_known], axis=1)
    return steps


def _is_separate(levels: Floats, has_cut: Mask) -> Mask:
    """Return at which starts of bins (bins,) all bins of the shot before differ from all of those after by their sign.

    Noise may be as large as a step, but is not on one side of it.
    """
    (low, high), (least, most) = (
        (np.fmin.reduce(side, axis=1), np.fmax.reduce(side, axis=1)) for side in _list_sides(levels, has_cut)
    )
    separate: Mask = (high <= least) | (most <= low)
    return separate


def _list_sides(levels: Floats, has_cut: Mask) -> tuple[Floats, Floats]:
    """Return the bins (bins, SIDE_BINS) before and after the start of each bin, NaN where they are of other shots."""
    shot = np.append(np.cumsum(has_cut), -1).astype(np.float32)
    shot[:-1][has_cut] = np.nan  # a bin that has a cut shows two shots
    places, reach = np.arange(len(levels))[:, None], np.arange(SIDE_BINS)
    padded = np.append(levels, np.float32(np.nan))
    sides = []
    for side in (places - 1 - reach, places + reach):
        inside = np.where((side >= 0) & (side < len(levels)), side, len(levels))
        sides.append(np.where(shot[inside] == shot[:-1, None], padded[inside], np.float32(np.nan)))
    return sides[0], sides[1]


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
