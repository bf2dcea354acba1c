"""Where to look for A in B: for each stretch of A the few lines on which it may be found.

Every moment of A names the moments of B that look most like it, by a short descriptor. Moments that belong together
name places on one line, by chance they do not; so the places vote for lines, first for those of the same speed, then
(a Hough transform over slope and offset) for others. A sloped line is fitted to its votes and followed as far as it
leads. What looks alike everywhere, as a still does, is left to the lines around it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videos.diff.blocks import BLOCK_ROWS, Blocks
from videos.diff.descriptor import Floats, Indexes
from videos.diff.grid import PHASES, Grid
from videos.diff.line import SAME_TIMES, Line

SHORT = 48  # numbers of a short descriptor
LEARN_FROM = 1024  # moments of either side
LEARN_AT_ONCE = 16
CHOICES = 3  # moments of B that a moment of A names
APART_SECONDS = 1.0  # between two of them
CELLS_A_MOMENT = 5000  # distances that may be worked out for each moment, however long the videos
ROWS_AT_ONCE = 64
TILE_SECONDS = 10.0
FEWEST_VOTES = 1.6
MOST_LINES = 32  # of a tile's own
STRONG_SHARE = 0.25  # of a tile's moments, from which a line is carried on to where nothing tells
COMMON_LINES = 8  # that have the most votes of all, and are tried everywhere
SLOPES = tuple(np.round(np.exp(np.arange(-24, 25) * 0.01), 4))
SLOPED_BETTER = 1.25  # by which a slope must gather more votes than the same speed does
SLOPED_SHARE = 0.3  # of a tile's moments that must vote for it
EXPLAINED_SHARE = 0.85  # of the moments around a tile on one line of the same speed, from which it is the only one
NEAR = 1.5  # grid steps from a line within which a vote is its own
MISSES = 2  # tiles without support over which a sloped line still leads
NEAREST_FIRST = 1e-6  # breaks ties between equal matches in favour of equal times

Tick = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Votes:
    """Moments of A (rows) and what they named of B (columns), both in grid steps, in A's order."""

    rows: Indexes
    columns: Indexes
    distances: Floats  # squared, between short descriptors

    def weights(self, threshold: float) -> Floats:
        weights: Floats = np.maximum(0, 1 - self.distances / np.float32(threshold))
        return weights


