"""How exactly a run lies: its offset to a part of a frame, its slope where the speed was changed."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.diff.align import Run
from videos.diff.cores import Tick, shared_out
from videos.diff.descriptor import Floats, Indexes, Sampled
from videos.diff.line import Line

OFFSET_SAMPLES = 96
SAMPLES_A_SECOND = 3
WINDOW_SECONDS = 2.0  # over which the offset is taken to be one
SHIFT_LEVELS = 1.0  # by which another offset must fit better, summed over windows
MISFIT_LEVELS = 1.0
MISFIT_TIMES = 2.0
QUARTERS_AROUND = 6  # quarters of a frame around a steady offset among which the exact one is chosen
CAP_LEVELS = 12.0  # a pair further off than this says nothing more about the offset
OUTLIER_TIMES = 2.0  # what a wrong offset usually costs a frame; a few frames of other footage outweigh nothing
TIE_LEVELS = 0.06
TIE_SHARE = 0.06
FRAMES_AT_ONCE = 256
FEWEST_WINDOWS = 3  # from which a slope can be told
DRIFT_SHIFTS = 3  # shifts of the offset, all one way, from which a run is held to drift
OFF_LINE_FRAMES = 0.75  # by which the windows of a run that drifts may lie beside its line


Part = tuple[Run, Indexes]  # a few of a run's frames of A


def sharpen(a: Sampled, b: Sampled, runs: list[Run], slack: float, tick: Tick = lambda share: None) -> list[Run]:
    """The same runs with lines exact to a part of a frame, split where the offset shifts by a few frames.

    Where many offsets fit alike, as in a still picture, a run keeps that of the run before it if it can.
    """
    exact: list[Run] = []
    step = min(a.print.step, b.print.step) / 4
    around = np.arange(-np.ceil(slack / step), np.ceil(1.5 * slack / step) + 1) * step

    def levels(part: Part) -> Floats:
        return levels_beside(a, b, part[1], part[0].line, around)

    parts = [list(_parts(a, b, run)) for run in runs]
    found = iter(shared_out(levels, [part for of in parts for part in of], tick))
    for run, of in zip(runs, parts, strict=True):
        windows = _Windows(a, b, run, around, of, [next(found) for _ in of])
        straight = windows.straightened()
        if straight != run.line:
            run = Run(run.start, run.end, straight)
            of = list(_parts(a, b, run))
            windows = _Windows(a, b, run, around, of, [levels(part) for part in of])
        exact += windows.pieces(exact[-1].line if exact else None)
    return exact


def _parts(a: Sampled, b: Sampled, run: Run) -> Iterator[Part]:
    """Frames spread over a run, a few at a time."""
    count = max(OFFSET_SAMPLES, round(run.seconds * SAMPLES_A_SECOND))
    within = max(run.start, run.line.to_a(0.0)), min(run.end, run.line.to_a(b.print.duration))
    in_a = np.unique(a.print.nearest(np.linspace(*within, count + 2)[1:-1]))
    for part in np.split(in_a, range(FRAMES_AT_ONCE, len(in_a), FRAMES_AT_ONCE)):
        yield run, part


class _Windows:
    """How well each offset around a run's line fits, in each of a few seconds of it."""

    def __init__(
        self, a: Sampled, b: Sampled, run: Run, around: NDArray[np.float64], parts: list[Part], found: list[Floats]
    ) -> None:
        self._run, self._around = run, around
        self._frame = max(a.print.step, b.print.step)
        in_a, levels = np.concatenate([part for _, part in parts]), np.concatenate(found)
        self._edges = np.linspace(run.start, run.end, max(1, round(run.seconds / WINDOW_SECONDS)) + 1)
        of = np.searchsorted(self._edges, a.print.times[in_a], side="right").clip(1, len(self._edges) - 1) - 1
        self._filled, first = np.unique(of, return_index=True)
        counts = np.diff(first, append=len(of))[:, None]
        self._fits = _fitting((np.add.reduceat(levels, first, axis=0) / counts).astype(np.float32))
        np.minimum(levels, OUTLIER_TIMES * np.median(levels.max(axis=1)), out=levels)
        self._costs: Floats = (np.add.reduceat(levels, first, axis=0) / counts).astype(np.float32)
        self._path = _steady(np.where(self._fits[:, None], self._costs, np.float32(0)))

    def straightened(self) -> Line:
        """The run's line turned to lie on its windows: where its slope is only roughly known, and where it drifts."""
        line = self._run.line
        shifts = np.diff(self._path)
        shifts = shifts[shifts != 0]
        drifts = len(shifts) >= DRIFT_SHIFTS and abs(int(np.sign(shifts).sum())) == len(shifts)
        if (line.slope == 1 and not drifts) or int(self._fits.sum()) < FEWEST_WINDOWS:
            return line
        times = ((self._edges[:-1] + self._edges[1:]) / 2)[self._filled][self._fits]
        offsets = self._around[self._costs.argmin(axis=1)][self._fits]
        near = np.ones(len(times), bool)
        slope = offset = 0.0
        off = np.zeros(len(times))
        for _ in range(4):
            slope, offset = np.polyfit(times[near], offsets[near], 1)
            off = np.abs(offsets - slope * times - offset)
            allowed = max(OFF_LINE_FRAMES * self._frame, 2 * float(np.median(off)))
            if near.sum() < FEWEST_WINDOWS or (near == (off <= allowed)).all():
                break
            near = off <= allowed
        if line.slope == 1 and float(np.median(off)) > OFF_LINE_FRAMES * self._frame:
            return line
        return Line(line.offset + float(offset), line.slope + float(slope))

    def pieces(self, before: Line | None) -> list[Run]:
        """The run cut where its offset shifts."""
        run, path, line = self._run, self._path, self._run.line
        breaks = [0, *(np.flatnonzero(np.diff(path)) + 1), len(path)]
        if line.slope != 1:
            breaks = [0, len(path)]  # frames left out or shown twice make its offset waver
        found = []
        for first, last in pairwise(breaks):
            start = run.start if first == 0 else float(self._edges[self._filled[first]])
            end = run.end if last == len(path) else float(self._edges[self._filled[last]])
            wanted = before.to_b(start) - line.to_b(start) if before else -line.offset
            near = (
                np.abs(np.arange(len(self._around)) - path[first]) <= QUARTERS_AROUND
                if len(breaks) > 2
                else np.ones(len(self._around), bool)
            )
            telling = self._fits[first:last] if self._fits[first:last].any() else np.ones(last - first, bool)
            away = _choose(self._around[near], self._costs[first:last, near][telling].mean(axis=0), wanted)
            before = Line(line.offset + away, line.slope)
            found.append(Run(start, end, before))
        return found


