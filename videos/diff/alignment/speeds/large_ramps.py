"""Find parts that were played much faster or slower, as in slow motion, between parts at the original speed.

To the alignment such a part looks like a cut: footage of one side is missing between two runs. A change of speed is
taken for it if the frames of that side match along a line from the offset of the run before to that of the run after,
clearly better than at the offset of either run.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.speeds.path import (
    BEND_COST,
    BREAK_COST,
    MAX_RATIO,
    MAX_ROWS_PER_SECOND,
    STRAIGHTEN_COST,
    measure_levels,
    normalise_costs,
    weight_cells,
    widen_matches,
)
from videos.diff.alignment.speeds.ramp_fit import RampFit
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.parallel import map_parallel
from videos.diff.sampling.descriptor import Floats, SampledVideo

MIN_SHIFT_SECONDS = 0.3  # between the offsets of the runs
MAX_GAP_SECONDS = 30.0  # of the longer side between the runs
MAX_RUNS_BETWEEN = 8  # which a change of speed replaces
RAMP_COST = BEND_COST + STRAIGHTEN_COST
MIN_GAIN = 5.0  # cost that a change of speed must save
MAX_EQUAL_SECONDS = 1.5  # of such a run at equal speed
OFFSET_MARGIN_SECONDS = 0.3  # by which such a run may be beside the offsets of the runs around it
MIN_RUN_SECONDS = 1.0  # of the runs before and after
REACH_SECONDS = 4.0  # by which such a run may have been extended into the other speed, or be too short
SEARCH_SECONDS = 0.2  # between the moments at which a change of speed may begin or end, before they are refined
EQUAL_SECONDS = 1.0  # of either run beyond that, which tell what a match costs
MIN_SPEED = 0.4  # duration of the shorter side as a share of that of the longer one
MIN_SECONDS = 0.5  # of the longer side
MAX_MEAN_COST = 0.5  # of the frames on the line


class _Ramp(NamedTuple):
    """A change of speed from one moment to another one, and the cost that it saves."""

    gain: float
    start: float
    end: float


def fit_large_ramps(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> list[Run]:
    """Return runs in A's order, with a change of speed wherever it explains a jump between two of them better."""
    jumps = list(_list_jumps(runs))
    found = map_parallel(lambda jump: _find_ramp(a, b, runs[jump[0] : jump[1] + 1]), jumps)
    taken: list[tuple[int, int]] = []
    result = list(runs)
    for ramp, (first, second) in sorted(
        ((ramp, jump) for ramp, jump in zip(found, jumps, strict=True) if ramp), key=lambda each: -each[0].gain
    ):
        if all(second <= low or first >= high for low, high in taken):
            replaced = _replace_runs(a, b, result, runs[first], runs[second], ramp)
            if replaced is not None:
                taken.append((first, second))
                result = replaced
    return result


def _list_jumps(runs: list[Run]) -> Iterator[tuple[int, int]]:
    """Yield the places of runs at equal speed between which one side has more footage than the other."""
    for first, before in enumerate(runs):
        for second in range(first + 1, min(first + MAX_RUNS_BETWEEN + 2, len(runs))):
            after = runs[second]
            is_equal = before.time_map.slope == after.time_map.slope == 1
            gaps = after.start - before.end, after.b[0] - before.b[1]
            is_near = max(gaps) <= MAX_GAP_SECONDS and min(gaps) >= -REACH_SECONDS
            is_jump = abs(gaps[1] - gaps[0]) >= MIN_SHIFT_SECONDS
            if not (is_equal and is_near and is_jump) or min(before.seconds, after.seconds) < MIN_RUN_SECONDS:
                continue
            if all(_is_replaceable(run, before, after) for run in runs[first + 1 : second]):
                yield first, second


def _is_replaceable(run: Run, before: Run, after: Run) -> bool:
    """Return whether a run may be a piece of a change of speed: it is no long one at equal speed, and on the way."""
    low, high = sorted((before.time_map.offset, after.time_map.offset))
    shifts = [run.time_map.to_b(moment) - moment for moment in (run.start, run.end)]
    is_on_way = low - OFFSET_MARGIN_SECONDS <= min(shifts) and max(shifts) <= high + OFFSET_MARGIN_SECONDS
    return is_on_way and (run.time_map.slope != 1 or run.seconds <= MAX_EQUAL_SECONDS)


