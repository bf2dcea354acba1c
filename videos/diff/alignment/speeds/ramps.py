"""Find parts that were played faster or slower between parts at the original speed.

To the coarse alignment such a part looks like one or several small cuts, or its speed seems to last longer than it
does. Where another speed or a small step of the offset was found, the simplest path through the surroundings is
searched (see `path`). If that path bends, it replaces the runs there, and its bends are refined to the frame.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.refine import refine_runs
from videos.diff.alignment.speeds.path import (
    MAX_RATIO,
    OffsetCosts,
    is_outside,
    is_searched,
    measure_levels,
    normalise_costs,
    weight_cells,
)
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.parallel import Tick, map_parallel
from videos.diff.sampling.descriptor import Floats, SampledVideo
from videos.diff.script.edit_script import Span

MIN_SHIFT_FRAMES = 0.75  # frames; smaller steps of the offset are ignored
MAX_SHIFT_SECONDS = 2.0  # seconds; larger steps of the offset are cuts
AROUND_SECONDS = 8.0  # seconds around a suspected change of speed that are searched
MAX_SPAN_SECONDS = 60.0  # seconds that are searched as one span, at most
OFFSET_MARGIN_SECONDS = 0.6  # seconds beyond the offsets of the runs that are searched
SLOPE_TOLERANCE = 0.004  # relative difference of two slopes that count as equal
CORNER_SECONDS = 1.2  # seconds around an approximate bend in which the exact one is searched
MIN_DRIFT_FRAMES = 3.5  # frames that a change of speed drops or repeats; fewer are reported as single frames
MAX_STRAY_SECONDS = 3.0  # seconds; longer runs are kept even if they are beside the simplest path
STRAY_FRAMES = 2.0  # frames of B by which a run may deviate from the simplest path
COARSE_PER_SECOND = 15.0  # frame boundaries per second in the coarse search for a bend
MIN_RAMP_FRAMES = 4  # frames of a ramp, at least
JUMP_COST = 3.0  # cost of a jump of the offset at an end of a ramp
EQUAL_COST = 0.5  # cost by which lines that count as equally good may differ


def fit_speed_ramps(a: SampledVideo, b: SampledVideo, runs: list[Run], tick: Tick = lambda share: None) -> list[Run]:
    """Return runs in A's order, with ramps wherever a change of speed explains the surroundings better."""
    spans = list(_find_suspect_spans(a, b, runs))
    frame = max(a.fingerprint.step, b.fingerprint.step)
    paths = map_parallel(lambda span: _find_path(a, b, runs, span), spans, tick)
    result = runs
    for span, path in zip(spans, paths, strict=True):
        result = _replace_span(result, span, path, frame)
    return result