def levels_beside(a: Sampled, b: Sampled, in_a: Indexes, line: Line, around: NDArray[np.float64]) -> Floats:
    """(len(in_a), len(around)) levels by which frames of A differ from those of B beside a line, brightness aside."""
    times = line.all_to_b(a.print.times[in_a])
    first, last = b.print.nearest(np.array([times[0] + around[0], times[-1] + around[-1]]))
    ours, theirs = (
        levels - levels.mean(axis=1, keepdims=True) for levels in (a.pooled[in_a], b.pooled[np.arange(first, last + 1)])
    )
    levels = np.empty((len(in_a), len(around)), np.float32)
    for place, away in enumerate(around):
        there = times + away
        apart = theirs[b.print.nearest(there) - first]
        apart -= ours
        levels[:, place] = np.abs(apart, out=apart).mean(axis=1)
        levels[(there <= -b.print.step) | (there >= b.print.duration + b.print.step / 2), place] = CAP_LEVELS
    return np.minimum(levels, np.float32(CAP_LEVELS), out=levels)


def _fitting(costs: Floats) -> NDArray[np.bool_]:
    """Windows that fit at some offset; footage that was replaced fits nowhere, and would only pull offsets about."""
    best = costs.min(axis=1)
    fitting: NDArray[np.bool_] = best <= MISFIT_LEVELS + MISFIT_TIMES * float(np.median(best))
    return fitting


def _steady(costs: Floats) -> Indexes:
    """The cheapest choice of a column for each row, where changing the column costs SHIFT_LEVELS."""
    total = costs[0].copy()
    came = np.zeros(costs.shape, np.intp)
    for row in range(1, len(costs)):
        best = int(total.argmin())
        jumps = total > total[best] + SHIFT_LEVELS
        came[row] = np.where(jumps, best, np.arange(costs.shape[1]))
        total = np.minimum(total, total[best] + np.float32(SHIFT_LEVELS)) + costs[row]
    path = np.zeros(len(costs), np.intp)
    path[-1] = int(total.argmin())
    for row in range(len(costs) - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    return path


def _choose(offsets: NDArray[np.float64], scores: NDArray[np.float64], wanted: float) -> float:
    """Middle of the plateau of best offsets; the wanted one where it lies on a plateau as good."""
    good = scores <= scores.min() * (1 + TIE_SHARE) + TIE_LEVELS
    nearest = int(np.abs(offsets - wanted).argmin())
    if good[nearest] and abs(offsets[nearest] - wanted) <= offsets[1] - offsets[0]:
        return wanted
    place = low = high = int(scores.argmin())
    tight = scores <= scores.min() + 1e-6
    while low > 0 and tight[low - 1]:
        low -= 1
    while high < len(tight) - 1 and tight[high + 1]:
        high += 1
    return float(offsets[place] if high == low else (offsets[low] + offsets[high]) / 2)
