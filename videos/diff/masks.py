"""Ranges in which a mask is true."""

import numpy as np
from numpy.typing import NDArray

Range = tuple[int, int]  # first and last + 1


def list_ranges(mask: NDArray[np.bool_]) -> list[Range]:
    """Return the ranges of places in which a mask (places,) is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(low), int(high)) for low, high in edges.reshape(-1, 2)]