def named(grid: Grid, tick: Tick) -> Votes:
    """The moments of B that each moment of A looks most like, at least a second from each other."""
    to_short = _shortening(grid)
    columns = _short(grid.columns, to_short, np.arange(grid.count_b) * PHASES + PHASES // 2)
    count_a, count_b = grid.count_a, grid.count_b
    every = max(1, -(-count_a * count_b // (CELLS_A_MOMENT * (count_a + count_b))))
    chosen = np.arange(0, count_a, every)
    lengths = np.square(columns).sum(axis=1)
    turned = np.ascontiguousarray(columns.T * np.float32(-2))
    apart = max(1, round(APART_SECONDS / grid.step))
    found: list[tuple[Indexes, Indexes, Floats]] = []
    places = np.arange(count_b, dtype=np.float32)
    for start in range(0, len(chosen), ROWS_AT_ONCE):
        rows = chosen[start : start + ROWS_AT_ONCE]
        short = _short(grid.rows, to_short, rows)
        cells = short @ turned
        cells += lengths
        cells += np.float32(NEAREST_FIRST) * np.abs(places - np.float32(rows.mean()))
        own = np.square(short).sum(axis=1)
        for _ in range(CHOICES):
            best = cells.argmin(axis=1)
            least = cells[np.arange(len(rows)), best]
            usable = np.isfinite(least)
            found.append((rows[usable], best[usable], np.maximum(least + own, 0)[usable]))
            around = (best[:, None] + np.arange(-apart, apart + 1)).clip(0, count_b - 1)
            np.put_along_axis(cells, around, np.float32(np.inf), axis=1)
        tick((start + len(rows)) / len(chosen))
    rows, columns, distances = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(rows, kind="stable")
    return Votes(rows[order].astype(np.intp), columns[order].astype(np.intp), distances[order])


def _shortening(grid: Grid) -> Floats:
    """(288, SHORT) onto the directions in which these two videos vary most, nearly: by two steps of iteration."""
    pieces = []
    for blocks, count in ((grid.rows, grid.count_a), (grid.columns, grid.count_b * PHASES)):
        starts = np.unique(np.linspace(0, max(0, count - LEARN_AT_ONCE), LEARN_FROM // LEARN_AT_ONCE).astype(int))
        pieces += [blocks[np.arange(start, min(count, start + LEARN_AT_ONCE))] for start in starts]
    seen = np.concatenate(pieces)
    directions: Floats = np.random.default_rng(1).standard_normal((seen.shape[1], SHORT)).astype(np.float32)
    for _ in range(3):
        directions = _orthonormal(seen.T @ (seen @ directions))
    return directions


def _orthonormal(columns: Floats) -> Floats:
    """By Gram and Schmidt, which is quick for so few columns, and the same on any number of threads."""
    out = np.empty_like(columns)
    for place, column in enumerate(columns.T):
        for _ in range(2):
            column = column - out[:, :place] @ (out[:, :place].T @ column)
        out[:, place] = column / max(float(np.linalg.norm(column)), 1e-12)
    return out


def _short(blocks: Blocks, to_short: Floats, places: Indexes) -> Floats:
    pieces = [blocks[places[at : at + BLOCK_ROWS]] @ to_short for at in range(0, len(places), BLOCK_ROWS)]
    return np.concatenate(pieces)


def threshold_of(grid: Grid, votes: Votes, between: float, least: float, most: float) -> float:
    """Squared distance from which two moments count as different: between the best and the typical one."""
    rows = np.unique(votes.rows)
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, 400).astype(int))]
    named = np.flatnonzero(np.isin(votes.rows, rows))
    middle = votes.columns[named] * PHASES + PHASES // 2
    near = np.stack([grid.nearest(votes.rows[named], middle + away) for away in (-2, 0, 2)]).min(axis=0)
    nearest = np.minimum.reduceat(near, np.flatnonzero(np.diff(votes.rows[named], prepend=-1)))
    best = float(np.median(nearest))
    strangers = np.unique(np.linspace(0, grid.count_b - 1, 40).astype(int)) * PHASES + PHASES // 2
    typical = float(np.median([grid.nearest(rows, np.full(len(rows), place)) for place in strangers]))
    return min(most, max(least, best + between * (typical - best)))


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
        """Lines of the same speed that a tile and its neighbours vote for, and their votes, most first."""
        of = self._votes(place, 1)
        if of.stop == of.start:
            return []
        shifts = self._columns[of] - self._rows[of]
        low = int(shifts.min())
        counts = np.bincount(shifts - low, self._weights[of])
        near = _with_neighbours(counts)
        wanted = np.flatnonzero((near >= FEWEST_VOTES) & (counts > 0))
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
        for place in range(self._count):
            line = None if own[place] and self._explains(own[place][0][0], place) else self._best_slope(place)
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
        best: tuple[float, float, float] = (0.0, 1.0, 0.0)
        for slope in SLOPES:
            if slope == 1:
                continue
            shifts = np.rint(columns - slope * (rows - middle)).astype(np.intp)
            low = int(shifts.min())
            near = _with_neighbours(np.bincount(shifts - low, weights))
            top = int(near.argmax())
            best = max(best, (float(near[top]), float(slope), float(low + top)))
        votes, slope, at = best
        if votes < SLOPED_SHARE * int(self._moments[place]):
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


def _with_neighbours(counts: NDArray[Any]) -> NDArray[np.float64]:
    padded = np.pad(counts, 1)
    return padded[:-2] + padded[1:-1] + padded[2:]