def _find_suspect_spans(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> Iterator[Span]:
    """Yield spans of A that may contain another speed; none overlap."""
    merged: list[Span] = []
    for low, high in sorted(_spans_near_changes(a, b, runs)):
        if merged and low <= merged[-1][1]:
            if high - merged[-1][0] <= MAX_SPAN_SECONDS:
                merged[-1] = merged[-1][0], max(high, merged[-1][1])
                continue
            low = merged[-1][1]
        if high > low:
            merged.append((low, high))
    yield from merged


def _spans_near_changes(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> Iterator[Span]:
    """Yield spans around runs at another speed and around small steps of the offset."""
    frame = max(a.fingerprint.step, b.fingerprint.step)
    typical = _find_typical_slope(runs)
    for index, run in enumerate(runs):
        if run.time_map.slope == 1 and typical == 1:
            continue
        low, high = _extend_span(a, runs, index, -1), _extend_span(a, runs, index, 1)
        if run.seconds <= MAX_SPAN_SECONDS - 2 * AROUND_SECONDS:
            yield low, high
        elif not _has_slope(run, typical):
            yield low, run.start + AROUND_SECONDS
            yield run.end - AROUND_SECONDS, high
    for index, (before, after) in enumerate(pairwise(runs)):
        shift = abs(after.time_map.to_b(after.start) - before.time_map.to_b(after.start))
        beside = before.time_map.slope == after.time_map.slope and after.start - before.end <= AROUND_SECONDS
        if beside and MIN_SHIFT_FRAMES * frame < shift <= MAX_SHIFT_SECONDS:
            yield _extend_span(a, runs, index, -1, before.end), _extend_span(a, runs, index + 1, 1, after.start)


def _find_typical_slope(runs: list[Run]) -> float:
    """Return the slope of most of the footage."""
    slopes = {run.time_map.slope for run in runs}
    return max(
        sorted(slopes),
        key=lambda slope: sum(run.seconds for run in runs if _has_slope(run, slope)),
        default=1.0,
    )


def _has_slope(run: Run, slope: float) -> bool:
    """Return whether a run has about this slope."""
    return abs(run.time_map.slope / slope - 1) <= SLOPE_TOLERANCE


def _extend_span(a: SampledVideo, runs: list[Run], index: int, direction: int, begin_at: float | None = None) -> float:
    """Return how far to search before (`direction` -1) or after (1) a run, or a moment of it.

    The search extends through short runs, but not into footage from elsewhere in B.
    """
    run = runs[index]
    end = _end_of(run, direction)
    begin = end if begin_at is None else begin_at
    if begin_at is not None and run.seconds > 2 * AROUND_SECONDS:
        return begin + direction * AROUND_SECONDS
    while 0 <= index + direction < len(runs):
        if direction * (end - begin) >= AROUND_SECONDS:
            return end
        index += direction
        other = runs[index]
        meeting = _end_of(other, -direction)
        if abs(other.time_map.to_b(meeting) - run.time_map.to_b(meeting)) > MAX_SHIFT_SECONDS:
            return begin + direction * min(AROUND_SECONDS, direction * (meeting - begin))
        if other.seconds > 2 * AROUND_SECONDS:
            return meeting + direction * AROUND_SECONDS
        end = _end_of(other, direction)
    return min(a.fingerprint.duration, max(0.0, begin + direction * max(AROUND_SECONDS, direction * (end - begin))))


def _end_of(run: Run, direction: int) -> float:
    """Return the start (`direction` -1) or the end (1) of a run."""
    return run.end if direction > 0 else run.start


def _find_path(a: SampledVideo, b: SampledVideo, runs: list[Run], span: Span) -> list[Run]:
    """Return the simplest path through a span, refined at its bends; empty if there is none or no run."""
    inside = _clip_runs(runs, span)
    if not inside:
        return []
    offsets = [run.time_map.to_b(moment) - moment for run in inside for moment in (run.start, run.end)]
    path = OffsetCosts(
        a, b, span, (min(offsets) - OFFSET_MARGIN_SECONDS, max(offsets) + OFFSET_MARGIN_SECONDS)
    ).find_path()
    if len(path) == len(inside) == 1 or _have_same_speed([*inside, *path]):
        return path
    frame = max(a.fingerprint.step, b.fingerprint.step)
    refined = _refine_bends(a, b, [exact for piece in path for exact in refine_runs(a, b, [piece], frame)])
    if not all(is_searched(run.time_map.slope) for run in refined):
        return []  # where the picture stands still, any speed matches
    typical = _find_typical_slope(runs)
    changed = [run for run in refined if not _has_slope(run, typical)]
    drift = max((abs(run.time_map.slope - typical) * run.seconds for run in changed), default=np.inf)
    goes_on = any(
        (span[0] > 0 and run.start <= span[0] + frame)
        or (run.end >= span[1] - frame and span[1] < a.fingerprint.duration)
        for run in changed
    )
    if drift < MIN_DRIFT_FRAMES * frame and not goes_on:
        return []  # single frames that were dropped or doubled
    return refined


def _replace_span(runs: list[Run], span: Span, path: list[Run], frame: float) -> list[Run]:
    """Return the runs, with those in a span replaced by the path through it if that path bends."""
    inside = _clip_runs(runs, span)
    if not path or len(path) == len(inside) == 1:
        return runs
    if _have_same_speed([*inside, *path]):
        return [run for run in runs if not _is_stray(run, path, span, STRAY_FRAMES * frame)]
    before, after = _clip_runs(runs, (-np.inf, span[0])), _clip_runs(runs, (span[1], np.inf))
    return _rejoin([*before, *path, *after], frame)


def _clip_runs(runs: list[Run], span: Span) -> list[Run]:
    """Return the parts of runs inside a span."""
    return [part for run in runs if (part := _clip_run(run, span))]


def _have_same_speed(runs: list[Run]) -> bool:
    """Return whether all runs are at equal speed."""
    return all(run.time_map.slope == 1 for run in runs)


def _is_stray(run: Run, path: list[Run], span: Span, near: float) -> bool:
    """Return whether a short run is mostly beside the simplest path: it is similar footage, not a match."""
    if run.seconds > MAX_STRAY_SECONDS or run.start < span[0] or run.end > span[1]:
        return False
    matched_seconds = sum(
        part.seconds
        for piece in path
        if piece.time_map.is_near(run.time_map, (run.start, run.end), near)
        if (part := _clip_run(run, (piece.start, piece.end)))
    )
    return matched_seconds < run.seconds / 2


def _clip_run(run: Run, span: Span) -> Run | None:
    """Return the part of a run inside a span, or None."""
    start, end = max(run.start, span[0]), min(run.end, span[1])
    return replace(run, start=start, end=end) if end > start else None


def _rejoin(runs: list[Run], frame: float) -> list[Run]:
    """Return the runs, with those joined that the edge of a span split; the longer keeps its time map."""
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if (
            last
            and abs(last.end - run.start) < frame
            and last.time_map.is_near(run.time_map, (last.start, run.end), frame)
        ):
            longer = max(last, run, key=lambda each: each.seconds)
            joined[-1] = Run(last.start, run.end, longer.time_map)
        else:
            joined.append(run)
    return joined


def _refine_bends(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> list[Run]:
    """Return the runs, with both bends of every ramp between two parts at equal speed refined to the frame."""
    refined = list(runs)
    for index in range(1, len(runs) - 1):
        before, run, after = refined[index - 1 : index + 2]
        meets = before.end == run.start and run.end == after.start
        if meets and run.time_map.slope != 1 and before.time_map.slope == after.time_map.slope == 1:
            refined[index - 1 : index + 2] = _RampFit(a, b, before, run, after).fit()
    return refined


class _RampFit:
    """Two runs at equal speed and the ramp between them, which is fitted to the frames of A.

    The offset on a ramp is a line from that of the run before to that of the run after. Because whole frames are
    dropped or repeated, many lines fit equally well, and the one in their middle is taken.
    """

    def __init__(self, a: SampledVideo, b: SampledVideo, before: Run, ramp: Run, after: Run) -> None:
        low = max(before.start, ramp.start - CORNER_SECONDS)
        high = min(after.end, ramp.end + CORNER_SECONDS)
        frames = np.flatnonzero((a.fingerprint.times >= low - 1e-6) & (a.fingerprint.times < high - 1e-6))
        self._runs = before, ramp, after
        self._shift = after.time_map.offset - before.time_map.offset
        self._borders = a.fingerprint.borders[frames[0] : frames[-1] + 2]
        self._frame, self._times, self._b = a.fingerprint.step, a.fingerprint.times[frames], b
        ends = before.time_map.offset, after.time_map.offset
        self._first_in_b, last_in_b = (b.fingerprint.nearest(self._times + offset) for offset in sorted(ends))
        columns = (
            np.minimum(self._first_in_b + by, last_in_b) for by in range(int((last_in_b - self._first_in_b).max()) + 1)
        )
        self._costs = normalise_costs(measure_levels(a, b, frames, columns, weight_cells(a, frames)))
        self._until = np.append(0, np.cumsum(self._costs_at(before.time_map.offset)))
        self._since = np.append(np.cumsum(self._costs_at(after.time_map.offset)[::-1])[::-1], 0)

    def _costs_at(self, offsets: float | NDArray[np.float64]) -> Floats:
        """Return the cost (frames,) of each frame at an offset, or at one of its own."""
        times = self._times + offsets
        columns = self._b.fingerprint.nearest(times) - self._first_in_b
        costs: Floats = self._costs[np.arange(len(columns)), columns.clip(0, self._costs.shape[1] - 1)]
        return np.where(is_outside(self._b, times), np.float32(np.log(MAX_RATIO)), costs)

    def fit(self) -> tuple[Run, Run, Run]:
        """Return the three runs with the ends of the ramp at the best frames."""
        before, ramp, after = self._runs
        frame = self._frame
        coarse = max(1, round(1 / (COARSE_PER_SECOND * frame)))
        line, reach = (ramp.start, ramp.end), CORNER_SECONDS
        for every in (coarse, 1):
            lines = self._fit_lines(*(self._borders_near(end, reach, every) for end in line))
            if not lines:
                return self._runs
            first, last = _choose_middle(lines)
            line = float(self._borders[first]), float(self._borders[last])
            period = (last - first) * frame**2 / max(abs(self._shift), frame)  # between two dropped or repeated frames
            reach = min(CORNER_SECONDS, max(2 * coarse * frame, period))
        _, first, last = self._measure_line(first, last)
        if last - first < MIN_RAMP_FRAMES:
            return self._runs
        slope = 1 + self._shift / (line[1] - line[0])
        time_map = TimeMap(before.time_map.offset + (1 - slope) * line[0], slope)
        start, end = float(self._borders[first]), float(self._borders[last])
        return replace(before, end=start), Run(start, end, time_map), replace(after, start=end)

    def _borders_near(self, moment: float, reach: float, every: int) -> range:
        """Return indexes of frame boundaries around a moment."""
        low, high = (int(np.abs(self._borders - at).argmin()) for at in (moment - reach, moment + reach))
        return range(low, high + 1, every)

    def _fit_lines(self, starts: range, ends: range) -> dict[tuple[int, int], float]:
        """Return the cost of each line between two boundaries."""
        return {
            (first, last): self._measure_line(first, last)[0]
            for first in starts
            for last in ends
            if last - first >= MIN_RAMP_FRAMES
        }

    def _measure_line(self, first: int, last: int) -> tuple[float, int, int]:
        """Return the cost of all frames if the ramp follows a line, and the boundaries at which it starts and ends.

        These are the ends of the line, unless it costs less that the offset jumps to the line or from it elsewhere.
        """
        start, end = self._borders[[first, last]]
        share = ((self._borders[:-1] - start) / (end - start)).clip(0, 1)
        sums = np.append(0, np.cumsum(self._costs_at(self._runs[0].time_map.offset + share * self._shift)))
        middle = (first + last) // 2
        (start_cost, start), (end_cost, end) = (
            _find_jump(self._until[: middle + 1] - sums[: middle + 1], first),
            _find_jump(self._since[middle:] + sums[middle:], last - middle),
        )
        return start_cost + end_cost, start, middle + end


def _find_jump(costs: Floats, at: int) -> tuple[float, int]:
    """Return the cost at a place, and the place; or another place, if it costs less by more than `JUMP_COST`."""
    best = int(costs.argmin())
    if costs[best] + JUMP_COST < costs[at]:
        return float(costs[best]) + JUMP_COST, best
    return float(costs[at]), at


def _choose_middle(costs: dict[tuple[int, int], float]) -> tuple[int, int]:
    """Return the line nearest to the mean of those that cost about the least.

    Up to half of the frames between two that are dropped or repeated may belong to either run.
    """
    least = min(costs.values())
    fitting = [line for line, cost in costs.items() if cost <= least + EQUAL_COST]
    middle = np.mean(fitting, axis=0)
    return min(fitting, key=lambda line: float(np.abs(line - middle).sum()))
