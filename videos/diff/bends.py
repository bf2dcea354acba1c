"""The simplest way through a short stretch that may run at several speeds.

Every frame of A says how badly it fits each of the offsets around. A way through them is made of straight pieces; it
may bend, where the speed changes, or break, where footage is missing, and pays for either. The cheapest way is found
by dynamic programming over offset and speed. What a frame pays for a bad fit is a logarithm, as though its noise were
unknown: that asks how many times worse than the best a fit is, so that slow footage counts as much as fast.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.align import Run
from videos.diff.descriptor import Floats, Indexes, Sampled
from videos.diff.line import Line

ROWS_A_SECOND = 15.0
COLUMNS_A_SECOND = 80.0
SLOPES = np.append(np.exp(np.arange(-44, 0) * 0.005), np.exp(np.arange(45) * 0.005))
BEND_COSTS = 7.0  # logarithms of how many times worse a fit is, summed over rows
STRAIGHTEN_COSTS = 4.0  # for bending back to the same speed
BREAK_COSTS = 10.0  # less than two bends, so that what fits nowhere is no change of speed
LEVELS_FLOOR = 0.12  # by which the pooled luma of a still picture differs anyway
ROUGH_TIMES = 2.5  # the usual misfit, and
ROUGH_LEVELS = 1.0  # more, from which a frame shows something else as well, or altogether,
HARDLY = 0.25  # and says so little about where it belongs
MOST_TIMES = 6.0  # worse than the best; a fit that is worse yet says nothing more
BESIDE = 255.0  # levels by which a frame differs from what lies beyond the ends of the other video
EVEN_SECONDS = 0.35  # across which cells show how much goes on in them
QUIET_SHARE = 0.1  # of what usually goes on in the liveliest cells, that quiet ones are held to have


def telling(video: Sampled, frames: Indexes) -> Floats:
    """(144,) weights that sum to 1: cells in which much goes on tell one moment from the next, the others are noise."""
    later = video.print.nearest(video.print.times[frames] + EVEN_SECONDS)
    lively = np.median(np.abs(video.pooled[later] - video.pooled[frames]), axis=0)
    lively = np.maximum(lively, QUIET_SHARE * np.float32(lively.max()) + np.float32(1e-3))
    weights: Floats = (lively / lively.sum()).astype(np.float32)
    return weights


def levels_at(a: Sampled, b: Sampled, in_a: Indexes, offsets: NDArray[np.float64], weights: Floats) -> Floats:
    """(frames, offsets) levels by which frames of A differ from those of B so much later, brightness aside."""
    times = a.print.times[in_a]
    first, last = b.print.nearest(np.array([times[0] + offsets[0], times[-1] + offsets[-1]]))
    ours, theirs = a.pooled[in_a], b.pooled[np.arange(first, last + 1)]
    ours = (ours - ours.mean(axis=1, keepdims=True)) * weights
    theirs = (theirs - theirs.mean(axis=1, keepdims=True)) * weights
    levels = np.empty((len(in_a), len(offsets)), np.float32)
    for place, offset in enumerate(offsets):
        there = times + offset
        apart = theirs[b.print.nearest(there) - first]
        apart -= ours
        levels[:, place] = np.abs(apart, out=apart).sum(axis=1)
        levels[(there <= -b.print.step) | (there >= b.print.duration + b.print.step / 2), place] = BESIDE
    return levels


@dataclass(slots=True)
class Sheet:
    """What it costs to show each of some moments of A at each offset."""

    times: NDArray[np.float64]
    offsets: NDArray[np.float64]
    costs: Floats

    def __init__(self, a: Sampled, b: Sampled, span: tuple[float, float], offsets: tuple[float, float]) -> None:
        frame = min(a.print.step, b.print.step)
        frames = np.flatnonzero((a.print.times >= span[0] - 1e-6) & (a.print.times < span[1] - 1e-6))
        frames = frames[:: max(1, round(1 / (ROWS_A_SECOND * a.print.step)))]
        column = max(frame / 4, 1 / COLUMNS_A_SECOND)
        self.times = a.print.times[frames]
        self.offsets = np.arange(np.floor(offsets[0] / column), np.ceil(offsets[1] / column) + 1) * column
        levels = levels_at(a, b, frames, self.offsets, telling(a, frames))
        self.costs = costs(_nearby(levels, 1))

    def pieces(self) -> list[Run]:
        """The cheapest way, in A's order."""
        moves = self._moves()
        count, columns = self.costs.shape
        entry = np.full(len(SLOPES), BEND_COSTS, np.float32)
        entry[SLOPES == 1] = 0
        bends = np.where(SLOPES == 1, STRAIGHTEN_COSTS, BEND_COSTS)[:, None].astype(np.float32)
        score = self.costs[0] + entry[:, None]
        came = np.zeros((count, len(SLOPES), columns), np.int8)  # 0 the same piece, 1 a bend, 2 a break
        bent = np.zeros((count, columns), np.intp)
        broke = np.zeros(count, np.intp)
        places = np.arange(columns)
        for row in range(1, count):
            bent[row] = score.argmin(axis=0)
            at = score[bent[row], places]
            broke[row] = int(at.argmin())
            bend = at + bends
            jump = entry[:, None] + np.float32(at[broke[row]] + BREAK_COSTS)
            other = np.minimum(bend, jump)
            choice = (score > other) * np.where(bend <= jump, 1, 2)
            score = np.minimum(score, other)
            source = places[None] - moves[row][:, None]
            inside = (source >= 0) & (source < columns)
            source = source.clip(0, columns - 1)
            score = np.where(inside, np.take_along_axis(score, source, axis=1), np.float32(np.inf)) + self.costs[row]
            came[row] = np.take_along_axis(choice, source, axis=1)
        return self._traced(score, came, bent, broke, moves)

    def _moves(self) -> NDArray[np.intp]:
        """(rows, slopes): by how many columns each slope goes on from one row to the next."""
        column = self.offsets[1] - self.offsets[0]
        gone = np.rint((self.times - self.times[0])[:, None] * (SLOPES - 1) / column).astype(np.intp)
        return np.diff(gone, axis=0, prepend=0)

    def _traced(
        self,
        score: Floats,
        came: NDArray[np.int8],
        bent: NDArray[np.intp],
        broke: NDArray[np.intp],
        moves: NDArray[np.intp],
    ) -> list[Run]:
        slope, column = (int(place) for place in np.unravel_index(int(score.argmin()), score.shape))
        found: list[Run] = []
        last = len(self.times)
        tail = 2 * self.times[-1] - self.times[-2]
        for row in range(len(self.times) - 1, -1, -1):
            how = came[row, slope, column]
            if row == 0 or how:
                start, end = self.times[row], self.times[last] if last < len(self.times) else tail
                line = Line(float(self.offsets[column] - (SLOPES[slope] - 1) * start), float(SLOPES[slope]))
                found.append(Run(float(start), float(end), line))
                last = row
            if row:
                column -= int(moves[row, slope])
                if how == 2:
                    column = int(broke[row])
                if how:
                    slope = int(bent[row, column])
        return found[::-1]


def _nearby(levels: Floats, reach: int) -> Floats:
    """The best of the offsets up to half a frame around, since frames are shown for their time and not at a point."""
    padded = np.pad(levels, ((0, 0), (reach, reach)), constant_values=BESIDE)
    best: Floats = np.minimum.reduce([padded[:, by : by + levels.shape[1]] for by in range(2 * reach + 1)])
    return best


def costs(levels: Floats) -> Floats:
    """(frames, offsets) logarithms of how many times worse than the best a fit is, 0 where it is as good."""
    best = levels.min(axis=1)
    usual = float(np.median(best))
    fair = np.maximum(best, usual)[:, None]
    worse: Floats = np.log((levels + LEVELS_FLOOR) / (fair + np.float32(LEVELS_FLOOR))).clip(0, np.log(MOST_TIMES))
    worse[best > ROUGH_TIMES * usual + ROUGH_LEVELS] *= HARDLY
    return worse.astype(np.float32)
