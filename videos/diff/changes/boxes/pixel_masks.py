"""Mark the pixels in which two pictures differ, and the box around them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.changes.change import Change
from videos.diff.sampling.descriptor import Floats
from videos.diff.script.edit_script import Region

LOOK_SIZE = (384, 216)  # width and height in pixels at which boxes are measured
CELL_PIXELS = 6  # pixels of LOOK_SIZE per cell of the fingerprint
MARGIN_CELLS = 2  # cells around a change in which its box may lie
MIN_BOX_LEVELS = 3.0  # levels; pixels that differ by less are outside the box
BACKGROUND_RATIO = 2.0  # times the typical difference of the background
PEAK_SHARE = 0.3  # share of the strongest difference within the change
MIN_BOX_PIXELS = 4  # pixels; with fewer the cells themselves are the box
THIN_SHARE = 0.06  # rows and columns with fewer marked pixels than this share of the fullest do not widen a box
CHROMA_WEIGHT = 1.5  # of a difference in colour, relative to one in luma
EDGE_SHARE = 0.5  # of the difference of the two rows further in, which the first row of a box reaches

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PixelDifference:
    """The mean levels by which two pictures differ, exact and smooth (216, 384), and the levels of the background."""

    exact: Floats
    smooth: Floats
    background: float


def measure_difference(changes: Iterable[Change], a: Floats, b: Floats) -> PixelDifference:
    """Return the difference of planes (moments, 3, 216, 384), and what it is away from the changes."""
    exact = compare_planes(a, b).mean(axis=0)
    smooth = _smooth_3x3(exact)
    near = np.zeros(smooth.shape, bool)
    for change in changes:
        near |= _enlarge_cells(change.cells)
    background = smooth[~near]
    typical = float(np.quantile(background, 0.95)) if len(background) else 0.0
    return PixelDifference(exact, smooth, max(MIN_BOX_LEVELS, typical))


def mark_pixels(difference: PixelDifference, cells: Mask, margin: int = MARGIN_CELLS) -> Mask:
    """Return a mask of the pixels near a change's cells that exceed the difference of the background."""
    near = _enlarge_cells(cells, margin)
    changed = np.kron(cells, np.ones((CELL_PIXELS, CELL_PIXELS), bool))
    peak = float(np.quantile(difference.smooth[changed], 0.9))
    marked: Mask = near & (difference.smooth > max(difference.background * BACKGROUND_RATIO, PEAK_SHARE * peak))
    return marked if marked.sum() >= MIN_BOX_PIXELS else changed


def measure_extent(marked: Mask, difference: PixelDifference) -> Region:
    """Return the box around marked pixels, without the rows and columns that are marked only because of smoothing."""
    top, bottom = find_extent(marked.sum(axis=1))
    left, right = find_extent(marked.sum(axis=0))
    inside = difference.exact[top:bottom, left:right]
    rows, columns = inside.mean(axis=1), inside.mean(axis=0)
    top, bottom = top + _count_beyond_edge(rows), bottom - _count_beyond_edge(rows[::-1])
    left, right = left + _count_beyond_edge(columns), right - _count_beyond_edge(columns[::-1])
    width, height = LOOK_SIZE
    return Region(left / width, top / height, (right - left) / width, (bottom - top) / height)


def find_extent(counts: NDArray[np.intp]) -> tuple[int, int]:
    """Return the first row or column that is not thin, and the last + 1, from the count of marked pixels of each."""
    places = np.flatnonzero(counts > THIN_SHARE * counts.max())
    return int(places[0]), int(places[-1]) + 1


def _count_beyond_edge(levels: Floats) -> int:
    """Return 1 if the first of rows or columns differs far less than the two after it, else 0.

    Smoothing marks one row beyond each edge of what differs.
    """
    return int(len(levels) > 2 and levels[0] < EDGE_SHARE * levels[1:3].max())


def _enlarge_cells(cells: Mask, margin: int = MARGIN_CELLS) -> Mask:
    """Return the cells with a margin of cells around them, in pixels of LOOK_SIZE."""
    grown = cells.copy()
    for _ in range(margin):
        padded = np.pad(grown, 1)
        rows = padded[:-2] | padded[1:-1] | padded[2:]
        grown = rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]
    enlarged: Mask = np.kron(grown, np.ones((CELL_PIXELS, CELL_PIXELS), bool))
    return enlarged


def compare_planes(a: Floats, b: Floats) -> Floats:
    """Return (moments, 216, 384) levels by which frames differ, in luma or in colour."""
    apart = np.abs(b - a)
    apart[:, 1:] *= CHROMA_WEIGHT
    difference: Floats = apart.max(axis=1)
    return difference


def _smooth_3x3(picture: Floats) -> Floats:
    padded = np.pad(picture, 1, mode="edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    mean: Floats = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / np.float32(9)
    return mean
