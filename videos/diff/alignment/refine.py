"""Refine the time maps of runs: the offset to a fraction of a frame, and the slope if the speed changed."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.time_map import IDENTITY_TIME_MAP, TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.parallel import Tick, map_parallel
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo

MIN_SAMPLES = 96  # frames of a run that are compared, at least
SAMPLES_PER_SECOND = 3  # frames per second of a run that are compared
WINDOW_SECONDS = 2.0  # seconds over which the offset is assumed to be constant
SHIFT_COST_LEVELS = 1.0  # levels, summed over windows, by which another offset must match better
MISFIT_LEVELS = 1.0  # levels added to the limit above which a window matches at no offset
MISFIT_FACTOR = 2.0  # that limit relative to the median window
MAX_QUARTERS = 6  # quarters of a frame around a constant offset among which the exact offset is chosen
MAX_LEVELS = 12.0  # levels at which the difference of two frames is clipped
# Clipping limit relative to the typical cost of a wrong offset, so that a few replaced frames do not decide.
OUTLIER_FACTOR = 2.0
TIE_LEVELS = 0.03  # levels within which offsets are equally good
TIE_SHARE = 0.06  # relative difference within which offsets are equally good
FRAMES_PER_BATCH = 256  # frames per parallel task
MIN_WINDOWS = 3  # windows from which a slope is fitted
MIN_DRIFT_SHIFTS = 3  # shifts of the offset in one direction from which a run drifts
MAX_FIT_ERROR_FRAMES = 0.75  # frames by which the windows of a drifting run may deviate from its time map


_FrameBatch = tuple[Run, Indexes]  # a run and some of its frames of A


def refine_runs(
    a: SampledVideo, b: SampledVideo, runs: list[Run], slack: float, tick: Tick = lambda share: None
) -> list[Run]:
    """Return the runs with exact time maps, split where the offset shifts by a few frames.

    If many offsets match equally well, as in a still picture, a run keeps the offset of the run before it if possible,
    or has none.
    """
    refined: list[Run] = []
    step = min(a.fingerprint.step, b.fingerprint.step) / 4
    around = np.arange(-np.ceil(slack / step), np.ceil(1.5 * slack / step) + 1) * step

    def levels(part: _FrameBatch) -> Floats:
        return measure_levels_beside(a, b, part[1], part[0].time_map, around)

    batches_by_run = [list(_batch_frames(a, b, run)) for run in runs]
    results = iter(map_parallel(levels, [part for batches in batches_by_run for part in batches], tick))
    for run, batches in zip(runs, batches_by_run, strict=True):
        windows = _OffsetWindows(a, b, run, around, batches, [next(results) for _ in batches])
        fitted = windows.fit_time_map()
        if fitted != run.time_map:
            run = Run(run.start, run.end, fitted)
            batches = list(_batch_frames(a, b, run))
            windows = _OffsetWindows(a, b, run, around, batches, [levels(part) for part in batches])
        refined += windows.split_run(refined[-1].time_map if refined else None)
    return refined


def _batch_frames(a: SampledVideo, b: SampledVideo, run: Run) -> Iterator[_FrameBatch]:
    """Yield frames spread over a run, in batches."""
    count = max(MIN_SAMPLES, round(run.seconds * SAMPLES_PER_SECOND))
    within = max(run.start, run.time_map.to_a(0.0)), min(run.end, run.time_map.to_a(b.fingerprint.duration))
    in_a = np.unique(a.fingerprint.nearest(np.linspace(*within, count + 2)[1:-1]))
    for part in np.split(in_a, range(FRAMES_PER_BATCH, len(in_a), FRAMES_PER_BATCH)):
        yield run, part


class _OffsetWindows:
    """How well each offset around a run's time map matches, in windows of a few seconds."""

    def __init__(
        self,
        a: SampledVideo,
        b: SampledVideo,
        run: Run,
        around: NDArray[np.float64],
        batches: list[_FrameBatch],
        levels_of_batches: list[Floats],
    ) -> None:
        self._run, self._around = run, around
        self._frame = max(a.fingerprint.step, b.fingerprint.step)
        in_a, levels = np.concatenate([frames for _, frames in batches]), np.concatenate(levels_of_batches)
        self._edges = np.linspace(run.start, run.end, max(1, round(run.seconds / WINDOW_SECONDS)) + 1)
        of = np.searchsorted(self._edges, a.fingerprint.times[in_a], side="right").clip(1, len(self._edges) - 1) - 1
        self._filled, first = np.unique(of, return_index=True)
        counts = np.diff(first, append=len(of))[:, None]
        self._fits = _select_fitting((np.add.reduceat(levels, first, axis=0) / counts).astype(np.float32))
        np.minimum(levels, OUTLIER_FACTOR * np.median(levels.max(axis=1)), out=levels)
        self._costs: Floats = (np.add.reduceat(levels, first, axis=0) / counts).astype(np.float32)
        self._path = _find_steady_path(np.where(self._fits[:, None], self._costs, np.float32(0)))

    def fit_time_map(self) -> TimeMap:
        """Return the time map fitted to the windows if its slope is only approximate or the run drifts."""
        time_map = self._run.time_map
        shifts = np.diff(self._path)
        shifts = shifts[shifts != 0]
        drifts = len(shifts) >= MIN_DRIFT_SHIFTS and abs(int(np.sign(shifts).sum())) == len(shifts)
        if (time_map.slope == 1 and not drifts) or int(self._fits.sum()) < MIN_WINDOWS:
            return time_map
        times = ((self._edges[:-1] + self._edges[1:]) / 2)[self._filled][self._fits]
        offsets = self._around[self._costs.argmin(axis=1)][self._fits]
        near = np.ones(len(times), bool)
        slope = offset = 0.0
        errors = np.zeros(len(times))
        for _ in range(4):
            slope, offset = np.polyfit(times[near], offsets[near], 1)
            errors = np.abs(offsets - slope * times - offset)
            allowed = max(MAX_FIT_ERROR_FRAMES * self._frame, 2 * float(np.median(errors)))
            if near.sum() < MIN_WINDOWS or (near == (errors <= allowed)).all():
                break
            near = errors <= allowed
        if time_map.slope == 1 and float(np.median(errors)) > MAX_FIT_ERROR_FRAMES * self._frame:
            return time_map
        return TimeMap(time_map.offset + float(offset), time_map.slope + float(slope))

    def split_run(self, before: TimeMap | None) -> list[Run]:
        """Return the run, split where its offset shifts."""
        run, path, time_map = self._run, self._path, self._run.time_map
        breaks = [0, *(np.flatnonzero(np.diff(path)) + 1), len(path)]
        if time_map.slope != 1:
            breaks = [0, len(path)]  # dropped or repeated frames make the offset vary
        pieces = []
        for first, last in pairwise(breaks):
            start = run.start if first == 0 else float(self._edges[self._filled[first]])
            end = run.end if last == len(path) else float(self._edges[self._filled[last]])
            wanted = [each.to_b(start) - time_map.to_b(start) for each in (before, IDENTITY_TIME_MAP) if each]
            near = (
                np.abs(np.arange(len(self._around)) - path[first]) <= MAX_QUARTERS
                if len(breaks) > 2
                else np.ones(len(self._around), bool)
            )
            matching = self._fits[first:last] if self._fits[first:last].any() else np.ones(last - first, bool)
            shift = choose_offset(self._around[near], self._costs[first:last, near][matching].mean(axis=0), wanted)
            before = TimeMap(time_map.offset + shift, time_map.slope)
            pieces.append(Run(start, end, before))
        return pieces


