"""Align two videos by a Viterbi search: each moment of A is on one of the candidate time maps, or on none.

Staying on a time map is free, and every jump costs the same regardless of its distance (an affine gap penalty with free
extension). Insertions, deletions and moves are therefore found in one pass. The candidates come from the votes of
`anchors`, so the cost grows linearly with duration. The matching threshold is measured on the pair itself, between the
typical best distance and the typical random distance.
"""

from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.anchors import choose_threshold, collect_votes
from videos.diff.alignment.grid import Grid, choose_grid_step
from videos.diff.alignment.hough import Tile, build_tiles
from videos.diff.alignment.time_map import TimeMap
from videos.diff.parallel import Tick, map_parallel
from videos.diff.sampling.descriptor import Floats, SampledVideo

JUMP_SAMPLES = 3.0  # cost of a jump, in samples that match nothing
THRESHOLD_POSITION = 0.45  # position of the matching threshold between the best (0) and the random (1) distance
MIN_THRESHOLD = 0.04  # squared distance; lower limit of the matching threshold
MAX_THRESHOLD = 0.45  # squared distance; upper limit of the matching threshold
MIN_MATCHES = 2  # matching samples of a run, at least
MAX_RUN_COST = 0.6  # median cost of a run's matching samples (0 to 1), at most
MAX_SHARED = 0.5  # share of a run's footage of B that longer runs may also show
CLEAR_COST_DIFFERENCE = 0.1  # difference of mean cost from which the cheaper of two overlapping runs keeps the overlap
MIN_RUN_SECONDS = 0.3  # seconds of a run that must remain after an overlap is removed
TIME_TIE_BREAK = 1e-5  # cost per grid step of offset, so that of equal matches the nearest in time wins
TIME_MAPS_PER_TASK = 256  # time maps of tiles per parallel task
SLOPE_CHANGE_SAMPLES = 2.0  # additional cost of a jump to another speed, in samples that match nothing


@dataclass(frozen=True, slots=True)
class Run:
    """A part of A, `start` to `end` in seconds, that B shows at the moments given by `time_map`."""

    start: float
    end: float
    time_map: TimeMap

    @property
    def seconds(self) -> float:
        """Return the duration in A."""
        return self.end - self.start

    @property
    def b(self) -> tuple[float, float]:
        """Return start and end in B."""
        return self.time_map.to_b(self.start), self.time_map.to_b(self.end)


def align_videos(a: SampledVideo, b: SampledVideo, tick: Tick = lambda share: None) -> list[Run]:
    """Return runs in A's order, found on the coarse grid. Neither their ends nor their time maps are exact yet."""
    grid = Grid(a, b, choose_grid_step(a, b))
    votes = collect_votes(grid, lambda share: tick(share / 2))
    threshold = choose_threshold(grid, votes, THRESHOLD_POSITION, MIN_THRESHOLD, MAX_THRESHOLD)
    path = _ViterbiPath(grid)
    all_tiles = build_tiles(grid, votes, threshold)
    for tile, costs in zip(
        all_tiles, _compute_costs(grid, threshold, all_tiles, lambda share: tick((1 + share) / 2)), strict=True
    ):
        path.advance(tile, costs)
    return _resolve_overlaps(grid, threshold, _extract_runs(grid, *path.trace_back()))


def _compute_costs(grid: Grid, threshold: float, all_tiles: list[Tile], tick: Tick) -> list[Floats]:
    """Return for each tile the cost (moments, time maps) of each moment on each candidate, 0 to 1.

    Costs are computed in B's order, so that each block of B is read only once.
    """
    order = sorted(
        (time_map.to_b(tile.first * grid.step), place, index)
        for place, tile in enumerate(all_tiles)
        for index, time_map in enumerate(tile.time_maps)
    )

    def compute_batch(first: int) -> list[Floats]:
        batch = []
        for _, place, index in order[first : first + TIME_MAPS_PER_TASK]:
            tile = all_tiles[place]
            distances = grid.compute_distances(np.arange(tile.first, tile.last), tile.time_maps[index])
            batch.append(np.minimum(distances / np.float32(threshold), 1))
        return batch

    batches = map_parallel(compute_batch, range(0, len(order), TIME_MAPS_PER_TASK), tick)
    costs = [np.empty((tile.last - tile.first, len(tile.time_maps)), np.float32) for tile in all_tiles]
    for (_, place, index), cost in zip(order, chain.from_iterable(batches), strict=True):
        costs[place][:, index] = cost
    return costs


@dataclass(frozen=True, slots=True)
class _ViterbiStep:
    """The decisions for one tile.

    `jumped` (moments, time maps) is True where a jump is cheaper than staying. `before` holds the time map that a jump
    at each moment comes from, and `vanished` the one that a change to no match comes from. None means no match.
    """

    tile: Tile
    costs: Floats
    jumped: NDArray[np.bool_]
    before: list[TimeMap | None]
    vanished: list[TimeMap | None]


