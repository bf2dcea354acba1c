"""Move a cut over a change beside it, if the other run shows the same footage there.

In slow footage frames match about as well on the maps of both runs at a cut, so the cut may lie beside its true place.
Then a logo, or what moves, differs between the two places.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from videos.diff.alignment.boundaries import MismatchCost
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


def shift_cuts(match: MismatchCost, runs: list[Run], changed: Iterable[ChangedSpan]) -> list[Realigned]:
    """Return other runs (in A's order) around cuts that may lie at the other end of a change. No two overlap."""
    changed = list(changed)
    found: list[Realigned] = []
    for before, after in pairwise(runs):
        if before.time_map.slope != after.time_map.slope or before.time_map == after.time_map:
            continue
        taken = [run.b for run in runs if run not in (before, after)]
        shifts = [
            each
            for each in _list_shifts(match, before, after, changed)
            if not _overlaps(each[0].b, taken) and _measure_gain(match, *each) > MIN_GAIN
        ]
        if shifts:
            moved, _ = max(shifts, key=lambda each: _measure_gain(match, *each) * each[0].seconds)
            span = (
                (before.end, after.start + moved.seconds)
                if moved.time_map == before.time_map
                else (before.end - moved.seconds, after.start)
            )
            if not found or found[-1].span[1] <= span[0]:
                found.append(Realigned(span, [moved]))
    return found


def _list_shifts(match: MismatchCost, before: Run, after: Run, changed: list[ChangedSpan]) -> Iterator[tuple[Run, Run]]:
    """Yield what one run gains if the cut moves over a change, and what the other run loses."""
    near = NEAR_FRAMES * match.a.fingerprint.step
    for each in changed:
        start, end = each.span
        if _is_of(each, after) and abs(start - after.start) < near:
            seconds = end - after.start
            gained, lost = Run(before.end, before.end + seconds, before.time_map), Run(after.start, end, after.time_map)
        elif _is_of(each, before) and abs(end - before.end) < near:
            seconds = before.end - start
            gained, lost = (
                Run(after.start - seconds, after.start, after.time_map),
                Run(start, before.end, before.time_map),
            )
        else:
            continue
        if 0 < seconds <= MAX_SECONDS and lost.seconds < (after if lost.time_map == after.time_map else before).seconds:
            yield gained, lost


def _overlaps(span: Span, others: list[Span]) -> bool:
    return any(span[0] < end - SLACK_SECONDS and start < span[1] - SLACK_SECONDS for start, end in others)


def _is_of(each: ChangedSpan, run: Run) -> bool:
    """Return whether a change was found on about the map of a run; single frames that were dropped shift it."""
    return each.time_map.is_near(run.time_map, each.span, SAME_MAP_SECONDS)


def _measure_gain(match: MismatchCost, gained: Run, lost: Run) -> float:
    """Return by how much better the frames match that a run gains than those that the other run loses."""
    ours, theirs = (
        match.compute_evidence(*find_frames(match.a, (run.start, run.end)), run.time_map) for run in (gained, lost)
    )
    return float(theirs.mean() - ours.mean()) if len(ours) and len(theirs) else 0.0
