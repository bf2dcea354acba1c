"""Undo small changes of offset between two runs that the frames of slow footage do not confirm.

An encoder lets slow footage lag behind by a few frames, so a wrong offset may match as well as the right one.
A change of offset (a step) is kept only if the frames match worse without it.
"""

from collections.abc import Iterator

import numpy as np

from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.time_map import IDENTITY_TIME_MAP, TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.motion import find_moving_part
from videos.diff.alignment.zones.runs import cut_free, find_frames, join_pieces

MAX_DRIFT_SECONDS = 0.4  # seconds of a step, at most
MAX_COST = 0.04  # cost by which frames may match worse without it, on average
MAX_WINDOW_COST = 0.12  # the same in most windows; an edit within the run begins and ends elsewhere on another map
MOST_WINDOWS = 0.85  # share of the windows
WINDOW_FRAMES = 10
MAX_OWN_COST = 0.3  # cost from which a frame is edited, so that it is no evidence for a step
MAX_DEVIATIONS = 0.3  # typical deviations by which the moving part may match worse without it
COMPARED_FRAMES = 250  # of a run, about


def join_drifting_runs(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return the runs in A's order, without the steps that their frames do not confirm.

    Such a step is one from a run to the next, or from the start or to the end of both videos.
    """
    left = list(runs)
    for place in sorted(range(len(runs)), key=lambda each: runs[each].seconds):
        run = left[place]
        others = [other.b for other in left if other is not run]
        for longer in _list_alternatives(match, left, place):
            pieces = cut_free(match, longer, others)
            if pieces and _matches_as_well(match, run, longer.time_map):
                left[place] = max(pieces, key=lambda each: each.seconds)
                break
    return join_pieces(match, left)


def _list_alternatives(match: MismatchCost, runs: list[Run], place: int) -> Iterator[Run]:
    """Yield a run on the maps of its neighbours, up to where these end, if the steps between them are small."""
    run, a, b = runs[place], match.a.fingerprint, match.b.fingerprint
    before = runs[place - 1] if place else Run(0.0, 0.0, IDENTITY_TIME_MAP)
    after = runs[place + 1] if place + 1 < len(runs) else Run(a.duration, a.duration, TimeMap(b.duration - a.duration))
    ends = [each.time_map for each in (before, after) if not each.seconds]
    if any(run.time_map.is_near(each, (run.start, run.end), max(a.step, b.step)) for each in ends):
        return  # both videos begin or end with it
    start = before.end if run.start - before.end <= MAX_DRIFT_SECONDS else run.start
    end = after.start if after.start - run.end <= MAX_DRIFT_SECONDS else run.end
    for other in sorted((before, after), key=lambda each: -each.seconds):
        apart = abs(run.time_map.to_b(run.start) - other.time_map.to_b(run.start))
        is_beside = start == before.end if other is before else end == after.start
        if is_beside and run.time_map.slope == other.time_map.slope and 0 < apart <= MAX_DRIFT_SECONDS:
            yield Run(
                start if before.time_map == other.time_map else run.start,
                end if after.time_map == other.time_map else run.end,
                other.time_map,
            )


def _matches_as_well(match: MismatchCost, run: Run, time_map: TimeMap) -> bool:
    """Return whether the frames of a run match about as well on another time map."""
    first, last = find_frames(match.a, (run.start, run.end))
    if first >= last:  # shorter than a frame
        return False
    every = max(1, (last - first) // COMPARED_FRAMES)
    own, other = (match.compute_costs(first, last, each, every).clip(0) for each in (run.time_map, time_map))
    worse = np.where(own < MAX_OWN_COST, other - own, 0)
    window = min(len(worse), WINDOW_FRAMES * every)
    windows = np.convolve(worse, np.full(window, 1 / window), "valid")
    if worse.mean() > MAX_COST or np.quantile(windows, MOST_WINDOWS) > MAX_WINDOW_COST:
        return False
    part = find_moving_part(match.a, first, last)
    if part is None:
        return True
    own, other = (match.measure_part(first, last, each, part, every) for each in (run.time_map, time_map))
    return bool((other - own).mean() <= MAX_DEVIATIONS)
