"""Find and count what is true in masks."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

Range = tuple[int, int]  # first and last + 1


def list_ranges(mask: NDArray[np.bool_]) -> list[Range]:
    """Return the ranges of places in which a mask (places,) is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(low), int(high)) for low, high in edges.reshape(-1, 2)]


def count_cells(masks: Mask) -> NDArray[np.intp]:
    """Return the number of cells (n,) that are set in masks (n, 36, 64) of uniform size, a multiple of 64 cells."""
    words = np.packbits(masks.reshape(len(masks), -1), axis=1).view(np.uint64)
    return np.bitwise_count(words).sum(axis=1, dtype=np.intp)
