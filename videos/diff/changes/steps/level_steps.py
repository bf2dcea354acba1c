"""Find spans in which a value of the whole picture differs from the usual one, such as its detail or brightness.

An encoder changes such a value, more in some shots than in others. What tells an edit from it is the step at both of
its borders, against how much the value varies elsewhere in the pair: at a cut from shot to shot, and within a shot much
less.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.descriptor import Floats

STEP_QUANTILE, STEP_FACTOR = 0.8, 3.0  # quantile of the steps of the pair, and by how much those of an edit exceed it
SPREAD_FACTOR = 3.0  # by which such a step exceeds the standard deviation of the value in the pair
END_FACTOR = 2.0  # by which steps must be larger where a part begins or ends with the span: it has one border only
MIN_END_SHARE = 0.25  # share of the median of a span that its first and its last bin have, at least
THROUGHOUT_SHARE = 0.4  # share of the median of a span by which each of its bins differs, if it has no borders
LEVEL_SHARE = 0.6  # share of that step by which every bin of a span differs from the pair's median
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


def find_usual_level(
    parts: Sequence[Floats], least_step: float, cuts: Sequence[Mask] = (), least_in_shot: float | None = None
) -> UsualLevel:
    """Learn from a value (bins,) in all parts of a pair what is usual in it.

    Smaller steps than `least_step` are no edits, or than `least_in_shot` within a shot, by default the same. `cuts` are
    the bins (bins,) of each part that have a cut. Without them, each border may be one.
    """
    if not parts:
        return UsualLevel(0.0, least_step)
    return find_usual_of_values([part[:, None] for part in parts], least_step, cuts, least_in_shot)[0]


def find_usual_of_values(
    parts: Sequence[Floats], least_step: float, cuts: Sequence[Mask] = (), least_in_shot: float | None = None
) -> list[UsualLevel]:
    """Learn what is usual in each of several values from all parts (bins, values) of a pair. See `find_usual_level`."""
    together = np.concatenate(parts)
    if not len(together):
        return [UsualLevel(0.0, least_step)] * together.shape[1]
    median = np.median(together, axis=0)
    spread = MADS_PER_DEVIATION * np.median(np.abs(together - median), axis=0)
    anywhere = [_measure_steps(part, np.zeros(len(part), bool), SIDE_BINS) for part in parts]
    steps = np.maximum(least_step, np.maximum(STEP_FACTOR * _find_usual_step(anywhere), SPREAD_FACTOR * spread))
    shot_steps = np.full_like(steps, np.inf)
    in_shots = [_measure_steps(part, has_cut) for part, has_cut in zip(parts, cuts, strict=bool(cuts))]
    if in_shots and len(_list_known(in_shots)) >= MIN_SHOT_STEPS:
        usual = STEP_FACTOR * np.quantile(np.abs(_list_known(in_shots)), STEP_QUANTILE, axis=0)
        shot_steps = np.maximum(least_step if least_in_shot is None else least_in_shot, np.minimum(steps, usual))
    return [UsualLevel(*map(float, each)) for each in zip(median, steps, shot_steps, strict=True)]


def _find_usual_step(parts: Sequence[Floats]) -> Floats:
    """Return the step (values,) that is usual in all parts (bins, values), without those which may be of one edit."""
    steps = np.sort(np.abs(_list_known(parts)), axis=0)
    steps = steps[: len(steps) - min(EDIT_STEPS, int(EDIT_SHARE * len(steps)))]
    usual: Floats = np.quantile(steps, STEP_QUANTILE, axis=0) if len(steps) else np.zeros(steps.shape[1], np.float32)
    return usual


def _list_known(parts: Sequence[Floats]) -> Floats:
    """Return the steps (n, values) of all parts (bins, values) that are known: all values of a bin are, or none."""
    together = np.concatenate(parts)
    known: Floats = together[~np.isnan(together[:, 0])]
    return known


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
    return [(_trim(off, span), float(np.median(off[slice(*span)]))) for span in sorted(kept)]


def differs_throughout(levels: Floats, usual: UsualLevel, factor: float) -> bool:
    """Return whether the bins (bins,) of a span all differ from the usual level to the same side.

    Their median does so by `factor` steps at least, and every bin by a share of that.
    """
    off = (levels - usual.median) * np.sign(np.median(levels) - usual.median) / usual.step
    return bool(len(off) >= MIN_BINS and off.min() >= THROUGHOUT_SHARE * factor and np.median(off) >= factor)


def _trim(off: Floats, span: BinSpan) -> BinSpan:
    """Return the span without bins at its ends that hardly differ, against its median."""
    first, last = span
    share = np.abs(off[first:last] / (np.median(off[first:last]) or 1))
    present = np.flatnonzero(share >= MIN_END_SHARE)
    return (first + int(present[0]), first + int(present[-1]) + 1) if len(present) else span


def _list_standing_out(off: Floats, usual: UsualLevel) -> Iterator[BinSpan]:
    """Yield the spans of bins that stand out and begin and end with a step that is clear also at a cut."""
    for sign in (1, -1):
        for first, last in _group_bins(sign * off > LEVEL_SHARE * usual.step):
            if not MIN_BINS <= last - first < len(off):
                continue
            least = usual.step * (END_FACTOR if first == 0 or last == len(off) else 1)
            if all(sign * _measure_border(off, at, inwards) >= least for at, inwards in ((first, 1), (last, -1))):
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
    """Return the step (bins, ...) of values (bins, ...) at the start of each bin, between bins of the same shot.

    It is NaN where fewer bins than `least_bins` are on one side of the start.
    """
    means = []
    is_known = np.ones(len(levels), bool)
    for is_inside, places in _list_sides(has_cut):
        counts = is_inside.sum(axis=0)
        is_known &= counts >= least_bins
        weights = (is_inside / np.maximum(counts, 1)).astype(np.float32)
        means.append(np.einsum("sb,sb...->b...", weights, levels[places]))
    steps: Floats = means[1] - means[0]
    steps[~is_known] = np.nan
    return steps


def _is_separate(levels: Floats, has_cut: Mask) -> Mask:
    """Return at which starts of bins (bins,) all bins of the shot before differ from all of those after by their sign.

    Noise may be as large as a step, but is not on one side of it.
    """
    (low, high), (least, most) = (
        (
            np.where(is_inside, levels[places], np.inf).min(axis=0),
            np.where(is_inside, levels[places], -np.inf).max(axis=0),
        )
        for is_inside, places in _list_sides(has_cut)
    )
    separate: Mask = (high <= least) | (most <= low)
    return separate


def _list_sides(has_cut: Mask) -> Iterator[tuple[Mask, NDArray[np.intp]]]:
    """Yield the places (SIDE_BINS, bins) of the bins before the start of each bin, and after it.

    A mask tells which of them are in its shot. A bin that has a cut shows two shots, and is in none.
    """
    shot, bins = np.cumsum(has_cut), np.arange(len(has_cut))
    for first in (-SIDE_BINS, 0):
        places = bins + np.arange(first, first + SIDE_BINS)[:, None]
        is_there = (places >= 0) & (places < len(bins))
        places = places.clip(0, max(0, len(bins) - 1))
        yield is_there & (shot[places] == shot) & ~has_cut[places] & ~has_cut, places


def _measure_border(off: Floats, at: int, inwards: int) -> float:
    """Return the step into a span at one of its borders; where the part begins or ends, against the median."""
    before, after = off[max(0, at - SIDE_BINS) : at], off[at : at + SIDE_BINS]
    means = [float(side.mean()) if len(side) else 0.0 for side in (before, after)]
    return (means[1] - means[0]) * inwards


def measure_borders(off: Floats) -> NDArray[np.float64]:
    """Return the step (bins + 1, values) of values (bins, values) at each border; beyond the ends they are 0."""
    sums = np.vstack([np.zeros(off.shape[1]), np.cumsum(off, axis=0, dtype=np.float64)])
    at = np.arange(len(sums))
    low, high = np.maximum(at - SIDE_BINS, 0), np.minimum(at + SIDE_BINS, len(off))
    before = (sums - sums[low]) / np.maximum(at - low, 1)[:, None]
    steps: NDArray[np.float64] = (sums[high] - sums) / np.maximum(high - at, 1)[:, None] - before
    return steps


def _group_bins(standing_out: np.ndarray) -> list[BinSpan]:
    """Return the spans of bins that stand out, over short pauses."""
    places = np.flatnonzero(standing_out)
    if not len(places):
        return []
    breaks = np.flatnonzero(places[1:] - places[:-1] > MAX_PAUSE + 1) + 1
    return [(int(group[0]), int(group[-1]) + 1) for group in np.split(places, breaks)]
