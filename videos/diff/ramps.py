"""A stretch that was played faster or slower amid footage that was not.

To the coarse alignment it looks like a small cut, or several, or its speed seems to go on for longer than it does. So
wherever another speed or a small step of the offset was found, the simplest way through the surroundings is looked for
(see `bends`), and where that bends, it takes their place, its bends made exact to the frame.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from videos.diff.align import Run
from videos.diff.bends import Sheet, costs, levels_at, telling
from videos.diff.cores import Tick, shared_out
from videos.diff.descriptor import Sampled
from videos.diff.line import Line
from videos.diff.script import Span
from videos.diff.sharpen import sharpen

LEAST_SHIFT_FRAMES = 0.75
MOST_SHIFT_SECONDS = 2.0
AROUND_SECONDS = 8.0
MOST_SECONDS = 60.0  # looked at as one
SLACK_SECONDS = 0.6  # by which offsets are looked at beyond those of the runs
SAME_SPEED = 0.004  # by which two slopes may differ, as a share
CORNER_SECONDS = 1.2  # around a bend as first found within which it is made exact
SHORT_SECONDS = 3.0  # as long as a run is that must lie on the simplest way
ASTRAY_FRAMES = 2.0
COARSE_A_SECOND = 15.0
# Quarters of a frame by which what is shown keeps behind the ramp, as where frames are left out, and by which the ramp
# ends short of the offset after it, since the frames that it takes are a whole number.
SHAPES = ((2, 2), (2, 0), (2, 4), (0, 0), (-2, -2))
LEAST_FRAMES = 4
SHAPE_GAINS = 3.0  # by which a less usual shape must be cheaper


def ramped(a: Sampled, b: Sampled, runs: list[Run], tick: Tick = lambda share: None) -> list[Run]:
    """Runs in A's order, with bent ones wherever a change of speed explains the surroundings better."""
    spans = list(_suspect(a, b, runs))
    frame = max(a.print.step, b.print.step)
    ways = shared_out(lambda span: _way(a, b, runs, span), spans, tick)
    bent = runs
    for span, way in zip(spans, ways, strict=True):
        bent = _within(bent, span, way, frame)
    return bent


def _suspect(a: Sampled, b: Sampled, runs: list[Run]) -> Iterator[Span]:
    """Spans of A, none overlapping, that may hold another speed."""
    merged: list[Span] = []
    for low, high in sorted(_near_bends(a, b, runs)):
        if merged and low <= merged[-1][1]:
            if high - merged[-1][0] <= MOST_SECONDS:
                merged[-1] = merged[-1][0], max(high, merged[-1][1])
                continue
            low = merged[-1][1]
        if high > low:
            merged.append((low, high))
    yield from merged


def _near_bends(a: Sampled, b: Sampled, runs: list[Run]) -> Iterator[Span]:
    frame = max(a.print.step, b.print.step)
    usual = _usual(runs)
    for index, run in enumerate(runs):
        if run.line.slope == 1 and usual == 1:
            continue
        low, high = _reach(a, runs, index, -1), _reach(a, runs, index, 1)
        if run.seconds <= MOST_SECONDS - 2 * AROUND_SECONDS:
            yield low, high
        elif abs(run.line.slope / usual - 1) > SAME_SPEED:
            yield low, run.start + AROUND_SECONDS
            yield run.end - AROUND_SECONDS, high
    for index, (before, after) in enumerate(pairwise(runs)):
        shift = abs(after.line.to_b(after.start) - before.line.to_b(after.start))
        beside = before.line.slope == after.line.slope and after.start - before.end <= AROUND_SECONDS
        if beside and LEAST_SHIFT_FRAMES * frame < shift <= MOST_SHIFT_SECONDS:
            yield _reach(a, runs, index, -1, before.end), _reach(a, runs, index + 1, 1, after.start)


def _usual(runs: list[Run]) -> float:
    """The slope at which most runs."""
    slopes = {run.line.slope for run in runs}
    return max(
        sorted(slopes),
        key=lambda slope: sum(run.seconds for run in runs if abs(run.line.slope / slope - 1) <= SAME_SPEED),
        default=1.0,
    )


def _reach(a: Sampled, runs: list[Run], index: int, way: int, since: float | None = None) -> float:
    """How far around a run, or a moment of it, to look: through short runs, not into what stands elsewhere in B."""
    run = runs[index]
    end = _end(run, way)
    begin = end if since is None else since
    if since is not None and run.seconds > 2 * AROUND_SECONDS:
        return begin + way * AROUND_SECONDS
    while 0 <= index + way < len(runs):
        if way * (end - begin) >= AROUND_SECONDS:
            return end
        index += way
        other = runs[index]
        meeting = _end(other, -way)
        if abs(other.line.to_b(meeting) - run.line.to_b(meeting)) > MOST_SHIFT_SECONDS:
            return begin + way * min(AROUND_SECONDS, way * (meeting - begin))
        if other.seconds > 2 * AROUND_SECONDS:
            return meeting + way * AROUND_SECONDS
        end = _end(other, way)
    return min(a.print.duration, max(0.0, begin + way * max(AROUND_SECONDS, way * (end - begin))))


def _end(run: Run, way: int) -> float:
    return run.end if way > 0 else run.start


def _way(a: Sampled, b: Sampled, runs: list[Run], span: Span) -> list[Run]:
    """The simplest way through a span, exact where it bends; nothing where no run leads through."""
    inside = _inside(runs, span)
    if not inside:
        return []
    away = [run.line.to_b(moment) - moment for run in inside for moment in (run.start, run.end)]
    found = Sheet(a, b, span, (min(away) - SLACK_SECONDS, max(away) + SLACK_SECONDS)).pieces()
    if len(found) == len(inside) == 1 or _straight([*inside, *found]):
        return found
    frame = max(a.print.step, b.print.step)
    return _exact(a, b, [exact for piece in found for exact in sharpen(a, b, [piece], frame)])


