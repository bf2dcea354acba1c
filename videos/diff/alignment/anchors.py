"""Find candidates for the alignment: each moment of A votes for the moments of B that look most similar.

The votes compare short descriptors, a projection of the full ones.
"""

from dataclasses import dataclass

import numpy as np

from videos.diff.alignment.grid import PHASES, Grid
from videos.diff.parallel import Tick, map_parallel
from videos.diff.sampling.descriptor import Floats, Indexes, compute_squared_distances
from videos.diff.sampling.row_cache import BLOCK_ROWS, RowCache

SHORT_DIMENSIONS = 48  # dimensions of a short descriptor
LEARN_MOMENTS = 1024  # moments of each side from which the projection is learned
LEARN_RUN_MOMENTS = 16  # consecutive moments that are read together
VOTES_PER_MOMENT = 3  # moments of B for which a moment of A votes
VOTE_SPACING_SECONDS = 1.0  # seconds of B between two votes of one moment, at least
MAX_DISTANCES_PER_MOMENT = 5000  # distances computed per moment; longer videos are sampled more sparsely
ROWS_PER_TASK = 32  # moments of A per parallel task
THRESHOLD_MOMENTS = 400  # moments of A on which the matching threshold is measured
RANDOM_MOMENTS = 40  # moments of B with which they are compared at random
TIME_TIE_BREAK = 1e-6  # squared distance added per grid step, so that of equal matches the nearest in time wins


@dataclass(frozen=True, slots=True)
class Votes:
    """Moments of A (`rows`) and the moments of B they vote for (`columns`), in grid steps, in A's order."""

    rows: Indexes
    columns: Indexes
    distances: Floats  # squared, between short descriptors

    def compute_weights(self, threshold: float) -> Floats:
        """Return the weight of each vote, falling from 1 at distance 0 to 0 at the threshold."""
        weights: Floats = np.maximum(0, 1 - self.distances / np.float32(threshold))
        return weights


def collect_votes(grid: Grid, tick: Tick) -> Votes:
    """Return the moments of B that are most similar to each moment of A, at least a second apart."""
    to_short = _learn_projection(grid)
    count_a, count_b = grid.count_a, grid.count_b
    every = max(1, -(-count_a * count_b // (MAX_DISTANCES_PER_MOMENT * (count_a + count_b))))
    columns = _project(grid.columns, to_short, _middle_phase(np.arange(count_b)), lambda share: tick(share / 3))
    rows = np.arange(0, count_a, every)
    projected_rows = _project(grid.rows, to_short, rows, lambda share: tick((1 + share) / 3))
    squared_lengths = np.square(columns).sum(axis=1)
    minus_twice_columns = np.ascontiguousarray(columns.T * np.float32(-2))
    spacing = max(1, round(VOTE_SPACING_SECONDS / grid.step))
    places = np.arange(count_b, dtype=np.float32)

    def vote(at: int) -> tuple[Indexes, Indexes, Floats]:
        """Return the votes of a batch of moments, in A's order."""
        batch, own = rows[at : at + ROWS_PER_TASK], projected_rows[at : at + ROWS_PER_TASK]
        cells = own @ minus_twice_columns
        cells += squared_lengths + np.float32(TIME_TIE_BREAK) * np.abs(places - np.float32(batch.mean()))
        best = np.empty((len(batch), VOTES_PER_MOMENT), np.intp)
        least = np.empty((len(batch), VOTES_PER_MOMENT), np.float32)
        for choice in range(VOTES_PER_MOMENT):
            best[:, choice] = cells.argmin(axis=1)
            least[:, choice] = cells[np.arange(len(batch)), best[:, choice]]
            around = (best[:, choice, None] + np.arange(-spacing, spacing + 1)).clip(0, count_b - 1)
            np.put_along_axis(cells, around, np.float32(np.inf), axis=1)
        usable = np.isfinite(least)
        least += np.square(own).sum(axis=1, keepdims=True)
        return np.nonzero(usable)[0] + at, best[usable], np.maximum(least[usable], 0)

    results = map_parallel(vote, range(0, len(rows), ROWS_PER_TASK), lambda share: tick((2 + share) / 3))
    voters, named_columns, distances = (np.concatenate(parts) for parts in zip(*results, strict=True))
    return Votes(rows[voters], named_columns, distances)


def _middle_phase(columns: Indexes) -> Indexes:
    """Return the index of the middle of the three samples of B of a grid step."""
    return columns * PHASES + PHASES // 2


def _learn_projection(grid: Grid) -> Floats:
    """Return a projection (288, SHORT_DIMENSIONS) onto the main directions of variation of both videos.

    The directions are approximated by three steps of orthogonal (subspace) iteration from a fixed random start.
    """
    pieces = []
    for blocks, count in ((grid.rows, grid.count_a), (grid.columns, grid.count_b * PHASES)):
        starts = np.unique(
            np.linspace(0, max(0, count - LEARN_RUN_MOMENTS), LEARN_MOMENTS // LEARN_RUN_MOMENTS).astype(int)
        )
        pieces += [blocks[np.arange(start, min(count, start + LEARN_RUN_MOMENTS))] for start in starts]
    samples = np.concatenate(pieces)
    directions: Floats = (
        np.random.default_rng(1).standard_normal((samples.shape[1], SHORT_DIMENSIONS)).astype(np.float32)
    )
    for _ in range(3):
        directions = _orthonormalise(samples.T @ (samples @ directions))
    return directions


def _orthonormalise(columns: Floats) -> Floats:
    """Orthonormalise columns by the Gram-Schmidt process.

    It is fast for few columns, and its result does not depend on the number of threads.
    """
    basis = np.empty_like(columns)
    for place, column in enumerate(columns.T):
        for _ in range(2):
            column = column - basis[:, :place] @ (basis[:, :place].T @ column)
        basis[:, place] = column / max(float(np.linalg.norm(column)), 1e-12)
    return basis


def _project(blocks: RowCache, to_short: Floats, places: Indexes, tick: Tick) -> Floats:
    """Return short descriptors (len(places), SHORT_DIMENSIONS)."""
    pieces = []
    for at in range(0, len(places), BLOCK_ROWS):
        pieces.append(blocks[places[at : at + BLOCK_ROWS]] @ to_short)
        tick(min(1.0, (at + BLOCK_ROWS) / len(places)))
    return np.concatenate(pieces)


def choose_threshold(grid: Grid, votes: Votes, position: float, minimum: float, maximum: float) -> float:
    """Return the squared distance from which two moments count as different.

    It is at the fraction `position` from the typical best distance to the typical random distance, limited to `minimum`
    and `maximum`.
    """
    rows = np.unique(votes.rows)
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, THRESHOLD_MOMENTS).astype(int))]
    voters = np.flatnonzero(np.isin(votes.rows, rows))
    near = grid.compute_nearest_distances(votes.rows[voters], _middle_phase(votes.columns[voters]), PHASES)
    nearest = np.minimum.reduceat(near, np.flatnonzero(np.diff(votes.rows[voters], prepend=-1)))
    best = float(np.median(nearest))
    random_moments = _middle_phase(np.unique(np.linspace(0, grid.count_b - 1, RANDOM_MOMENTS).astype(int)))
    around = (random_moments[:, None] + np.arange(-(PHASES // 2), PHASES // 2 + 1)).ravel()
    random_distances = compute_squared_distances(grid.rows[rows], grid.columns[around])
    typical = float(np.median(random_distances.reshape(len(rows), -1, PHASES).min(axis=2)))
    return min(maximum, max(minimum, best + position * (typical - best)))
