"""Means and maxima of blocks of cells, and means, extremes and ranges of the 3 x 3 cells around each cell.

Planes are (..., rows, columns). Sums are strided additions, because NumPy reduces short axes slowly.
"""

from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def average_blocks(planes: Floats, size: tuple[int, int]) -> Floats:
    """Return planes at `size` (rows, columns), each cell of which is the mean of a block. Both divide evenly."""
    sums: Floats = _reduce_blocks(planes, size, add)
    return sums / np.float32(planes.shape[-2] * planes.shape[-1] // (size[0] * size[1]))


def find_largest_of_blocks(planes: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Return planes at `size` (rows, columns), each cell of which is the largest of a block. Both divide evenly."""
    return _reduce_blocks(planes, size, np.maximum)


def enlarge(planes: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Return planes at `size` (rows, columns), in which each cell is repeated for a block. Both divide evenly."""
    return planes.repeat(size[0] // planes.shape[-2], axis=-2).repeat(size[1] // planes.shape[-1], axis=-1)


def _reduce_blocks(planes: NDArray[Any], size: tuple[int, int], join: Callable[..., NDArray[Any]]) -> NDArray[Any]:
    high, wide = planes.shape[-2] // size[0], planes.shape[-1] // size[1]
    rows = reduce(join, (planes[..., row::high, :] for row in range(high)))
    return reduce(join, (rows[..., column::wide] for column in range(wide)))


def average_around(planes: Floats) -> Floats:
    """Return the mean of the cells around each cell."""
    padded = _pad(planes)
    rows = padded[..., :-2, :] + padded[..., 1:-1, :] + padded[..., 2:, :]
    mean: Floats = (rows[..., :-2] + rows[..., 1:-1] + rows[..., 2:]) / np.float32(9)
    return mean


def find_extremes_around(planes: Floats) -> tuple[Floats, Floats]:
    """Return the least and the greatest of the cells around each cell."""
    padded = _pad(planes)
    extremes = []
    for extreme in (np.minimum, np.maximum):
        rows = extreme(extreme(padded[..., :-2, :], padded[..., 1:-1, :]), padded[..., 2:, :])
        extremes.append(extreme(extreme(rows[..., :-2], rows[..., 1:-1]), rows[..., 2:]))
    return extremes[0], extremes[1]


def measure_range_around(planes: Floats) -> Floats:
    """Return the largest difference between the cells around each cell."""
    low, high = find_extremes_around(planes)
    return high - low


def _pad(planes: Floats) -> Floats:
    return np.pad(planes, [(0, 0)] * (planes.ndim - 2) + [(1, 1), (1, 1)], mode="edge")
