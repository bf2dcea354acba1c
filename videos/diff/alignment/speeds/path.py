"""Find the simplest path through a short span that may run at several speeds.

Each frame of A has a cost for each offset nearby. A path consists of straight pieces. It may bend, where the speed
changes, or break, where footage is missing, and each has a cost. The cheapest path is found by dynamic programming over
offset and speed. The cost of a bad match is logarithmic, as if the noise were unknown: it measures how many times worse
than the best a match is, so that slow footage counts as much as fast footage.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo

MAX_ROWS_PER_SECOND = 15.0  # frames of A per second that are compared, at most
MAX_COLUMNS_PER_SECOND = 80.0  # offsets per second that are compared, at most
# Slopes that are tried: exp(-0.22) to exp(0.22) in steps of 0.5 %.
SLOPES = np.append(np.exp(np.arange(-44, 0) * 0.005), np.exp(np.arange(45) * 0.005))
SLOPE_MARGIN = 0.03  # share by which a slope may leave them when it is refined
BEND_COST = 7.0  # cost of a bend, as a summed logarithm of match ratios
STRAIGHTEN_COST = 4.0  # cost of a bend back to equal speed
BREAK_COST = 10.0  # cost of a break; less than two bends, so that footage that matches nowhere is not a change of speed
LEVELS_FLOOR = 0.12  # levels by which the pooled luma of a still picture differs because of encoding
MISFIT_FACTOR = 2.5  # ratio to the typical best match from which a frame probably shows something else
MISFIT_LEVELS = 1.0  # levels added to that limit
MISFIT_WEIGHT = 0.25  # weight of the costs of such a frame
MAX_RATIO = 6.0  # ratio to the best match at which a cost is clipped
OUTSIDE_LEVELS = 255.0  # levels by which a frame differs from anything beyond the ends of the other video
ACTIVITY_SECONDS = 0.35  # seconds over which the activity of cells is measured
MIN_ACTIVITY_SHARE = 0.1  # activity of static cells relative to the most active cell


def is_searched(slope: float) -> bool:
    """Return whether a refined slope is about within those that are tried."""
    return bool(SLOPES[0] * (1 - SLOPE_MARGIN) <= slope <= SLOPES[-1] * (1 + SLOPE_MARGIN))


def weight_cells(video: SampledVideo, frames: Indexes) -> Floats:
    """Return weights (144,) of cells that sum to 1, in proportion to their activity.

    Active cells distinguish one moment from the next; static cells show only noise.
    """
    later = video.fingerprint.nearest(video.fingerprint.times[frames] + ACTIVITY_SECONDS)
    activity = np.median(np.abs(video.pooled_luma[later] - video.pooled_luma[frames]), axis=0)
    activity = np.maximum(activity, MIN_ACTIVITY_SHARE * np.float32(activity.max()) + np.float32(1e-3))
    weights: Floats = (activity / activity.sum()).astype(np.float32)
    return weights


def measure_levels_at(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, offsets: NDArray[np.float64], weights: Floats
) -> Floats:
    """Return differences (frames, offsets) in levels of frames of A from B at each offset, without brightness."""
    times = a.fingerprint.times[in_a]
    levels = measure_levels(a, b, in_a, (b.fingerprint.nearest(times + offset) for offset in offsets), weights)
    for place, offset in enumerate(offsets):
        levels[is_outside(b, times + offset), place] = OUTSIDE_LEVELS
    return levels


def measure_levels(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, columns: Iterable[Indexes], weights: Floats
) -> Floats:
    """Return differences (frames, columns) in levels of frames of A from those of B in each column."""
    in_b = np.stack(list(columns), axis=1)
    first = int(in_b.min())
    frames_a, frames_b = a.pooled_luma[in_a], b.pooled_luma[np.arange(first, int(in_b.max()) + 1)]
    frames_a = (frames_a - frames_a.mean(axis=1, keepdims=True)) * weights
    frames_b = (frames_b - frames_b.mean(axis=1, keepdims=True)) * weights
    levels = np.empty(in_b.shape, np.float32)
    for place in range(in_b.shape[1]):
        differences = frames_b[in_b[:, place] - first]
        differences -= frames_a
        levels[:, place] = np.abs(differences, out=differences).sum(axis=1)
    return levels


def is_outside(video: SampledVideo, times: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which moments are beyond the ends of a video."""
    outside: NDArray[np.bool_] = times <= -video.fingerprint.step
    return outside | (times >= video.fingerprint.duration + video.fingerprint.step / 2)


