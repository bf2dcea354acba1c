"""The few lines on which each stretch of A may be found in B: what votes of moments agree on.

Moments that belong together name places on one line, by chance they do not; so the places vote for lines, first for
those of the same speed, then (a Hough transform over slope and offset) for others. A sloped line is fitted to its
votes and followed as far as it leads. What looks alike everywhere, as a still does, is left to the lines around it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videos.diff.anchors import Votes
from videos.diff.cores import shared_out
from videos.diff.descriptor import Floats, Indexes
from videos.diff.grid import Grid
from videos.diff.line import SAME_TIMES, Line

TILE_SECONDS = 10.0
FEWEST_VOTES = 1.6
MOST_LINES = 32  # of a tile's own
STRONG_SHARE = 0.25  # of a tile's moments, from which a line is carried on to where nothing tells
COMMON_LINES = 8  # that have the most votes of all, and are tried everywhere
SLOPES = tuple(np.round(np.exp(np.arange(-24, 25) * 0.01), 4))
MOST_SLOPED = float(max(abs(slope - 1) for slope in SLOPES))
SLOPED_BETTER = 1.25  # by which a slope must gather more votes than the same speed does
SLOPED_SHARE = 0.3  # of a tile's moments that must vote for it
EXPLAINED_SHARE = 0.85  # of the moments around a tile on one line of the same speed, from which it is the only one
ALIKE_SHARE = 0.5  # of the votes for the best line, from which another may claim the moments that it explains
NEAR = 1.5  # grid steps from a line within which a vote is its own
MISSES = 2  # tiles without support over which a sloped line still leads


@dataclass(frozen=True, slots=True)
class Tile:
    """Moments of A from `first` up to `last`, and the lines to try there."""

    first: int
    last: int
    lines: tuple[Line, ...]


def tiles(grid: Grid, votes: Votes, threshold: float) -> list[Tile]:
    """Tiles that cover A, each with the lines that it or its surroundings voted for."""
    return _Hough(grid, votes, votes.weights(threshold)).tiles()


class _Hough:
    def __init__(self, grid: Grid, votes: Votes, weights: Floats) -> None:
        telling = weights > 0
        self._grid = grid
        self._rows, self._columns, self._weights = votes.rows[telling], votes.columns[telling], weights[telling]
        self._size = max(1, round(TILE_SECONDS / grid.step))
        self._count = max(1, round(grid.count_a / self._size))
        self._edges = np.linspace(0, grid.count_a, self._count + 1).astype(int)
        self._slices = np.searchsorted(self._rows, self._edges)
        every = np.unique(votes.rows)
        self._moments = np.diff(np.searchsorted(every, self._edges))

    def tiles(self) -> list[Tile]:
        own = [self._straight(place) for place in range(self._count)]
        strong = [
            [line for line, votes in lines[:2] if votes >= STRONG_SHARE * self._around(self._moments, place)]
            for place, lines in enumerate(own)
        ]
        carried = _carried(strong)
        common = self._common(own)
        sloped = self._sloped(own)
        duration_a, duration_b = self._grid.a.print.duration, self._grid.b.print.duration
        always = [SAME_TIMES, self._on_grid(duration_b - duration_a), *common]
        made = []
        for place in range(self._count):
            voted = [line for line, _ in own[place]]
            lines = dict.fromkeys([*always, *carried[place], *sloped.get(place, []), *voted])
            made.append(Tile(int(self._edges[place]), int(self._edges[place + 1]), tuple(lines)))
        return made

    def _on_grid(self, offset: float) -> Line:
        return self._diagonal(round(offset / self._grid.step))

    def _diagonal(self, place: int) -> Line:
        return Line(place * self._grid.step + self._grid.fine) if place else SAME_TIMES

    def _around(self, values: NDArray[np.intp], place: int) -> int:
        return int(values[max(0, place - 1) : place + 2].sum())

    def _votes(self, place: int, margin: int) -> slice:
        low, high = max(0, place - margin), min(self._count, place + 1 + margin)
        return slice(int(self._slices[low]), int(self._slices[high]))

    def _straight(self, place: int) -> list[tuple[Line, float]]:
        """Lines of the same speed that a tile and its neighbours vote for, and their votes, most first.

        Moments that the best line explains speak for no other, but for those that they name nearly as often.
        """
        of = self._votes(place, 1)
        if of.stop == of.start:
            return []
        rows, weights = self._rows[of], self._weights[of]
        shifts = self._columns[of] - rows
        low = int(shifts.min())
        counts = np.bincount(shifts - low, weights)
        near = _with_neighbours(counts)
        explained = np.isin(rows, rows[np.abs(shifts - low - near.argmax()) <= NEAR])
        left = _with_neighbours(np.bincount(shifts - low, weights * ~explained))
        claims = (left >= FEWEST_VOTES) | (near >= max(FEWEST_VOTES, ALIKE_SHARE * float(near.max())))
        wanted = np.flatnonzero(claims & (counts > 0))
        best = wanted[np.argsort(-near[wanted], kind="stable")][:MOST_LINES]
        return [(self._diagonal(low + int(shift)), float(near[shift])) for shift in best]

    def _common(self, own: list[list[tuple[Line, float]]]) -> list[Line]:
        totals: dict[Line, float] = {}
        for lines in own:
            for line, votes in lines:
                totals[line] = totals.get(line, 0.0) + votes
        return sorted(totals, key=lambda line: -totals[line])[:COMMON_LINES]

    # Other speeds

    def _explains(self, line: Line, place: int) -> bool:
        """Whether a line of the same speed leaves nothing to ask of others."""
        of = self._votes(place, 1)
        own = self._rows[of][self._own(line, of)]
        return len(np.unique(own)) >= EXPLAINED_SHARE * self._around(self._moments, place)

    def _sloped(self, own: list[list[tuple[Line, float]]]) -> dict[int, list[Line]]:
        """By tile, lines of another speed, each with the tiles around those that it was found in."""
        found: dict[int, list[Line]] = {}
        unsure = [
            place for place in range(self._count) if not own[place] or not self._explains(own[place][0][0], place)
        ]
        for place, line in zip(unsure, shared_out(self._best_slope, unsure), strict=True):
            if line is None or any(self._same(place, line, known) for known in found.get(place, [])):
                continue
            line, low, high = self._followed(line, place)
            for at in range(max(0, low - 1), min(self._count, high + 2)):
                found.setdefault(at, []).append(line)
        return found

    def _best_slope(self, place: int) -> Line | None:
        """The line of another speed with the most votes, if it explains its own moments better than the same speed."""
        of = self._votes(place, 1)
        if of.stop - of.start < FEWEST_VOTES:
            return None
        rows, columns, weights = self._rows[of], self._columns[of], self._weights[of]
        middle = (self._edges[place] + self._edges[place + 1]) / 2
        needed = SLOPED_SHARE * int(self._moments[place])
        together = _together(
            columns - rows, weights, round(MOST_SLOPED * float(np.abs(rows - middle).max())) + 2, needed
        )
        if not together.any():
            return None
        best: tuple[float, float, float] = (0.0, 1.0, 0.0)
        for slope in SLOPES:
            if slope == 1:
                continue
            shifts = np.rint(columns - slope * (rows - middle))[together].astype(np.intp)
            low = int(shifts.min())
            near = _with_neighbours(np.bincount(shifts - low, weights[together]))
            top = int(near.argmax())
            best = max(best, (float(near[top]), float(slope), float(low + top)))
        votes, slope, at = best
        if votes < needed:
            return None
        line = self._line(slope, at - slope * middle)
        mine = self._own(line, of)
        own = np.sort(rows[mine])
        if not len(own):
            return None
        inside = (rows >= own[len(own) // 10]) & (rows <= own[-1 - len(own) // 10])
        shifts = columns[inside] - rows[inside]
        straight = _with_neighbours(np.bincount(shifts - shifts.min(), weights[inside])).max()
        sloped = float(weights[inside & mine].sum())
        return line if sloped >= SLOPED_BETTER * float(straight) else None

    def _line(self, slope: float, offset: float) -> Line:
        """From grid steps to seconds; a column stands for the middle of its three moments."""
        return Line(offset * self._grid.step + self._grid.fine, slope)

    def _same(self, place: int, line: Line, other: Line) -> bool:
        span = self._edges[place] * self._grid.step, self._edges[place + 1] * self._grid.step
        return line.near(other, span, NEAR * self._grid.step)

    def _followed(self, line: Line, place: int) -> tuple[Line, int, int]:
        """A line fitted to its votes, tile by tile as far as they go, and the first and last tile."""
        low = high = place
        line = self._fitted(line, low, high)
        for way in (1, -1):
            missed = 0
            at = place
            while missed < MISSES and 0 <= at + way < self._count:
                at += way
                if self._support(line, at) >= SLOPED_SHARE * self._moments[at]:
                    missed = 0
                    low, high = min(low, at), max(high, at)
                    line = self._fitted(line, low, high)
                else:
                    missed += 1
        return line, low, high

    def _own(self, line: Line, of: slice) -> NDArray[np.bool_]:
        at = (line.slope * self._rows[of]) + (line.offset - self._grid.fine) / self._grid.step
        near: NDArray[np.bool_] = np.abs(self._columns[of] - at) <= NEAR
        return near

    def _support(self, line: Line, place: int) -> float:
        of = self._votes(place, 0)
        return float(self._weights[of][self._own(line, of)].sum())

    def _fitted(self, line: Line, low: int, high: int) -> Line:
        """By least squares, weighted by the votes."""
        of = slice(int(self._slices[low]), int(self._slices[high + 1]))
        own = self._own(line, of)
        rows, columns, weights = self._rows[of][own], self._columns[of][own], self._weights[of][own].astype(np.float64)
        total = float(weights.sum())
        if total < FEWEST_VOTES:
            return line
        row, column = float(weights @ rows) / total, float(weights @ columns) / total
        spread = float(weights @ np.square(rows - row))
        if spread <= 0:
            return line
        slope = float(weights @ ((rows - row) * (columns - column))) / spread
        return self._line(slope, column - slope * row)


def _carried(strong: list[list[Line]]) -> list[list[Line]]:
    """By tile, the strong lines of the nearest tiles before and after that have any."""
    carried: list[list[Line]] = [[] for _ in strong]
    for order in (range(len(strong)), range(len(strong) - 1, -1, -1)):
        last: list[Line] = []
        for place in order:
            last = strong[place] or last
            carried[place] += last
    return carried


def _together(shifts: Indexes, weights: Floats, reach: int, needed: float) -> NDArray[np.bool_]:
    """Votes that have enough others about them for any line through their tile: a slope spreads them no further."""
    order = np.argsort(shifts, kind="stable")
    sums = np.append(0.0, np.cumsum(weights[order], dtype=np.float64))
    apart = shifts[order]
    around = sums[np.searchsorted(apart, apart + 2 * reach, side="right")]
    around -= sums[np.searchsorted(apart, apart - 2 * reach, side="left")]
    together = np.empty(len(shifts), bool)
    together[order] = around >= needed
    return together


def _with_neighbours(counts: NDArray[Any]) -> NDArray[np.float64]:
    padded = np.pad(counts, 1)
    return padded[:-2] + padded[1:-1] + padded[2:]