class _ViterbiPath:
    """The cheapest sequence of time maps over all tiles."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._scores: dict[TimeMap, float] = {}
        self._unmatched_score = JUMP_SAMPLES / 2
        self._steps: list[_ViterbiStep] = []

    def advance(self, tile: Tile, costs: Floats) -> None:
        """Process the moments of a tile, given their costs (moments, time maps)."""
        grid, time_maps = self._grid, tile.time_maps
        seconds = (np.arange(tile.first, tile.last) * grid.step)[:, None]
        slopes, offsets = (
            np.array(each) for each in zip(*((time_map.slope, time_map.offset) for time_map in time_maps), strict=True)
        )
        offset_steps = np.abs(slopes * seconds + offsets - seconds) / grid.step
        total_costs = costs + TIME_TIE_BREAK * offset_steps / grid.count_a
        entry_costs = np.where(slopes == 1, 0.0, SLOPE_CHANGE_SAMPLES)
        is_first = not self._steps
        score = np.array(
            [
                entry_costs[place] if is_first else self._scores.get(time_map, np.inf)
                for place, time_map in enumerate(time_maps)
            ]
        )
        best, best_line = min(
            ((value, time_map) for time_map, value in self._scores.items()),
            default=(np.inf, None),
            key=lambda each: each[0],
        )
        jumped = np.zeros(costs.shape, bool)
        before: list[TimeMap | None] = []
        vanished: list[TimeMap | None] = []
        for index in range(len(costs)):
            if is_first and index == 0:
                before.append(None)
                vanished.append(None)
                self._unmatched_score += 1
            else:
                jump, appear = best + JUMP_SAMPLES, self._unmatched_score + JUMP_SAMPLES / 2
                before.append(best_line if jump <= appear else None)
                enter = min(jump, appear) + entry_costs
                np.greater(score, enter, out=jumped[index])
                np.minimum(score, enter, out=score)
                vanish = best + JUMP_SAMPLES / 2
                vanished.append(best_line if vanish < self._unmatched_score else None)
                self._unmatched_score = min(vanish, self._unmatched_score) + 1
            score += total_costs[index]
            place = int(score.argmin())
            best, best_line = float(score[place]), time_maps[place]
        self._scores = dict(zip(time_maps, score.tolist(), strict=True))
        self._steps.append(_ViterbiStep(tile, costs, jumped, before, vanished))

    def trace_back(self) -> tuple[list[TimeMap | None], Floats]:
        """Return the time map or None of each moment of A, and its cost, 0 to 1."""
        time_map: TimeMap | None = min(self._scores, key=lambda each: self._scores[each])
        if time_map is not None and self._scores[time_map] > self._unmatched_score:
            time_map = None
        path: list[TimeMap | None] = []
        costs: list[float] = []
        for step in reversed(self._steps):
            places = {each: place for place, each in enumerate(step.tile.time_maps)}
            for index in range(step.tile.last - step.tile.first - 1, -1, -1):
                path.append(time_map)
                costs.append(1.0 if time_map is None else float(step.costs[index, places[time_map]]))
                if time_map is None:
                    time_map = step.vanished[index]
                elif step.jumped[index, places[time_map]]:
                    time_map = step.before[index]
        return path[::-1], np.array(costs[::-1], np.float32)


def _extract_runs(grid: Grid, path: list[TimeMap | None], costs: Floats) -> list[Run]:
    """Return the parts of the path on one time map, from their first to their last matching sample."""
    breaks = [place for place in range(1, len(path)) if path[place] != path[place - 1]]
    runs = []
    for part in np.split(np.arange(len(path)), breaks):
        time_map = path[part[0]]
        good = part[costs[part] < 1]
        if time_map is None or len(good) < min(MIN_MATCHES, len(path)) or float(np.median(costs[good])) > MAX_RUN_COST:
            continue
        end = min(grid.a.fingerprint.duration, float(good[-1] + 1) * grid.step)
        runs.append(Run(float(good[0]) * grid.step, end, time_map))
    return runs


def _resolve_overlaps(grid: Grid, threshold: float, runs: list[Run]) -> list[Run]:
    """Return runs of which no two show the same moments of B.

    An overlap is kept by the run that matches clearly better there, otherwise by the longer run.
    """
    runs = sorted(runs, key=lambda run: run.b)
    place = 1
    while place < len(runs):
        before, after = runs[place - 1 : place + 1]
        shared = after.b[0], min(before.b[1], after.b[1])
        if shared[1] - shared[0] < grid.step:
            place += 1
            continue
        costs = [_mean_cost(grid, threshold, run, shared) for run in (before, after)]
        prefer_after = (
            after.seconds > before.seconds if abs(costs[1] - costs[0]) <= CLEAR_COST_DIFFERENCE else costs[1] < costs[0]
        )
        winner, loser = (after, before) if prefer_after else (before, after)
        runs[place - 1 : place + 1] = sorted([winner, *_subtract_span(loser, shared)], key=lambda run: run.b)
        place = max(1, place - 1)
    return sorted(runs, key=lambda run: run.start)


def _mean_cost(grid: Grid, threshold: float, run: Run, span_b: tuple[float, float]) -> float:
    """Return the mean cost (0 to 1) of a run over a span of B."""
    start, end = (run.time_map.to_a(moment) / grid.step for moment in span_b)
    rows = np.arange(round(start), max(round(start) + 1, round(end))).clip(0, grid.count_a - 1)
    return float(np.minimum(grid.compute_distances(rows, run.time_map) / threshold, 1).mean())


def _subtract_span(run: Run, span_b: tuple[float, float]) -> list[Run]:
    """Return the parts of a run before and after a span of B that are long enough."""
    start, end = (run.time_map.to_a(moment) for moment in span_b)
    parts = [Run(run.start, start, run.time_map), Run(end, run.end, run.time_map)]
    return [part for part in parts if part.seconds >= MIN_RUN_SECONDS]


def remove_repeated_runs(runs: list[Run]) -> list[Run]:
    """Return runs without those that mostly repeat footage of B that a longer run shows.

    Still pictures and loops cause such runs.
    """
    selected: list[Run] = []
    for run in sorted(runs, key=lambda each: -each.seconds):
        start, end = run.b
        shared = sum(max(0.0, min(end, other.b[1]) - max(start, other.b[0])) for other in selected)
        if shared <= MAX_SHARED * (end - start):
            selected.append(run)
    return sorted(selected, key=lambda each: each.start)