@dataclass(slots=True)
class OffsetCosts:
    """The cost of each of some frames of A at each offset."""

    times: NDArray[np.float64]
    offsets: NDArray[np.float64]
    costs: Floats

    def __init__(
        self, a: SampledVideo, b: SampledVideo, span: tuple[float, float], offsets: tuple[float, float]
    ) -> None:
        frame = min(a.fingerprint.step, b.fingerprint.step)
        frames = np.flatnonzero((a.fingerprint.times >= span[0] - 1e-6) & (a.fingerprint.times < span[1] - 1e-6))
        frames = frames[:: max(1, round(1 / (MAX_ROWS_PER_SECOND * a.fingerprint.step)))]
        column = max(frame / 4, 1 / MAX_COLUMNS_PER_SECOND)
        self.times = a.fingerprint.times[frames]
        self.offsets = np.arange(np.floor(offsets[0] / column), np.ceil(offsets[1] / column) + 1) * column
        levels = measure_levels_at(a, b, frames, self.offsets, weight_cells(a, frames))
        self.costs = normalise_costs(widen_matches(levels, 1))

    def find_path(self) -> list[Run]:
        """Return the pieces of the cheapest path, in A's order."""
        moves = self._column_moves()
        count, columns = self.costs.shape
        entry = np.full(len(SLOPES), BEND_COST, np.float32)
        entry[SLOPES == 1] = 0
        bends = np.where(SLOPES == 1, STRAIGHTEN_COST, BEND_COST)[:, None].astype(np.float32)
        score = self.costs[0] + entry[:, None]
        decisions = np.zeros((count, len(SLOPES), columns), np.int8)  # 0: same piece, 1: bend, 2: break
        bend_slopes = np.zeros((count, columns), np.intp)
        break_columns = np.zeros(count, np.intp)
        places, reach = np.arange(columns), int(np.abs(moves).max())
        inner, wide = slice(reach, reach + columns), columns + 2 * reach
        cheapest, choice = np.full((len(SLOPES), wide), np.inf, np.float32), np.zeros((len(SLOPES), wide), np.int8)
        inside = reach + places + wide * np.arange(len(SLOPES))[:, None]
        for row in range(1, count):
            bend_slopes[row] = score.argmin(axis=0)
            at = score[bend_slopes[row], places]
            break_columns[row] = int(at.argmin())
            bend = at + bends
            jump = entry[:, None] + np.float32(at[break_columns[row]] + BREAK_COST)
            other = np.minimum(bend, jump)
            choice[:, inner] = np.where(score > other, 2 - (bend <= jump), 0)
            cheapest[:, inner] = np.minimum(score, other)
            source = inside - moves[row][:, None]
            score = cheapest.take(source) + self.costs[row]
            decisions[row] = choice.take(source)
        return self._trace_back(score, decisions, bend_slopes, break_columns, moves)

    def _column_moves(self) -> NDArray[np.intp]:
        """Return the columns (rows, slopes) by which each slope moves from one row to the next."""
        column = self.offsets[1] - self.offsets[0]
        positions = np.rint((self.times - self.times[0])[:, None] * (SLOPES - 1) / column).astype(np.intp)
        return np.diff(positions, axis=0, prepend=0)

    def _trace_back(
        self,
        score: Floats,
        decisions: NDArray[np.int8],
        bend_slopes: NDArray[np.intp],
        break_columns: NDArray[np.intp],
        moves: NDArray[np.intp],
    ) -> list[Run]:
        """Return the pieces of the path that ends with the lowest score."""
        slope, column = (int(place) for place in np.unravel_index(int(score.argmin()), score.shape))
        pieces: list[Run] = []
        last = len(self.times)
        tail = 2 * self.times[-1] - self.times[-2]
        for row in range(len(self.times) - 1, -1, -1):
            decision = decisions[row, slope, column]
            if row == 0 or decision:
                start, end = self.times[row], self.times[last] if last < len(self.times) else tail
                time_map = TimeMap(float(self.offsets[column] - (SLOPES[slope] - 1) * start), float(SLOPES[slope]))
                pieces.append(Run(float(start), float(end), time_map))
                last = row
            if row:
                column -= int(moves[row, slope])
                if decision == 2:
                    column = int(break_columns[row])
                if decision:
                    slope = int(bend_slopes[row, column])
        return pieces[::-1]


def widen_matches(levels: Floats, reach: int) -> Floats:
    """Return the best level of the offsets up to half a frame around, because a frame is shown for its duration."""
    padded = np.pad(levels, ((0, 0), (reach, reach)), constant_values=OUTSIDE_LEVELS)
    best: Floats = np.minimum.reduce([padded[:, by : by + levels.shape[1]] for by in range(2 * reach + 1)])
    return best


def normalise_costs(levels: Floats) -> Floats:
    """Return the logarithm (frames, offsets) of the ratio to the best match, 0 for the best."""
    best = levels.min(axis=1)
    typical = float(np.median(best))
    reference = np.maximum(best, typical)[:, None]
    costs: Floats = np.log((levels + LEVELS_FLOOR) / (reference + np.float32(LEVELS_FLOOR))).clip(0, np.log(MAX_RATIO))
    costs[best > MISFIT_FACTOR * typical + MISFIT_LEVELS] *= MISFIT_WEIGHT
    return costs.astype(np.float32)
