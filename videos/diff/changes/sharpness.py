"""Measure by how much the whole picture has more or less detail: softer, sharper, noisier or coarser."""

import numpy as np
from numpy.typing import NDArray

from videos.diff.noise.model import Residual
from videos.diff.sampling.descriptor import Floats

BLOCK_CELLS = 3, 4  # rows and columns of cells in a block
MAX_DEVIATIONS = 4.0  # typical deviations at which the deviation of a cell is clipped
MIN_BLOCK_DEVIATION = 0.05  # typical deviations; a block with less has no detail on either side
CELLS_PER_DETAIL = 2, 2  # rows and columns of luma cells in a cell of detail
SPREAD_SHARE = 0.6  # share of the detail of the whole picture that it has outside of the known changes
MIN_BLOCKS = 4  # of 48; blocks with detail outside of known changes, for a change of the whole picture

Mask = NDArray[np.bool_]


def measure_detail(residual: Residual) -> Floats:
    """Return (pairs, 48) by how many typical deviations B has more detail than A in each block."""
    detail = residual.detail.clip(-MAX_DEVIATIONS, MAX_DEVIATIONS)
    pairs, rows, columns = detail.shape
    high, wide = BLOCK_CELLS
    blocks: Floats = detail.reshape(pairs, rows // high, high, columns // wide, wide).mean(axis=(2, 4))
    return blocks.reshape(pairs, (rows // high) * (columns // wide))


def compute_sharpness(detail: Floats) -> Floats:
    """Return (pairs,) the median over the blocks (pairs, blocks) that have detail, times their share."""
    sharpness = np.zeros(len(detail), np.float32)
    for index, row in enumerate(detail):
        detailed = row[np.abs(row) >= MIN_BLOCK_DEVIATION]
        if len(detailed):
            sharpness[index] = np.median(detailed) * len(detailed) / len(row)
    return sharpness


def is_spread(detail: Floats, known: Mask, sharpness: float) -> bool:
    """Return whether the detail of a span (bins, 48) differs outside the known changes (36, 64) as well.

    `sharpness` is by how much it differs with them. A local change may fill most of the blocks that have detail.
    """
    rows, columns = (cells * size for cells, size in zip(BLOCK_CELLS, CELLS_PER_DETAIL, strict=True))
    known_blocks = known.reshape(known.shape[0] // rows, rows, -1, columns).any(axis=(1, 3)).ravel()
    middle = np.median(detail, axis=0)[~known_blocks]
    detailed = middle[np.abs(middle) >= MIN_BLOCK_DEVIATION]
    return len(detailed) >= MIN_BLOCKS and float(np.median(detailed)) * np.sign(sharpness) >= SPREAD_SHARE * abs(
        sharpness
    )