def measure_levels_beside(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, time_map: TimeMap, around: NDArray[np.float64]
) -> Floats:
    """Return differences (len(in_a), len(around)) in levels from B at each offset around a time map.

    Brightness is ignored.
    """
    times = time_map.times_to_b(a.fingerprint.times[in_a])
    first, last = b.fingerprint.nearest(np.array([times[0] + around[0], times[-1] + around[-1]]))
    frames_a, frames_b = (
        levels - levels.mean(axis=1, keepdims=True)
        for levels in (a.pooled_luma[in_a], b.pooled_luma[np.arange(first, last + 1)])
    )
    levels = np.empty((len(in_a), len(around)), np.float32)
    times_b = times[:, None] + around
    for place, partners in enumerate(b.fingerprint.nearest(times_b).T - first):
        differences = frames_b[partners]
        differences -= frames_a
        levels[:, place] = np.abs(differences, out=differences).mean(axis=1)
    levels[(times_b <= -b.fingerprint.step) | (times_b >= b.fingerprint.duration + b.fingerprint.step / 2)] = MAX_LEVELS
    return np.minimum(levels, np.float32(MAX_LEVELS), out=levels)


def _select_fitting(costs: Floats) -> NDArray[np.bool_]:
    """Return a mask of the windows that match at some offset.

    Replaced footage matches at none and would distort the offset.
    """
    best = costs.min(axis=1)
    fitting: NDArray[np.bool_] = best <= MISFIT_LEVELS + MISFIT_FACTOR * float(np.median(best))
    return fitting


def _find_steady_path(costs: Floats) -> Indexes:
    """Return the cheapest column for each row, where a change of column costs SHIFT_COST_LEVELS.

    The path is found by dynamic programming.
    """
    total = costs[0].copy()
    previous = np.zeros(costs.shape, np.intp)
    for row in range(1, len(costs)):
        best = int(total.argmin())
        jumps = total > total[best] + SHIFT_COST_LEVELS
        previous[row] = np.where(jumps, best, np.arange(costs.shape[1]))
        total = np.minimum(total, total[best] + np.float32(SHIFT_COST_LEVELS)) + costs[row]
    path = np.zeros(len(costs), np.intp)
    path[-1] = int(total.argmin())
    for row in range(len(costs) - 1, 0, -1):
        path[row - 1] = previous[row, path[row]]
    return path


def choose_offset(offsets: NDArray[np.float64], scores: NDArray[np.float64], wanted: Iterable[float]) -> float:
    """Return the centre of the plateau of best offsets, or the first wanted offset that is equally good."""
    good = scores <= scores.min() * (1 + TIE_SHARE) + TIE_LEVELS
    for each in wanted:
        nearest = int(np.abs(offsets - each).argmin())
        if good[nearest] and abs(offsets[nearest] - each) <= offsets[1] - offsets[0]:
            return each
    place = low = high = int(scores.argmin())
    tight = scores <= scores.min() + 1e-6
    while low > 0 and tight[low - 1]:
        low -= 1
    while high < len(tight) - 1 and tight[high + 1]:
        high += 1
    return float(offsets[place] if high == low else (offsets[low] + offsets[high]) / 2)
