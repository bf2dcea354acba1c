"""Where to look for A in B: every moment of A names the moments of B that look most like it, by a short descriptor."""

from dataclasses import dataclass

import numpy as np

from videos.diff.blocks import BLOCK_ROWS, Blocks
from videos.diff.cores import Tick, shared_out
from videos.diff.descriptor import Floats, Indexes, squared_distances
from videos.diff.grid import PHASES, Grid

SHORT = 48  # numbers of a short descriptor
LEARN_FROM = 1024  # moments of either side
LEARN_AT_ONCE = 16
CHOICES = 3  # moments of B that a moment of A names
APART_SECONDS = 1.0  # between two of them
CELLS_A_MOMENT = 5000  # distances that may be worked out for each moment, however long the videos
ROWS_AT_ONCE = 32
MEASURED = 400  # moments from which a threshold is taken,
STRANGERS = 40  # and so many of B beside them
NEAREST_FIRST = 1e-6  # breaks ties between equal matches in favour of equal times


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
    count_a, count_b = grid.count_a, grid.count_b
    every = max(1, -(-count_a * count_b // (CELLS_A_MOMENT * (count_a + count_b))))
    columns = _short(grid.columns, to_short, _middle(np.arange(count_b)), lambda share: tick(share / 3))
    rows = np.arange(0, count_a, every)
    short = _short(grid.rows, to_short, rows, lambda share: tick((1 + share) / 3))
    lengths = np.square(columns).sum(axis=1)
    turned = np.ascontiguousarray(columns.T * np.float32(-2))
    apart = max(1, round(APART_SECONDS / grid.step))
    places = np.arange(count_b, dtype=np.float32)

    def look(at: int) -> tuple[Indexes, Indexes, Floats]:
        """The choices of a few moments, moment by moment."""
        these, own = rows[at : at + ROWS_AT_ONCE], short[at : at + ROWS_AT_ONCE]
        cells = own @ turned
        cells += lengths + np.float32(NEAREST_FIRST) * np.abs(places - np.float32(these.mean()))
        best = np.empty((len(these), CHOICES), np.intp)
        least = np.empty((len(these), CHOICES), np.float32)
        for choice in range(CHOICES):
            best[:, choice] = cells.argmin(axis=1)
            least[:, choice] = cells[np.arange(len(these)), best[:, choice]]
            around = (best[:, choice, None] + np.arange(-apart, apart + 1)).clip(0, count_b - 1)
            np.put_along_axis(cells, around, np.float32(np.inf), axis=1)
        usable = np.isfinite(least)
        least += np.square(own).sum(axis=1, keepdims=True)
        return np.nonzero(usable)[0] + at, best[usable], np.maximum(least[usable], 0)

    found = shared_out(look, range(0, len(rows), ROWS_AT_ONCE), lambda share: tick((2 + share) / 3))
    of, named_columns, distances = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Votes(rows[of], named_columns, distances)


def _middle(columns: Indexes) -> Indexes:
    """The middle one of the moments of B that make up a grid step."""
    return columns * PHASES + PHASES // 2


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


def _short(blocks: Blocks, to_short: Floats, places: Indexes, tick: Tick) -> Floats:
    pieces = []
    for at in range(0, len(places), BLOCK_ROWS):
        pieces.append(blocks[places[at : at + BLOCK_ROWS]] @ to_short)
        tick(min(1.0, (at + BLOCK_ROWS) / len(places)))
    return np.concatenate(pieces)


def threshold_of(grid: Grid, votes: Votes, between: float, least: float, most: float) -> float:
    """Squared distance from which two moments count as different: between the best and the typical one."""
    rows = np.unique(votes.rows)
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, MEASURED).astype(int))]
    of = np.flatnonzero(np.isin(votes.rows, rows))
    near = grid.nearest(votes.rows[of], _middle(votes.columns[of]), PHASES)
    nearest = np.minimum.reduceat(near, np.flatnonzero(np.diff(votes.rows[of], prepend=-1)))
    best = float(np.median(nearest))
    strangers = _middle(np.unique(np.linspace(0, grid.count_b - 1, STRANGERS).astype(int)))
    around = (strangers[:, None] + np.arange(-(PHASES // 2), PHASES // 2 + 1)).ravel()
    apart = squared_distances(grid.rows[rows], grid.columns[around])
    typical = float(np.median(apart.reshape(len(rows), -1, PHASES).min(axis=2)))
    return min(most, max(least, best + between * (typical - best)))
