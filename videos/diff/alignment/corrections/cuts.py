"""Move a cut over a change beside it, if the other run shows the same footage there.

In slow footage the frames at a cut match about equally well on the maps of both runs, so the cut may be found beside
its true place. Between the two places a logo, or what moves, then differs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.realign import Realigned
from videos.diff.alignment.zones.runs import find_frames
from videos.diff.script.edit_script import Span

MAX_SECONDS = 3.0  # seconds by which a cut may move
SAME_MAP_SECONDS = 0.2  # seconds by which the map of a change may differ from that of its run
NEAR_FRAMES = 2.5  # frames between a cut and the change beside it, at most
SLACK_SECONDS = 1e-3
MIN_GAIN = 0.05  # evidence by which the frames must match better on the map of the other run, on average


@dataclass(frozen=True, slots=True)
class ChangedSpan:
    """A span of A that differs from B on a time map."""

    span: Span
    time_map: TimeMap


@dataclass(frozen=True, slots=True)
class _Shift:
    """What one run gains if a cut moves over a change, what the other run loses, and the span of A from end to end."""

    gained: Run
    lost: Run
    span: Span

    def measure_gain(self, match: MismatchCost) -> float:
        """Return by how much better the frames match that a run gains than those that the other run loses."""
        gained, lost = (
            match.compute_evidence(*find_frames(match.a, (run.start, run.end)), run.time_map)
            for run in (self.gained, self.lost)
        )
        return float(lost.mean() - gained.mean()) if len(gained) and len(lost) else 0.0


def shift_cuts(match: MismatchCost, runs: list[Run], changed: list[ChangedSpan]) -> list[Realigned]:
    """Return other runs (in A's order) around cuts that may lie at the other end of a change. No two overlap."""
    found: list[Realigned] = []
    for before, after in pairwise(runs):
        if before.time_map.slope != after.time_map.slope or before.time_map == after.time_map:
            continue
        taken = [run.b for run in runs if run not in (before, after)]
        shifts = [each for each in _list_shifts(match, before, after, changed) if not _overlaps(each.gained.b, taken)]
        rated = [(each.measure_gain(match), each) for each in shifts]
        better = [(gain, each) for gain, each in rated if gain > MIN_GAIN]
        if better:
            _, best = max(better, key=lambda rated: rated[0] * rated[1].gained.seconds)
            if not found or found[-1].span[1] <= best.span[0]:
                found.append(Realigned(best.span, [best.gained]))
    return found


def _list_shifts(match: MismatchCost, before: Run, after: Run, changed: list[ChangedSpan]) -> Iterator[_Shift]:
    """Yield the shifts of the cut between two runs over the changes beside it, unless they leave nothing of a run."""
    near = NEAR_FRAMES * match.a.fingerprint.step
    for each in changed:
        start, end = each.span
        if _is_of(each, after) and abs(start - after.start) < near and end < after.end:
            seconds = end - after.start
            gained = Run(before.end, before.end + seconds, before.time_map)
            shift = _Shift(gained, Run(after.start, end, after.time_map), (before.end, end))
        elif _is_of(each, before) and abs(end - before.end) < near and start > before.start:
            seconds = before.end - start
            gained = Run(after.start - seconds, after.start, after.time_map)
            shift = _Shift(gained, Run(start, before.end, before.time_map), (start, after.start))
        else:
            continue
        if 0 < seconds <= MAX_SECONDS:
            yield shift


def _overlaps(span: Span, others: list[Span]) -> bool:
    return any(span[0] < end - SLACK_SECONDS and start < span[1] - SLACK_SECONDS for start, end in others)


def _is_of(each: ChangedSpan, run: Run) -> bool:
    """Return whether a change was found on about the map of a run; single frames that were dropped shift it."""
    return each.time_map.is_near(run.time_map, each.span, SAME_MAP_SECONDS)