def _find_ramp(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> _Ramp | None:
    """Return the change of speed between the first and the last run, in seconds of A.

    It is None if a cut or the runs between them explain the frames as well.
    """
    before, *_, after = runs
    if after.time_map.offset > before.time_map.offset:
        ramp = _find_in_longer(b, a, [_invert(run) for run in runs])
        return ramp and ramp._replace(start=before.time_map.to_a(ramp.start), end=after.time_map.to_a(ramp.end))
    return _find_in_longer(a, b, runs)


def _invert(run: Run) -> Run:
    return Run(*run.b, run.time_map.inverse)


def _replace_runs(
    a: SampledVideo, b: SampledVideo, runs: list[Run], before: Run, after: Run, ramp: _Ramp
) -> list[Run] | None:
    """Return the runs with a change of speed in place of what is between two of them, refined to the frame.

    It is None if these runs are gone, or if the speed becomes implausible.
    """
    first, second = (_find_left(runs, each) for each in (before, after))
    if first is None or second is None:
        return None
    start, end = runs[first].start, runs[second].end
    if not start <= ramp.start < ramp.end <= end:
        return None
    slope = 1 + (after.time_map.offset - before.time_map.offset) / (ramp.end - ramp.start)
    fitted = RampFit(
        a,
        b,
        Run(start, ramp.start, before.time_map),
        Run(ramp.start, ramp.end, TimeMap(before.time_map.offset + (1 - slope) * ramp.start, slope)),
        Run(ramp.end, end, after.time_map),
    ).fit()
    if not MIN_SPEED <= fitted[1].time_map.slope <= 1 / MIN_SPEED:
        return None
    clipped = (replace(run, start=max(run.start, start), end=min(run.end, end)) for run in fitted)
    return [*runs[:first], *(run for run in clipped if run.end > run.start), *runs[second + 1 :]]


def _find_left(runs: list[Run], known: Run) -> int | None:
    """Return the place of what is left of a run; None if nothing is."""
    places = (place for place, run in enumerate(runs) if run.time_map == known.time_map)
    return next((at for at in places if runs[at].start < known.end and known.start < runs[at].end), None)


def _find_in_longer(own: SampledVideo, other: SampledVideo, runs: list[Run]) -> _Ramp | None:
    """Return where the speed changes, in seconds of the longer side; None if something else explains it as well."""
    before, *between, after = runs
    lost = before.time_map.offset - after.time_map.offset  # seconds that the other side lacks
    low = max(before.start, min(before.end, after.start) - REACH_SECONDS - EQUAL_SECONDS)
    high = min(after.end, max(before.end, after.start) + REACH_SECONDS + EQUAL_SECONDS)
    times = own.fingerprint.times
    frames = np.flatnonzero((times >= low - 1e-6) & (times < high - 1e-6))
    frames = frames[:: max(1, round(1 / (MAX_ROWS_PER_SECOND * own.fingerprint.step)))]
    if len(frames) < 2:
        return None
    costs = _Costs(own, other, frames, before.time_map.offset, lost)
    starts = costs.list_places(before.end - REACH_SECONDS, before.end + REACH_SECONDS)
    ends = costs.list_places(after.start - REACH_SECONDS, after.start + REACH_SECONDS)
    known = costs.measure_runs(before.end, after.start, between)
    ramp = costs.find_line(starts, ends, known)
    if ramp is None:
        return None
    ramp = ramp._replace(gain=ramp.gain + min(0.0, costs.measure_cuts() - known))
    return ramp if ramp.gain >= MIN_GAIN else None


class _Costs:
    """The costs of frames of the longer side at the offsets between those of two runs."""

    def __init__(
        self, own: SampledVideo, other: SampledVideo, frames: NDArray[np.intp], offset: float, lost: float
    ) -> None:
        self._times, self._offset, self._lost = own.fingerprint.times[frames], offset, lost
        self._step = float(np.median(np.diff(self._times)))
        count = max(2, round(lost / other.fingerprint.step) + 1)
        columns = (other.fingerprint.nearest(self._times + offset - by) for by in np.linspace(0, lost, count))
        self._costs = normalise_costs(measure_levels(own, other, frames, columns, weight_cells(own, frames)))
        self._near_costs = widen_matches(self._costs, 1)  # a line lies between two frames
        equal = max(1, round(EQUAL_SECONDS / self._step))
        self._match_cost = np.append(self._costs[:equal, 0], self._costs[-equal:, -1]).mean()
        self._until = np.append(0, np.cumsum(self._costs[:, 0]))
        self._since = np.append(np.cumsum(self._costs[::-1, -1])[::-1], 0)

    def list_places(self, low: float, high: float) -> range:
        """Return the places of some frames between two moments."""
        first, last = (int(place) for place in np.searchsorted(self._times, (low, high)))
        return range(first, last, max(1, round(SEARCH_SECONDS / self._step)))

    def find_line(self, starts: range, ends: range, known: float) -> _Ramp | None:
        """Return the change of speed between two of the places that saves most of the known cost, if it saves enough.

        Lines are measured in the order of what they can save at most, until no other one can save more.
        """
        most = known - RAMP_COST - (self._until[starts][:, None] + self._since[ends])
        best: _Ramp | None = None
        for place in np.argsort(-most, axis=None):
            first, last = np.unravel_index(place, most.shape)
            if most[first, last] < (best.gain if best else MIN_GAIN):
                break
            ramp = self.measure_line(starts[first], ends[last], known)
            if ramp and ramp.gain >= MIN_GAIN and (best is None or ramp > best):
                best = ramp
        return best

    def measure_line(self, first: int, last: int, known: float) -> _Ramp | None:
        """Return the change of speed between two frames, against the known cost of all frames; None if it is none."""
        seconds = float(self._times[last] - self._times[first]) if last > first else 0.0
        if seconds < MIN_SECONDS or self._lost > (1 - MIN_SPEED) * seconds:
            return None
        share = (self._times[first:last] - self._times[first]) / seconds
        columns = np.rint(share * (self._costs.shape[1] - 1)).astype(np.intp)
        on_line: Floats = self._near_costs[np.arange(first, last), columns]
        if float(on_line.mean()) > MAX_MEAN_COST:
            return None
        cost = float(self._until[first] + on_line.sum() + self._since[last])
        return _Ramp(known - cost - RAMP_COST, float(self._times[first]), float(self._times[last]))

    def measure_cuts(self) -> float:
        """Return the least cost of all frames if some are missing on the other side, with those of the cuts.

        What is missing costs as little as at any offset, but as much as a match: it tells nothing, and in slow footage
        it looks alike. A path is either on an offset, or in a gap, in which the offset changes with each frame.
        """
        missing = round(self._lost / self._step)
        held = np.maximum(self._costs.min(axis=1), self._match_cost)
        if missing >= len(held):
            return float(held.sum()) + BREAK_COST
        columns = np.rint(np.linspace(0, self._costs.shape[1] - 1, missing + 1)).astype(np.intp)
        on_offset = np.full(missing + 1, np.inf)
        in_gap = on_offset.copy()
        on_offset[0] = 0
        for row, cost in zip(self._costs[:, columns], held, strict=True):
            entered = np.minimum(in_gap, on_offset + BREAK_COST)
            on_offset = np.minimum(on_offset, in_gap) + row
            in_gap = np.append(np.inf, entered[:-1] + cost)
        return float(min(on_offset[-1], in_gap[-1]))

    def measure_runs(self, start: float, end: float, between: list[Run]) -> float:
        """Return the cost of all frames on the runs between two moments, with that of the bends between them.

        Frames on none of them match nothing, but for those that the other side lacks.
        """
        costs = np.full(len(self._times), np.nan)
        first, last = (int(place) for place in np.searchsorted(self._times, (start, end)))
        costs[:first], costs[last:] = self._costs[:first, 0], self._costs[last:, -1]
        for run in between:
            places = np.arange(*np.searchsorted(self._times, (run.start, run.end)))
            times = self._times[places]
            share = (times + self._offset - run.time_map.times_to_b(times)) / self._lost
            columns = np.rint(share * (self._costs.shape[1] - 1)).astype(np.intp).clip(0, self._costs.shape[1] - 1)
            costs[places] = self._costs[places, columns]
        unmatched = max(0, int(np.isnan(costs).sum()) - round(self._lost / self._step))
        return float(np.nansum(costs)) + unmatched * float(np.log(MAX_RATIO)) + RAMP_COST / 2 * (len(between) + 1)