def _within(runs: list[Run], span: Span, way: list[Run], frame: float) -> list[Run]:
    """Runs with the simplest way through a span in the place of what they said of it, where that way bends."""
    inside = _inside(runs, span)
    if not way or len(way) == len(inside) == 1:
        return runs
    if _straight([*inside, *way]):
        return [run for run in runs if not _astray(run, way, span, ASTRAY_FRAMES * frame)]
    before, after = _inside(runs, (-np.inf, span[0])), _inside(runs, (span[1], np.inf))
    return _rejoined([*before, *way, *after], frame)


def _inside(runs: list[Run], span: Span) -> list[Run]:
    return [part for run in runs if (part := _clipped(run, span))]


def _straight(runs: list[Run]) -> bool:
    return all(run.line.slope == 1 for run in runs)


def _astray(run: Run, way: list[Run], span: Span, near: float) -> bool:
    """Whether a short run lies within a span and mostly beside the simplest way through it: a likeness, no match."""
    if run.seconds > SHORT_SECONDS or run.start < span[0] or run.end > span[1]:
        return False
    on = sum(
        part.seconds
        for piece in way
        if piece.line.near(run.line, (run.start, run.end), near)
        if (part := _clipped(run, (piece.start, piece.end)))
    )
    return on < run.seconds / 2


def _clipped(run: Run, span: Span) -> Run | None:
    start, end = max(run.start, span[0]), min(run.end, span[1])
    return replace(run, start=start, end=end) if end > start else None


def _rejoined(runs: list[Run], frame: float) -> list[Run]:
    """Runs that the edge of a span cut apart made one again; the longer knows better where it lies."""
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last and abs(last.end - run.start) < frame and last.line.near(run.line, (last.start, run.end), frame):
            longer = max(last, run, key=lambda each: each.seconds)
            joined[-1] = Run(last.start, run.end, longer.line)
        else:
            joined.append(run)
    return joined


def _exact(a: Sampled, b: Sampled, runs: list[Run]) -> list[Run]:
    """Runs with every bend between two straight ones at the frame where it is."""
    exact = list(runs)
    for index in range(1, len(runs) - 1):
        before, run, after = exact[index - 1 : index + 2]
        meets = before.end == run.start and run.end == after.start
        if meets and run.line.slope != 1 and before.line.slope == after.line.slope == 1:
            exact[index - 1 : index + 2] = _Corners(a, b, before, run, after).settled()
    return exact


class _Corners:
    """Two straight runs and the ramp from the one to the other, whose ends are looked for among frames of A."""

    def __init__(self, a: Sampled, b: Sampled, before: Run, ramp: Run, after: Run) -> None:
        low = max(before.start, ramp.start - CORNER_SECONDS)
        high = min(after.end, ramp.end + CORNER_SECONDS)
        frames = np.flatnonzero((a.print.times >= low - 1e-6) & (a.print.times < high - 1e-6))
        self._runs = before, ramp, after
        self._shift = after.line.offset - before.line.offset
        self._borders = a.print.borders[frames[0] : frames[-1] + 2]
        quarter = min(a.print.step, b.print.step) / 4
        offsets = before.line.offset + np.linspace(0, self._shift, max(3, round(abs(self._shift) / quarter) + 1))
        levels = levels_at(a, b, frames, np.sort(offsets), telling(a, frames))
        self._costs = costs(levels if self._shift > 0 else levels[:, ::-1])
        self._until = np.append(0, np.cumsum(self._costs[:, 0]))
        self._since = np.append(np.cumsum(self._costs[::-1, -1])[::-1], 0)

    def settled(self) -> tuple[Run, Run, Run]:
        before, ramp, after = self._runs
        frame = self._borders[1] - self._borders[0]
        thin = max(1, round(1 / (COARSE_A_SECOND * frame)))
        ends, reach = (ramp.start, ramp.end), CORNER_SECONDS
        for every in (thin, 1):
            starts, stops = (self._near(end, reach, every) for end in ends)
            found = [self._cheapest(starts, stops, *shape) for shape in SHAPES]
            if found[0] is None:
                return self._runs
            cost, (first, last) = min(each for each in found if each)
            if found[0][0] < cost + SHAPE_GAINS:
                first, last = found[0][1]
            ends, reach = (float(self._borders[first]), float(self._borders[last])), 2 * thin * frame
        start, end = ends
        slope = 1 + self._shift / (end - start)
        line = Line(start + before.line.offset - slope * start, slope)
        return replace(before, end=start), Run(start, end, line), replace(after, start=end)

    def _near(self, moment: float, reach: float, every: int) -> range:
        """Places of borders around a moment."""
        low, high = (int(np.abs(self._borders - at).argmin()) for at in (moment - reach, moment + reach))
        return range(low, high + 1, every)

    def _cheapest(self, starts: range, ends: range, lag: int, short: int) -> tuple[float, tuple[int, int]] | None:
        """What the cheapest ramp between some places costs, and where it lies."""
        spans = [(start, end) for start in starts for end in ends if end - start >= LEAST_FRAMES]
        if not spans:
            return None
        prices = [
            float(self._until[start] + self._ramp(start, end, lag, short) + self._since[end]) for start, end in spans
        ]
        place = int(np.argmin(prices))
        return prices[place], spans[place]

    def _ramp(self, start: int, end: int, lag: int, short: int) -> float:
        last = self._costs.shape[1] - 1
        columns = np.rint(np.arange(end - start) * ((last - short) / (end - start)) - lag).astype(np.intp).clip(0, last)
        return float(self._costs[np.arange(start, end), columns].sum())
