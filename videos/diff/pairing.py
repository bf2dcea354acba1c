"""Which frame of B belongs to a frame of A, given the line between them, and how exact that line is."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.diff.align import Run
from videos.diff.descriptor import Floats, Sampled
from videos.diff.line import Line

Indexes = NDArray[np.intp]

OFFSET_SAMPLES = 96
SAMPLES_A_SECOND = 5
MOST_SAMPLES = 6000
WINDOW_SECONDS = 2.0  # over which the offset is taken to be one
SHIFT_LEVELS = 1.0  # by which another offset must fit better, summed over windows
MISFIT_LEVELS = 1.0
MISFIT_TIMES = 2.0
QUARTERS_AROUND = 6  # quarters of a frame around a steady offset among which the exact one is chosen
CAP_LEVELS = 12.0  # a pair further off than this says nothing more about the offset
TIE_LEVELS = 0.06
TIE_SHARE = 0.06
SAME_RATE = 0.01
LEAN_TO_NEAREST = 0.05  # levels; another frame than the nearest must be so much more alike


def rates_differ(a: Sampled, b: Sampled) -> bool:
    """Whether frames of the two fall between each other's, so that the nearest in time need not be the same one."""
    steps = [np.diff(video.print.times) for video in (a, b)]
    if min(map(len, steps)) == 0:
        return False
    typical = [float(np.median(step)) for step in steps]
    if abs(typical[0] - typical[1]) > SAME_RATE * typical[0]:
        return True
    return any(
        float(np.mean(np.abs(step - of) > 0.3 * of)) > SAME_RATE for step, of in zip(steps, typical, strict=True)
    )


def partners(a: Sampled, b: Sampled, in_a: Indexes, line: Line, search: bool) -> Indexes:
    """Frame of B for each of the frames `in_a`: the nearest in time or, on a search, the most alike of three."""
    nearest = b.print.nearest(line.all_to_b(a.print.times[in_a]))
    if not search:
        return nearest
    last = len(b.print) - 1
    options = np.stack([nearest, (nearest - 1).clip(0, last), (nearest + 1).clip(0, last)])
    unlike = np.abs(b.pooled[options] - a.pooled[in_a][None]).mean(axis=2)
    unlike[1:] += np.float32(LEAN_TO_NEAREST)
    best: Indexes = options[unlike.argmin(axis=0), np.arange(len(in_a))]
    return best


def pairs_near(a: Sampled, b: Sampled, times: NDArray[np.float64], line: Line, search: bool) -> tuple[Indexes, Indexes]:
    """Frames of A near `times` and of B that show the same; begun from the side with fewer frames a second."""
    if b.print.mean_step > a.print.mean_step * (1 + SAME_RATE):
        in_b = np.unique(b.print.nearest(line.all_to_b(times)))
        return partners(b, a, in_b, line.inverse, search), in_b
    in_a = np.unique(a.print.nearest(times))
    return in_a, partners(a, b, in_a, line, search)


def sharpen(a: Sampled, b: Sampled, runs: list[Run], slack: float) -> list[Run]:
    """The same runs with offsets exact to a part of a frame, split where the offset shifts by a few frames.

    Where many offsets fit alike, as in a still picture, a run keeps that of the run before it if it can.
    """
    exact: list[Run] = []
    step = min(a.print.step, b.print.step) / 4
    around = np.arange(-np.ceil(slack / step), np.ceil(1.5 * slack / step) + 1) * step
    for run in runs:
        count = int(np.clip(run.seconds * SAMPLES_A_SECOND, OFFSET_SAMPLES, MOST_SAMPLES))
        within = max(run.start, run.line.to_a(0.0)), min(run.end, run.line.to_a(b.print.duration))
        in_a = np.unique(a.print.nearest(np.linspace(*within, count + 2)[1:-1]))
        offsets = run.line.offset + around
        levels = np.stack([_unlike(a, b, in_a, offset) for offset in offsets], axis=1)
        edges = np.linspace(run.start, run.end, max(1, round(run.seconds / WINDOW_SECONDS)) + 1)
        window = np.searchsorted(edges, a.print.times[in_a], side="right").clip(1, len(edges) - 1) - 1
        filled, window = np.unique(window, return_inverse=True)
        costs = np.stack([levels[window == place].mean(axis=0) for place in range(len(filled))])
        fits = _fitting(costs)
        path = _steady(np.where(fits[:, None], costs, np.float32(0)))
        breaks = [0, *(np.flatnonzero(np.diff(path)) + 1), len(path)]
        for first, last in pairwise(breaks):
            start = run.start if first == 0 else float(edges[filled[first]])
            end = run.end if last == len(path) else float(edges[filled[last]])
            wanted = exact[-1].line.offset if exact else 0.0
            near = np.abs(np.arange(len(offsets)) - path[first]) <= QUARTERS_AROUND if len(breaks) > 2 else slice(None)
            telling = fits[first:last] if fits[first:last].any() else np.ones(last - first, bool)
            offset = _choose(offsets[near], costs[first:last, near][telling].mean(axis=0), wanted)
            exact.append(Run(start, end, Line(offset)))
    return exact


def _unlike(a: Sampled, b: Sampled, in_a: Indexes, offset: float) -> Floats:
    """(len(in_a),) levels by which frames of A differ from those of B at an offset."""
    times = a.print.times[in_a] + offset
    apart: Floats = b.pooled[b.print.nearest(times)] - a.pooled[in_a]
    apart -= np.median(apart, axis=1, keepdims=True)
    levels: Floats = np.minimum(np.abs(apart).mean(axis=1), np.float32(CAP_LEVELS))
    levels[(times <= -b.print.step) | (times >= b.print.duration + b.print.step / 2)] = CAP_LEVELS
    return levels


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
