"""Find the few time maps on which each part of A may appear in B, by a Hough transform of the votes.

Votes of moments that belong together agree on one time map; random votes do not. Maps of equal speed are voted for by
offset alone, and others by slope and offset. A map of another speed is fitted to its votes by least squares and
extended to neighbouring tiles. Parts without distinctive votes, for example a still picture, use the maps of the tiles
around them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.anchors import Votes
from videos.diff.alignment.grid import Grid
from videos.diff.alignment.time_map import IDENTITY_TIME_MAP, TimeMap
from videos.diff.parallel import map_parallel
from videos.diff.sampling.descriptor import Floats, Indexes

TILE_SECONDS = 10.0  # seconds of A per tile
MIN_VOTES = 1.6  # summed weight of votes for a candidate time map
MAX_OWN_TIME_MAPS = 32  # candidate time maps of equal speed per tile
STRONG_SHARE = 0.25  # votes per moment of a tile from which its time map is offered to tiles without distinctive votes
COMMON_TIME_MAPS = 8  # time maps with the most votes overall, which are tried in every tile
# Slopes that are tried: exp(-0.24) to exp(0.24) in steps of 1 %.
SLOPES = tuple(np.round(np.exp(np.arange(-24, 25) * 0.01), 4))
OTHER_SLOPES = np.array([slope for slope in SLOPES if slope != 1])  # than equal speed
MAX_SLOPE_OFF = float(max(abs(slope - 1) for slope in SLOPES))  # largest deviation of these slopes from 1
MIN_SLOPED_RATIO = 1.25  # ratio of the votes for another speed to those for equal speed
MIN_SLOPED_SHARE = 0.3  # votes per moment of a tile for another speed, at least
# Share of the moments around a tile on one map of equal speed, from which no other speed is tried.
EXPLAINED_SHARE = 0.85
MIN_RIVAL_SHARE = 0.5  # votes relative to the best map's, from which another map may also use the moments it explains
MAX_VOTE_DISTANCE = 1.5  # grid steps between a vote and a time map that it supports
MAX_MISSED_TILES = 2  # consecutive tiles without support across which a time map is extended


@dataclass(frozen=True, slots=True)
class Tile:
    """Moments of A from `first` up to `last` in grid steps, and the time maps to try there."""

    first: int
    last: int
    time_maps: tuple[TimeMap, ...]


def build_tiles(grid: Grid, votes: Votes, threshold: float) -> list[Tile]:
    """Return tiles that cover A, each with candidate time maps from its own votes and from neighbouring tiles."""
    return _HoughVoting(grid, votes, votes.compute_weights(threshold)).build_tiles()


class _HoughVoting:
    """Votes by tile, and the candidate time maps that they support."""

    def __init__(self, grid: Grid, votes: Votes, weights: Floats) -> None:
        is_distinctive = weights > 0
        self._grid = grid
        self._rows, self._columns, self._weights = (
            votes.rows[is_distinctive],
            votes.columns[is_distinctive],
            weights[is_distinctive],
        )
        self._size = max(1, round(TILE_SECONDS / grid.step))
        self._count = max(1, round(grid.count_a / self._size))
        self._edges = np.linspace(0, grid.count_a, self._count + 1).astype(int)
        self._slices = np.searchsorted(self._rows, self._edges)
        every = np.unique(votes.rows)
        self._moments = np.diff(np.searchsorted(every, self._edges))

    def build_tiles(self) -> list[Tile]:
        """Return the tiles with their candidate time maps, without duplicates."""
        own = [self._find_same_speed(place) for place in range(self._count)]
        strong = [
            [
                time_map
                for time_map, votes in time_maps[:2]
                if votes >= STRONG_SHARE * self._sum_around(self._moments, place)
            ]
            for place, time_maps in enumerate(own)
        ]
        carried = _carry_over(strong)
        common = self._find_common(own)
        sloped = self._find_sloped(own)
        duration_a, duration_b = self._grid.a.fingerprint.duration, self._grid.b.fingerprint.duration
        always = [IDENTITY_TIME_MAP, self._snap_to_grid(duration_b - duration_a), *common]
        tiles = []
        for place in range(self._count):
            own_maps = [time_map for time_map, _ in own[place]]
            time_maps = dict.fromkeys([*always, *carried[place], *sloped.get(place, []), *own_maps])
            tiles.append(Tile(int(self._edges[place]), int(self._edges[place + 1]), tuple(time_maps)))
        return tiles

    def _snap_to_grid(self, offset: float) -> TimeMap:
        """Return the time map of equal speed whose offset is nearest on the grid."""
        return self._time_map_at(round(offset / self._grid.step))

    def _time_map_at(self, place: int) -> TimeMap:
        """Return the time map of equal speed at an offset in grid steps."""
        return TimeMap(place * self._grid.step + self._grid.phase_step) if place else IDENTITY_TIME_MAP

    def _sum_around(self, values: NDArray[np.intp], place: int) -> int:
        """Return the sum of values of a tile and its two neighbours."""
        return int(values[max(0, place - 1) : place + 2].sum())

    def _votes_around(self, place: int, margin: int) -> slice:
        """Return the slice of the votes of a tile and of `margin` neighbours on both sides."""
        low, high = max(0, place - margin), min(self._count, place + 1 + margin)
        return slice(int(self._slices[low]), int(self._slices[high]))

    def _find_same_speed(self, place: int) -> list[tuple[TimeMap, float]]:
        """Return time maps of equal speed for a tile and their votes, in descending order.

        Moments that the best map explains support another map only if they vote for it nearly as often.
        """
        votes_here = self._votes_around(place, 1)
        if votes_here.stop == votes_here.start:
            return []
        rows, weights = self._rows[votes_here], self._weights[votes_here]
        shifts = self._columns[votes_here] - rows
        low = int(shifts.min())
        counts = np.bincount(shifts - low, weights)
        near = _sum_neighbours(counts)
        explained = np.isin(rows, rows[np.abs(shifts - low - near.argmax()) <= MAX_VOTE_DISTANCE])
        unexplained = _sum_neighbours(np.bincount(shifts - low, weights * ~explained))
        claims = (unexplained >= MIN_VOTES) | (near >= max(MIN_VOTES, MIN_RIVAL_SHARE * float(near.max())))
        candidates = np.flatnonzero(claims & (counts > 0))
        best = candidates[np.argsort(-near[candidates], kind="stable")][:MAX_OWN_TIME_MAPS]
        return [(self._time_map_at(low + int(shift)), float(near[shift])) for shift in best]

    def _find_common(self, own: list[list[tuple[TimeMap, float]]]) -> list[TimeMap]:
        """Return the time maps with the most votes over all tiles."""
        totals: dict[TimeMap, float] = {}
        for time_maps in own:
            for time_map, votes in time_maps:
                totals[time_map] = totals.get(time_map, 0.0) + votes
        return sorted(totals, key=lambda time_map: -totals[time_map])[:COMMON_TIME_MAPS]

    def _explains_tile(self, time_map: TimeMap, place: int) -> bool:
        """Return whether a map of equal speed explains a tile so well that no other speed is tried."""
        of = self._votes_around(place, 1)
        own = self._rows[of][self._select_own_votes(time_map, of)]
        return len(np.unique(own)) >= EXPLAINED_SHARE * self._sum_around(self._moments, place)

    def _find_sloped(self, own: list[list[tuple[TimeMap, float]]]) -> dict[int, list[TimeMap]]:
        """Return the time maps of other speeds by tile, including tiles next to their support."""
        by_tile: dict[int, list[TimeMap]] = {}
        unexplained = [
            place for place in range(self._count) if not own[place] or not self._explains_tile(own[place][0][0], place)
        ]
        for place, time_map in zip(unexplained, map_parallel(self._find_best_slope, unexplained), strict=True):
            if time_map is None or any(self._is_same(place, time_map, known) for known in by_tile.get(place, [])):
                continue
            time_map, low, high = self._follow(time_map, place)
            for at in range(max(0, low - 1), min(self._count, high + 2)):
                by_tile.setdefault(at, []).append(time_map)
        return by_tile

    def _find_best_slope(self, place: int) -> TimeMap | None:
        """Return the time map of another speed with the most votes, or None.

        It must explain its own moments clearly better than equal speed does.
        """
        of = self._votes_around(place, 1)
        if of.stop - of.start < MIN_VOTES:
            return None
        rows, columns, weights = self._rows[of], self._columns[of], self._weights[of]
        middle = (self._edges[place] + self._edges[place + 1]) / 2
        needed = MIN_SLOPED_SHARE * int(self._moments[place])
        together = _select_clustered(
            columns - rows, weights, round(MAX_SLOPE_OFF * float(np.abs(rows - middle).max())) + 2, needed
        )
        if not together.any():
            return None
        lines = OTHER_SLOPES[:, None]
        shifts = np.rint(columns[together] - lines * (rows[together] - middle)).astype(np.intp)
        low, width = int(shifts.min()), int(np.ptp(shifts)) + 1
        places = shifts - low + width * np.arange(len(lines))[:, None]
        counts = np.bincount(places.ravel(), np.tile(weights[together], len(lines)), width * len(lines))
        near = _sum_neighbours(counts.reshape(len(lines), width))
        tops = near.argmax(axis=1)
        votes, slope, at = max(zip(near.max(axis=1).tolist(), OTHER_SLOPES.tolist(), tops.tolist(), strict=True))
        if votes < needed:
            return None
        time_map = self._time_map_from_grid(slope, low + at - slope * middle)
        mine = self._select_own_votes(time_map, of)
        own = np.sort(rows[mine])
        if not len(own):
            return None
        inside = (rows >= own[len(own) // 10]) & (rows <= own[-1 - len(own) // 10])
        shifts = columns[inside] - rows[inside]
        straight = _sum_neighbours(np.bincount(shifts - shifts.min(), weights[inside])).max()
        sloped = float(weights[inside & mine].sum())
        return time_map if sloped >= MIN_SLOPED_RATIO * float(straight) else None

    def _time_map_from_grid(self, slope: float, offset: float) -> TimeMap:
        """Return the time map in seconds; a grid step of B stands for the middle of its three samples."""
        return TimeMap(offset * self._grid.step + self._grid.phase_step, slope)

    def _is_same(self, place: int, time_map: TimeMap, other: TimeMap) -> bool:
        """Return whether two time maps are nearly equal in a tile."""
        span = self._edges[place] * self._grid.step, self._edges[place + 1] * self._grid.step
        return time_map.is_near(other, span, MAX_VOTE_DISTANCE * self._grid.step)

    def _follow(self, time_map: TimeMap, place: int) -> tuple[TimeMap, int, int]:
        """Fit a time map to its votes, extend it tile by tile, and return it with its first and last tile."""
        low = high = place
        time_map = self._fit(time_map, low, high)
        for way in (1, -1):
            missed = 0
            at = place
            while missed < MAX_MISSED_TILES and 0 <= at + way < self._count:
                at += way
                if self._measure_support(time_map, at) >= MIN_SLOPED_SHARE * self._moments[at]:
                    missed = 0
                    low, high = min(low, at), max(high, at)
                    time_map = self._fit(time_map, low, high)
                else:
                    missed += 1
        return time_map, low, high

    def _select_own_votes(self, time_map: TimeMap, of: slice) -> NDArray[np.bool_]:
        """Return a mask of the votes in a slice that support a time map."""
        at = (time_map.slope * self._rows[of]) + (time_map.offset - self._grid.phase_step) / self._grid.step
        near: NDArray[np.bool_] = np.abs(self._columns[of] - at) <= MAX_VOTE_DISTANCE
        return near

    def _measure_support(self, time_map: TimeMap, place: int) -> float:
        """Return the summed weight of a tile's votes that support a time map."""
        of = self._votes_around(place, 0)
        return float(self._weights[of][self._select_own_votes(time_map, of)].sum())

    def _fit(self, time_map: TimeMap, low: int, high: int) -> TimeMap:
        """Return the time map fitted to its votes from tile `low` to `high`, by weighted least squares."""
        of = slice(int(self._slices[low]), int(self._slices[high + 1]))
        own = self._select_own_votes(time_map, of)
        rows, columns, weights = self._rows[of][own], self._columns[of][own], self._weights[of][own].astype(np.float64)
        total = float(weights.sum())
        if total < MIN_VOTES:
            return time_map
        row, column = float(weights @ rows) / total, float(weights @ columns) / total
        spread = float(weights @ np.square(rows - row))
        if spread <= 0:
            return time_map
        slope = float(weights @ ((rows - row) * (columns - column))) / spread
        if not SLOPES[0] <= slope <= SLOPES[-1]:  # a few votes can lie on any line
            return time_map
        return self._time_map_from_grid(slope, column - slope * row)


