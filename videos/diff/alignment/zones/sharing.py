"""Divide what runs of a zone show of B between them, and settle where two runs meet."""

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np

from videos.diff.alignment.evidence.mismatch_cost import UNMATCHED_COST, MismatchCost
from videos.diff.alignment.evidence.squares import measure_squares_beside
from videos.diff.alignment.outline import subtract_spans
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.candidates import measure_run
from videos.diff.alignment.zones.exactness import MIN_SQUARES, OTHER_RATIO
from videos.diff.alignment.zones.runs import MIN_RUN_FRAMES, cut_free, find_frames
from videos.diff.sampling.descriptor import Floats
from videos.diff.script.edit_script import Span

MIN_EXACT_FRAMES = 3  # frames of either that are compared, at least
SQUARES_WEIGHT = 0.8  # cost of a frame whose exact difference is e times that of the other run

MEETING_SECONDS = 1.0  # seconds of A around the moment at which two runs meet, in which it is settled
MIN_MEETING_GAIN = 0.1  # cost that another moment must save,
MIN_MEETING_FRAMES = 2  # and frames by which it must be another: encoding may blur one frame beside a cut


def share_out(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return runs in A's order of which no two show the same moments of B.

    What two runs show is divided at the moment from which the other one matches better.
    """
    lost: list[list[Span]] = [[] for _ in runs]
    for first, second in combinations(sorted(range(len(runs)), key=lambda place: runs[place].b), 2):
        span = runs[second].b[0], min(runs[first].b[1], runs[second].b[1])
        if span[1] > span[0]:
            earlier, later, border = _divide(match, runs, (first, second), span)
            lost[earlier] += [(border, span[1])] if border < span[1] else []
            lost[later] += [(span[0], border)] if border > span[0] else []
    return sorted(
        (piece for run, spans in zip(runs, lost, strict=True) for piece in cut_free(match, run, spans)),
        key=lambda run: run.start,
    )


def _divide(match: MismatchCost, runs: list[Run], pair: tuple[int, int], span: Span) -> tuple[int, int, float]:
    """Return which of two runs shows a span of B at first, which one then, and from which moment."""
    maps = [runs[place].time_map for place in pair]
    shared = [Run(time_map.to_a(span[0]), time_map.to_a(span[1]), time_map) for time_map in maps]
    ours, theirs = _measure_both(match, shared)
    count = len(ours)
    sums = np.append(0, np.cumsum(ours - theirs))  # how much more ours cost up to each frame
    ours_first = sums.min() <= sums[-1] - sums.max()
    at = int(sums.argmin() if ours_first else sums.argmax())
    border = span[1] if at == count else span[0] + at * match.a.fingerprint.step * maps[0].slope
    return (*pair, border) if ours_first else (*pair[::-1], border)


def settle_meetings(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return runs in A's order, with the moments at which two of them meet settled by exact differences.

    Where the picture stands still, both match within the noise for some frames around the moment. Where the speed
    changes, they do so too, but that moment is known.
    """
    left = list(runs)
    for place, (before, after) in enumerate(pairwise(runs)):
        is_touching = abs(after.start - before.end) < match.a.fingerprint.step / 2
        if is_touching and before.time_map.slope == after.time_map.slope:
            others = [*left[:place], *left[place + 2 :]]
            moment = _settle_meeting(match, left[place], after, others)
            left[place : place + 2] = replace(left[place], end=moment), replace(after, start=moment)
    return left


def _settle_meeting(match: MismatchCost, before: Run, after: Run, others: list[Run]) -> float:
    """Return the moment of A at which a run ends and the next one begins; the others keep what they show of B."""
    a, b, moment = match.a.fingerprint, match.b.fingerprint, before.end
    later = min([b.duration, *(run.b[0] for run in others if run.b[0] >= before.b[1] - b.step / 2)])
    earlier = max([0.0, *(run.b[1] for run in others if run.b[1] <= after.b[0] + b.step / 2)])
    keep = MIN_RUN_FRAMES * a.step
    low = max(moment - MEETING_SECONDS, before.start + keep, after.time_map.to_a(earlier))
    high = min(moment + MEETING_SECONDS, after.end - keep, before.time_map.to_a(later))
    first, last = find_frames(match.a, (low, high))
    if not low - a.step / 2 < moment < high + a.step / 2 or first >= last:
        return moment
    shared = [Run(float(a.borders[first]), float(a.borders[last]), run.time_map) for run in (before, after)]
    ours, theirs = _measure_both(match, shared)
    sums = np.append(0, np.cumsum(ours - theirs))
    known, best = find_frames(match.a, (moment, moment))[0] - first, int(sums.argmin())
    is_other = abs(best - known) >= MIN_MEETING_FRAMES and sums[best] < sums[known] - MIN_MEETING_GAIN
    return float(a.borders[first + best]) if is_other else moment


def _measure_both(match: MismatchCost, shared: list[Run]) -> Floats:
    """Return the costs (2, frames) of two runs of about the same duration.

    In slow footage both may match within the noise, so the one that differs more costs more, unless a frame matches on
    neither.
    """
    costs = [measure_run(match, run) for run in shared]
    count = min(len(each) for each in costs)
    if not count:
        return np.zeros((2, 0), np.float32)
    both = np.stack([each[:count] for each in costs])
    squares = np.stack([measure_squares(match, run)[:count] for run in shared]).clip(MIN_SQUARES, None)
    exact = np.log((squares / squares.min(axis=0)).clip(None, OTHER_RATIO))
    is_matching = both.min(axis=0) < UNMATCHED_COST
    exact_costs: Floats = both + SQUARES_WEIGHT * exact * is_matching
    return exact_costs


def is_more_exact(match: MismatchCost, runs: list[Run], others: list[Run]) -> bool:
    """Return whether the frames that `runs` match elsewhere than the `others` differ several times less there."""
    ours, theirs = (_list_squares(match, *each) for each in ((runs, others), (others, runs)))
    if min(len(ours), len(theirs)) < MIN_EXACT_FRAMES:
        return False
    return max(MIN_SQUARES, float(ours.mean())) * OTHER_RATIO <= float(theirs.mean())


def _list_squares(match: MismatchCost, runs: list[Run], others: list[Run]) -> Floats:
    """Return the mean squared differences (frames,) of the frames of runs that no other run has on the same map."""
    alone = []
    for run in runs:
        same = [(other.start, other.end) for other in others if other.time_map == run.time_map]
        alone += [Run(*span, run.time_map) for span in subtract_spans((run.start, run.end), same)]
    return np.concatenate([np.zeros(0, np.float32), *(measure_squares(match, each) for each in alone)])


def measure_squares(match: MismatchCost, run: Run) -> Floats:
    """Return the mean squared differences (frames,) of luma on a run's time map."""
    in_a = np.arange(*find_frames(match.a, (run.start, run.end)))
    return (
        measure_squares_beside(match.a, match.b, in_a, run.time_map, np.zeros(1))[:, 0]
        if len(in_a)
        else np.zeros(0, np.float32)
    )
