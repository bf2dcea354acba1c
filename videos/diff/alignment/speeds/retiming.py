"""Play B at the speed of A before the two are aligned, if one runs at another speed throughout.

The alignment finds small changes of speed. Beyond them, B is retimed to a few speeds and to that of its longest run.
The one at which nearly all footage matches is refined. Everything after the alignment then sees two videos of equal
speed and other frame rates.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from videos.diff.alignment.evidence.pairing import find_partners, shows_same_footage
from videos.diff.alignment.speeds.path import OffsetCosts
from videos.diff.alignment.viterbi import Run, align_videos, remove_repeated_runs
from videos.diff.sampling.descriptor import SampledVideo
from videos.fingerprint.format import Fingerprint

# Factors by which B's times are multiplied in the search; the alignment finds up to a quarter more or less.
TRIED_FACTORS = (0.52, 0.72, 1.38, 1.92)
RUN_SECONDS = 0.5  # seconds of A that each run after the first costs, added to the unmatched time
MAX_PLAIN_COST = 0.15  # cost of the alignment at equal speed up to which no other speed is tried
MAX_COST = 0.3  # cost of the alignment at another speed, at most
MAX_COST_RATIO = 0.7  # cost at another speed against that at equal speed
MAX_LEVELS_RATIO = 0.95  # difference of the matched frames at another speed against that at equal speed
MAX_MISSING_RATIO = 1.05  # the same if little matches at equal speed: what does may be where the two lines cross
MISSING_COST = 0.5  # cost at equal speed from which little matches
MIN_SAME_SIGN_SHARE = 0.75  # share of the steps between runs in one direction, from which they may be another speed
MIN_STEADY_SHARE = 0.6  # share of the moments in runs whose best matches keep one offset: then both are equally fast
STEADY_FRAMES = 1.5  # frames by which a match may be off that offset
STEADY_MOMENTS = 300  # moments at which this is measured
MIN_STEADY_SECONDS = 5.0  # matched seconds from which it is evidence
MIN_SLOPED_SHARE = 0.5  # share of the matched seconds at other speeds, from which the whole may run at one
MIN_SAME_SLOPE_SHARE = 0.9  # share of the matched seconds at one slope
MAX_PATH_SECONDS = 60.0  # seconds of A in which parts at equal speed are searched
MIN_EQUAL_SHARE = 0.25  # share of A at equal speed, from which only a part runs at another one
SAME_SLOPE = 0.015  # share by which slopes differ that count as one before they are fitted exactly
MIN_SLOPE_OFF = 0.02  # share; slower changes of speed are left to the alignment
EXACT_SLOPE = 0.0005  # share; a factor that is off by less is not refined further
MAX_SEARCHED_SECONDS = 120.0  # seconds of A in which the speed is searched
SLOPE_SECONDS = 3.0  # seconds of A between two matches from which a slope is measured
MAX_FIT_OFF = 0.25  # share by which such a slope may be off; others are across cuts
NEARLY_FITTED = 0.012  # share by which the median slope is off, from which a line through the longest run is fitted
FIT_ROUNDS = 4  # of that fit, each without the outliers of the one before
MIN_SLOPES = 10  # such slopes, at least
MOMENT_SECONDS = 0.1  # seconds of A between matches
REACH_SECONDS = 0.6  # seconds of B on both sides in which a match is searched
MAX_ROUNDS = 4  # times that a factor is refined


def retime(video: SampledVideo, factor: float) -> SampledVideo:
    """Return the video with all its times multiplied by `factor`."""
    fingerprint = video.fingerprint
    return replace(
        video,
        fingerprint=replace(fingerprint, times=fingerprint.times * factor, duration=fingerprint.duration * factor),
    )


def find_retiming(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> float:
    """Return the factor by which B's times are multiplied so that it runs as fast as A; 1 if it does.

    `runs` are those of the alignment at equal speed.
    """
    runs = _select_matching(a, b, runs)
    slope = _find_common_slope(runs)
    if slope and abs(slope - 1) > MIN_SLOPE_OFF and _measure_cost(a, b, runs) <= MAX_COST:
        return 1.0 if _has_equal_parts(a, b, runs) else _refine_factor(a, b, 1 / slope)[1]
    return _search_factor(*_excerpt(a, b)) if _may_be_retimed(a, b, runs) else 1.0


def _has_equal_parts(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> bool:
    """Return whether a good part of a short video runs equally fast: slow footage hides that only a part does not."""
    if a.fingerprint.duration > MAX_PATH_SECONDS:
        return False
    offsets = [run.time_map.to_b(moment) - moment for run in runs for moment in (run.start, run.end)]
    ends = min(offsets) - REACH_SECONDS, max(offsets) + REACH_SECONDS
    path = OffsetCosts(a, b, (0.0, a.fingerprint.duration), ends).find_path()
    equal = sum(run.seconds for run in path if run.time_map.slope == 1)
    return equal >= MIN_EQUAL_SHARE * a.fingerprint.duration


def _find_common_slope(runs: list[Run]) -> float | None:
    """Return the slope of nearly all matched seconds, or None."""
    if not runs:
        return None
    slope = max(runs, key=lambda run: run.seconds).time_map.slope
    same = sum(run.seconds for run in runs if abs(run.time_map.slope / slope - 1) <= SAME_SLOPE)
    return slope if same >= MIN_SAME_SLOPE_SHARE * sum(run.seconds for run in runs) else None


def _may_be_retimed(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> bool:
    """Return whether runs at equal speed may be parts of a video at another speed."""
    if _measure_cost(a, b, runs) <= MAX_PLAIN_COST or _keeps_speed(a, b, runs):
        return False
    if 1 - _measure_matched_share(a, b, runs) > MAX_PLAIN_COST:
        return True
    if sum(run.seconds for run in runs if run.time_map.slope != 1) > MIN_SLOPED_SHARE * sum(
        run.seconds for run in runs
    ):
        return True
    steps = [after.time_map.to_b(after.start) - before.time_map.to_b(after.start) for before, after in pairwise(runs)]
    rising = sum(step > 0 for step in steps)
    return max(rising, len(steps) - rising) >= MIN_SAME_SIGN_SHARE * len(steps)


def _keeps_speed(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> bool:
    """Return whether most of the matched footage runs exactly as fast in B: at another speed, a run is left at once."""
    seconds = sum(run.seconds for run in runs)
    if seconds < MIN_STEADY_SECONDS:
        return False
    every = max(MOMENT_SECONDS, seconds / STEADY_MOMENTS)
    near = STEADY_FRAMES * max(a.fingerprint.step, b.fingerprint.step)
    is_steady = []
    for run in runs:
        offsets = np.array([in_b - run.time_map.slope * in_a for in_a, in_b in _match_moments(a, b, [run], every)])
        is_steady += list((np.abs(offsets - np.median(offsets)) <= near) & (run.time_map.slope == 1))
    return float(np.mean(is_steady)) >= MIN_STEADY_SHARE


def _search_factor(a: SampledVideo, b: SampledVideo) -> float:
    """Return the factor at which nearly all footage matches, or 1."""
    found = _select_matching(a, b, align_videos(a, b))
    runs = [run for run in found if abs(run.time_map.slope - 1) <= SAME_SLOPE]
    plain = _measure_cost(a, b, runs)
    slope = max(found, key=lambda run: run.seconds).time_map.slope if found else 1.0
    tried = TRIED_FACTORS if abs(slope - 1) <= MIN_SLOPE_OFF else (*TRIED_FACTORS, 1 / slope)
    cost, factor = min(_refine_factor(a, b, factor) for factor in tried)
    if cost > min(MAX_COST, MAX_COST_RATIO * plain) or abs(factor - 1) <= MIN_SLOPE_OFF:
        return 1.0
    retimed = retime(b, factor)
    levels = _measure_levels(a, retimed, _select_matching(a, retimed, align_videos(a, retimed)))
    most = MAX_LEVELS_RATIO if plain < MISSING_COST else MAX_MISSING_RATIO
    return factor if not runs or levels <= most * _measure_levels(a, b, runs) else 1.0


def _measure_levels(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> float:
    """Return the mean difference in levels of the frames that runs match.

    Slow footage also matches at a wrong speed, but not as well.
    """
    levels = []
    for run in runs:
        in_a = np.unique(a.fingerprint.nearest(np.arange(run.start, run.end, MOMENT_SECONDS)))
        in_b = find_partners(a, b, in_a, run.time_map, search=True)
        levels.append(np.abs(b.pooled_luma[in_b] - a.pooled_luma[in_a]).mean(axis=1))
    return float(np.concatenate(levels).mean()) if levels else 0.0


def _refine_factor(a: SampledVideo, b: SampledVideo, factor: float) -> tuple[float, float]:
    """Return the cost of the alignment near a speed, and the exact factor."""
    cost = 1.0
    for _ in range(MAX_ROUNDS):
        retimed = retime(b, factor)
        runs = _select_matching(a, retimed, align_videos(a, retimed))
        cost = _measure_cost(a, retimed, runs)
        if not runs or cost > 2 * MAX_COST:
            break
        slope = max(runs, key=lambda run: run.seconds).time_map.slope
        if abs(slope - 1) <= SAME_SLOPE:
            slope = _fit_slope(a, retimed, runs)
        factor /= slope
        if abs(slope - 1) <= EXACT_SLOPE:
            break
    return cost, factor


def _select_matching(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> list[Run]:
    """Return the runs that show the same footage, without repeated ones."""
    return [
        run
        for run in remove_repeated_runs(runs)
        if shows_same_footage(a, b, run.time_map, (run.start, run.end), search=True)
    ]


def _fit_slope(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> float:
    """Return the median slope between matches that are some seconds apart, which cuts hardly change."""
    in_a, in_b = (np.array(times) for times in zip(*_match_moments(a, b, runs), strict=True))
    low = np.searchsorted(in_a, in_a + SLOPE_SECONDS)
    has_partner = low < len(in_a)
    apart_a = in_a[low[has_partner]] - in_a[has_partner]
    slopes = (in_b[low[has_partner]] - in_b[has_partner]) / apart_a
    near = slopes[np.abs(slopes - 1) <= MAX_FIT_OFF]
    slope = float(np.median(near)) if len(near) >= MIN_SLOPES else 1.0
    return _fit_longest(a, b, runs) if abs(slope - 1) <= NEARLY_FITTED else slope


def _fit_longest(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> float:
    """Return the slope of a line through the matches of the longest run, without outliers."""
    longest = max(runs, key=lambda run: run.seconds)
    in_a, in_b = (np.array(times) for times in zip(*_match_moments(a, b, [longest]), strict=True))
    near = np.ones(len(in_a), bool)
    slope = 1.0
    for _ in range(FIT_ROUNDS):
        if near.sum() < MIN_SLOPES:
            return 1.0
        slope, offset = np.polyfit(in_a[near], in_b[near], 1)
        errors = np.abs(in_b - slope * in_a - offset)
        near = errors <= max(b.fingerprint.step, 2 * float(np.median(errors)))
    return float(slope) if abs(slope - 1) <= MAX_FIT_OFF else 1.0


def _match_moments(
    a: SampledVideo, b: SampledVideo, runs: list[Run], every: float = MOMENT_SECONDS
) -> Iterator[tuple[float, float]]:
    """Yield moments of A in runs, and the moments of B around their time maps that look most similar."""
    for run in runs:
        for frame in np.unique(a.fingerprint.nearest(np.arange(run.start, run.end, every))):
            seconds = float(a.fingerprint.times[frame])
            middle = run.time_map.to_b(seconds)
            times = b.fingerprint.times
            near = slice(*np.searchsorted(times, (middle - REACH_SECONDS, middle + REACH_SECONDS)))
            if near.stop > near.start:
                levels = np.abs(b.pooled_luma[np.arange(near.start, near.stop)] - a.pooled_luma[frame]).mean(axis=1)
                yield seconds, float(times[near.start + int(levels.argmin())])


def _measure_cost(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> float:
    """Return the unmatched share of both videos, and what the number of runs adds to it."""
    return 1 - _measure_matched_share(a, b, runs) + RUN_SECONDS * max(0, len(runs) - 1) / a.fingerprint.duration


def _measure_matched_share(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> float:
    """Return the mean of the shares of A and of B that the runs cover."""
    of_a = sum(run.seconds for run in runs) / a.fingerprint.duration
    of_b = sum(run.b[1] - run.b[0] for run in runs) / b.fingerprint.duration
    return min(1.0, (of_a + of_b) / 2)


def _excerpt(a: SampledVideo, b: SampledVideo) -> tuple[SampledVideo, SampledVideo]:
    """Return the middle of both videos, equal shares of each, if they are long."""
    share = min(1.0, MAX_SEARCHED_SECONDS / a.fingerprint.duration)
    return tuple(replace(side, fingerprint=_cut(side.fingerprint, share)) for side in (a, b))  # type: ignore[return-value]


def _cut(video: Fingerprint, share: float) -> Fingerprint:
    if share == 1:
        return video
    first = int(len(video) * (1 - share) / 2)
    last = min(len(video) - 1, first + max(2, int(len(video) * share)))
    times = video.times[first:last]
    return replace(
        video, records=video.records[first:last], times=times - times[0], duration=float(video.times[last] - times[0])
    )