def _carry_over(strong: list[list[TimeMap]]) -> list[list[TimeMap]]:
    """Return, for each tile, the strong time maps of the nearest tiles before and after it that have any."""
    carried: list[list[TimeMap]] = [[] for _ in strong]
    for order in (range(len(strong)), range(len(strong) - 1, -1, -1)):
        last: list[TimeMap] = []
        for place in order:
            last = strong[place] or last
            carried[place] += last
    return carried


def _select_clustered(shifts: Indexes, weights: Floats, reach: int, needed: float) -> NDArray[np.bool_]:
    """Return a mask of votes with enough other votes nearby for any time map of the tile.

    `reach` is the largest distance by which a slope can spread the votes.
    """
    order = np.argsort(shifts, kind="stable")
    sums = np.append(0.0, np.cumsum(weights[order], dtype=np.float64))
    ordered = shifts[order]
    around = sums[np.searchsorted(ordered, ordered + 2 * reach, side="right")]
    around -= sums[np.searchsorted(ordered, ordered - 2 * reach, side="left")]
    clustered = np.empty(len(shifts), bool)
    clustered[order] = around >= needed
    return clustered


def _sum_neighbours(counts: NDArray[Any]) -> NDArray[np.float64]:
    """Return each count (..., places) plus those of its two neighbours."""
    sums = counts.astype(np.float64)
    sums[..., 1:] += counts[..., :-1]
    sums[..., :-1] += counts[..., 1:]
    return sums
