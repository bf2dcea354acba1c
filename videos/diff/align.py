"""Which stretch of A is shown where in B: a Viterbi pass over "this moment of A lies on that line, or on none".

Staying on a line is free and a jump costs the same however far it goes (an affine gap whose extension is free), so
that insertions, deletions and moves all come out of one pass. The lines are those that anchors found, so that the
cost grows with duration and not with its square. How unlike two moments must be to count as different comes from the
pair itself, between the typical best distance and the typical distance.
"""

from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from videos.diff.anchors import named, threshold_of
from videos.diff.cores import Tick, shared_out
from videos.diff.descriptor import Floats, Sampled
from videos.diff.grid import Grid, grid_step
from videos.diff.line import Line
from videos.diff.voting import Tile, tiles

JUMP_SAMPLES = 3.0  # a jump costs as much as so many samples that match nothing
BETWEEN = 0.45  # where the threshold lies between best and random distance
LEAST_THRESHOLD = 0.04
MOST_THRESHOLD = 0.45
FEWEST_MATCHES = 2
SURE = 0.6  # a run's typical distance over the threshold, at most
MOST_SHARED = 0.5  # of a run's footage of B with longer ones
CLEARLY = 0.1  # by which the cost of one must be lower to keep what two runs claim
LEAST_SECONDS = 0.3
NEAREST_FIRST = 1e-5  # breaks ties between equal matches in favour of equal times
AT_ONCE = 256  # lines of tiles
SLOPE_SAMPLES = 2.0  # going over to another speed costs so much more


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of A, `start` to `end` in seconds, that is shown in B where `line` says."""

    start: float
    end: float
    line: Line

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @property
    def b(self) -> tuple[float, float]:
        return self.line.to_b(self.start), self.line.to_b(self.end)


def align(a: Sampled, b: Sampled, tick: Tick = lambda share: None) -> list[Run]:
    """Runs in A's order, on the coarse grid; neither their borders nor their lines are exact yet."""
    grid = Grid(a, b, grid_step(a, b))
    votes = named(grid, lambda share: tick(share / 2))
    threshold = threshold_of(grid, votes, BETWEEN, LEAST_THRESHOLD, MOST_THRESHOLD)
    path = _Path(grid)
    all_tiles = tiles(grid, votes, threshold)
    for tile, costs in zip(
        all_tiles, _costs(grid, threshold, all_tiles, lambda share: tick((1 + share) / 2)), strict=True
    ):
        path.go(tile, costs)
    return _claimed(grid, threshold, _runs(grid, *path.best()))


def _costs(grid: Grid, threshold: float, all_tiles: list[Tile], tick: Tick) -> list[Floats]:
    """For each tile (moments, lines): what each moment costs on each line, 0 to 1.

    Worked out in B's order, so that each block of B is read once, however far the lines lead.
    """
    order = sorted(
        (line.to_b(tile.first * grid.step), place, index)
        for place, tile in enumerate(all_tiles)
        for index, line in enumerate(tile.lines)
    )

    def work_out(first: int) -> list[Floats]:
        found = []
        for _, place, index in order[first : first + AT_ONCE]:
            tile = all_tiles[place]
            distances = grid.distances(np.arange(tile.first, tile.last), tile.lines[index])
            found.append(np.minimum(distances / np.float32(threshold), 1))
        return found

    worked_out = shared_out(work_out, range(0, len(order), AT_ONCE), tick)
    costs = [np.empty((tile.last - tile.first, len(tile.lines)), np.float32) for tile in all_tiles]
    for (_, place, index), cost in zip(order, chain.from_iterable(worked_out), strict=True):
        costs[place][:, index] = cost
    return costs


@dataclass(frozen=True, slots=True)
class _Step:
    """How each line of a tile was come to: `jumped` (moments, lines), and over what, by moment."""

    tile: Tile
    costs: Floats
    jumped: NDArray[np.bool_]
    before: list[Line | None]  # what a jump at a moment comes from; None is nothing
    vanished: list[Line | None]  # the same for nothing


