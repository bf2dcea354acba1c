"""Measure by how much the whole picture has more or less detail: softer, sharper, noisier or coarser."""

import numpy as np
from numpy.typing import NDArray

from videos.diff.noise.model import Residual
from videos.diff.sampling.descriptor import Floats

GRID = 6, 16  # rows and columns of blocks in which detail is measured
BLOCKS_TOGETHER = 2  # blocks side by side that count as one in the whole picture
MAX_DEVIATIONS = 4.0  # typical deviations at which the deviation of a cell is clipped
MIN_BLOCK_DEVIATION = 0.05  # typical deviations; a block with less has no detail on either side
COLOUR_ERROR_SHARE = 0.6  # share of the detail of the whole picture that it has outside of the known changes
MIN_BLOCKS = 4  # of 48; blocks with detail outside of known changes, for a change of the whole picture

Mask = NDArray[np.bool_]


def measure_detail(residual: Residual) -> Floats:
    """Return (pairs, 6, 16) by how many typical deviations B has more detail than A in each block."""
    detail = residual.detail.clip(-MAX_DEVIATIONS, MAX_DEVIATIONS)
    pairs, rows, columns = detail.shape
    high, wide = rows // GRID[0], columns // GRID[1]
    blocks: Floats = detail.reshape(pairs, GRID[0], high, GRID[1], wide).mean(axis=(2, 4))
    return blocks


def _pool_blocks(detail: Floats) -> Floats:
    """Return (pairs, 48) the means of two blocks side by side."""
    pooled: Floats = detail.reshape(len(detail), -1, BLOCKS_TOGETHER).mean(axis=2)
    return pooled


def compute_sharpness(detail: Floats) -> Floats:
    """Return (pairs,) the median over the blocks (pairs, 6, 16) that have detail, times their share."""
    pooled = _pool_blocks(detail)
    has_detail = np.abs(pooled) >= MIN_BLOCK_DEVIATION
    ordered = np.sort(np.where(has_detail, pooled, np.float32(np.inf)), axis=1)
    counts, rows = has_detail.sum(axis=1), np.arange(len(pooled))
    below, above = (counts - 1).clip(0) // 2, np.minimum(counts // 2, pooled.shape[1] - 1)
    medians = (ordered[rows, below] + ordered[rows, above]) / np.float32(2)
    medians[counts == 0] = 0
    sharpness: Floats = medians * counts.astype(np.float32) / np.float32(pooled.shape[1])
    return sharpness


def is_spread(detail: Floats, known: Mask, sharpness: float) -> bool:
    """Return whether the detail of a span (bins, 6, 16) differs outside the known changes (36, 64) as well.

    `sharpness` is by how much it differs with them. A local change may fill most of the blocks that have detail.
    """
    columns = GRID[1] // BLOCKS_TOGETHER
    known_blocks = known.reshape(GRID[0], known.shape[0] // GRID[0], columns, -1).any(axis=(1, 3)).ravel()
    middle = np.median(_pool_blocks(detail), axis=0)[~known_blocks]
    detailed = middle[np.abs(middle) >= MIN_BLOCK_DEVIATION]
    return len(detailed) >= MIN_BLOCKS and float(np.median(detailed)) * np.sign(sharpness) >= COLOUR_ERROR_SHARE * abs(
        sharpness
    )
