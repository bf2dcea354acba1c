"""Fit a change of speed between two runs at equal speed to single frames."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.pairing import rates_differ
from videos.diff.alignment.speeds.path import MAX_RATIO, is_outside, measure_levels, normalise_costs, weight_cells
from videos.diff.alignment.speeds.whole_frames import measure_lag
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.sampling.descriptor import Floats, SampledVideo

CORNER_SECONDS = 1.2  # seconds around an approximate bend in which the exact one is searched
COARSE_PER_SECOND = 15.0  # frame boundaries per second in the coarse search for a bend
MIN_RAMP_FRAMES = 4  # frames of a ramp, at least
JUMP_COST = 3.0  # cost of a jump of the offset at an end of a ramp
EQUAL_COST = 0.5  # cost by which lines that count as equally good may differ


class RampFit:
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
        self._frame, self._times, self._a, self._b = a.fingerprint.step, a.fingerprint.times[frames], a, b
        least, most = sorted((before.time_map.offset, after.time_map.offset))
        self._first_in_b = b.fingerprint.nearest(self._times + least - self._frame)
        last_in_b = b.fingerprint.nearest(self._times + most + self._frame)
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
        _, start, end = self._measure_line(first, last)
        lag = self._measure_lag(first, last)
        line = line[0] + lag * frame, line[1] + lag / 2 * frame
        start = start if start != first else max(0, first + round(lag))
        end = end if end != last else min(len(self._borders) - 1, last + round(lag / 2))
        if end - start < MIN_RAMP_FRAMES:
            return self._runs
        slope = 1 + self._shift / (line[1] - line[0])
        time_map = TimeMap(before.time_map.offset + (1 - slope) * line[0], slope)
        cuts = float(self._borders[start]), float(self._borders[end])
        return replace(before, end=cuts[0]), Run(*cuts, time_map), replace(after, start=cuts[1])

    def _measure_lag(self, first: int, last: int) -> float:
        """Return the frames of A by which a ramp probably starts later than its line."""
        if rates_differ(self._a, self._b):
            return 0.0
        times = self._times[first:last]
        ends = times[[0, -1]] + (self._runs[0].time_map.offset, self._runs[2].time_map.offset)
        first_in_b, last_in_b = self._b.fingerprint.nearest(ends)
        return measure_lag(
            (self._a, self._a.fingerprint.nearest(times)), (self._b, np.arange(first_in_b, last_in_b + 1))
        )

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
        The line goes on for a frame beyond the offset of the run after: a ramp seldom ends with a whole frame.
        """
        start, end = self._borders[[first, last]]
        most = 1 + self._frame / max(abs(self._shift), self._frame)
        share = ((self._borders[:-1] - start) / (end - start)).clip(0, most)
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