class _Path:
    """The cheapest way through all tiles."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._scores: dict[Line, float] = {}
        self._nothing = JUMP_SAMPLES / 2
        self._steps: list[_Step] = []

    def go(self, tile: Tile, costs: Floats) -> None:
        """Over the moments of a tile, given what each costs on each of its lines."""
        grid, lines = self._grid, tile.lines
        seconds = (np.arange(tile.first, tile.last) * grid.step)[:, None]
        slopes, offsets = (np.array(each) for each in zip(*((line.slope, line.offset) for line in lines), strict=True))
        far = np.abs(slopes * seconds + offsets - seconds) / grid.step
        paid = costs + NEAREST_FIRST * far / grid.count_a
        dear = np.where(slopes == 1, 0.0, SLOPE_SAMPLES)
        began = not self._steps
        score = np.array([dear[place] if began else self._scores.get(line, np.inf) for place, line in enumerate(lines)])
        best, best_line = min(
            ((value, line) for line, value in self._scores.items()), default=(np.inf, None), key=lambda each: each[0]
        )
        jumped = np.zeros(costs.shape, bool)
        before: list[Line | None] = []
        vanished: list[Line | None] = []
        for index in range(len(costs)):
            if began and index == 0:
                before.append(None)
                vanished.append(None)
                self._nothing += 1
            else:
                jump, appear = best + JUMP_SAMPLES, self._nothing + JUMP_SAMPLES / 2
                before.append(best_line if jump <= appear else None)
                enter = min(jump, appear) + dear
                np.greater(score, enter, out=jumped[index])
                np.minimum(score, enter, out=score)
                vanish = best + JUMP_SAMPLES / 2
                vanished.append(best_line if vanish < self._nothing else None)
                self._nothing = min(vanish, self._nothing) + 1
            score += paid[index]
            place = int(score.argmin())
            best, best_line = float(score[place]), lines[place]
        self._scores = dict(zip(lines, score.tolist(), strict=True))
        self._steps.append(_Step(tile, costs, jumped, before, vanished))

    def best(self) -> tuple[list[Line | None], Floats]:
        """For each moment of A its line or None, and what it costs there, 0 to 1."""
        line: Line | None = min(self._scores, key=lambda each: self._scores[each])
        if line is not None and self._scores[line] > self._nothing:
            line = None
        path: list[Line | None] = []
        costs: list[float] = []
        for step in reversed(self._steps):
            places = {each: place for place, each in enumerate(step.tile.lines)}
            for index in range(step.tile.last - step.tile.first - 1, -1, -1):
                path.append(line)
                costs.append(1.0 if line is None else float(step.costs[index, places[line]]))
                if line is None:
                    line = step.vanished[index]
                elif step.jumped[index, places[line]]:
                    line = step.before[index]
        return path[::-1], np.array(costs[::-1], np.float32)


def _runs(grid: Grid, path: list[Line | None], costs: Floats) -> list[Run]:
    """Stretches of the path on one line, from their first to their last sample that really matches."""
    breaks = [place for place in range(1, len(path)) if path[place] != path[place - 1]]
    runs = []
    for part in np.split(np.arange(len(path)), breaks):
        line = path[part[0]]
        good = part[costs[part] < 1]
        if line is None or len(good) < min(FEWEST_MATCHES, len(path)) or float(np.median(costs[good])) > SURE:
            continue
        end = min(grid.a.print.duration, float(good[-1] + 1) * grid.step)
        runs.append(Run(float(good[0]) * grid.step, end, line))
    return runs


def _claimed(grid: Grid, threshold: float, runs: list[Run]) -> list[Run]:
    """Runs of which no two show the same moments of B: those that look more like them keep them, else the longer."""
    runs = sorted(runs, key=lambda run: run.b)
    place = 1
    while place < len(runs):
        before, after = runs[place - 1 : place + 1]
        shared = after.b[0], min(before.b[1], after.b[1])
        if shared[1] - shared[0] < grid.step:
            place += 1
            continue
        costs = [_cost_over(grid, threshold, run, shared) for run in (before, after)]
        longer = after.seconds > before.seconds if abs(costs[1] - costs[0]) <= CLEARLY else costs[1] < costs[0]
        kept, cut = (after, before) if longer else (before, after)
        runs[place - 1 : place + 1] = sorted([kept, *_cut(cut, shared)], key=lambda run: run.b)
        place = max(1, place - 1)
    return sorted(runs, key=lambda run: run.start)


def _cost_over(grid: Grid, threshold: float, run: Run, span_b: tuple[float, float]) -> float:
    start, end = (run.line.to_a(moment) / grid.step for moment in span_b)
    rows = np.arange(round(start), max(round(start) + 1, round(end))).clip(0, grid.count_a - 1)
    return float(np.minimum(grid.distances(rows, run.line) / threshold, 1).mean())


def _cut(run: Run, span_b: tuple[float, float]) -> list[Run]:
    """What is left of a run before and after a span of B, where that is enough to be sure of."""
    start, end = (run.line.to_a(moment) for moment in span_b)
    parts = [Run(run.start, start, run.line), Run(end, run.end, run.line)]
    return [part for part in parts if part.seconds >= LEAST_SECONDS]


def one_to_one(runs: list[Run]) -> list[Run]:
    """Runs without those that mostly show what a longer one shows already, as still pictures and loops do."""
    kept: list[Run] = []
    for run in sorted(runs, key=lambda each: -each.seconds):
        start, end = run.b
        shared = sum(max(0.0, min(end, other.b[1]) - max(start, other.b[0])) for other in kept)
        if shared <= MOST_SHARED * (end - start):
            kept.append(run)
    return sorted(kept, key=lambda each: each.start)
