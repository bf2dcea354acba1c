"""Mark the pixels in which two pictures differ, and the box around them."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from videos.diff.changes.components import Change
from videos.diff.sampling.descriptor import Floats
from videos.diff.script.edit_script import Region

LOOK_SIZE = (384, 216)  # width and height in pixels at which boxes are measured
CELL_PIXELS = 6  # pixels of LOOK_SIZE per cell of the fingerprint
MARGIN_CELLS = 2  # cells around a change in which its box may lie
MIN_BOX_LEVELS = 3.0  # levels; pixels that differ by less are outside the box
BACKGROUND_RATIO = 2.0  # times the typical difference of the background
PEAK_SHARE = 0.35  # share of the strongest difference within the change
MIN_BOX_PIXELS = 4  # pixels; with fewer the cells themselves are the box
THIN_SHARE = 0.06  # rows and columns with fewer marked pixels than this share of the fullest do not widen a box
CHROMA_WEIGHT = 1.5  # of a difference in colour, relative to one in luma

Mask = NDArray[np.bool_]


def measure_background(changes: Iterable[Change], a: Floats, b: Floats) -> tuple[float, Floats]:
    """Return the levels beyond which pixels differ, and the smooth mean difference (216, 384) of planes."""
    smooth = _smooth_3x3(_measure_difference(a, b).mean(axis=0))
    near = np.zeros(smooth.shape, bool)
    for change in changes:
        near |= _enlarge_cells(change.cells)
    background = smooth[~near]
    typical = float(np.quantile(background, 0.95)) if len(background) else 0.0
    return max(MIN_BOX_LEVELS, typical), smooth


def mark_pixels(difference: Floats, cells: Mask, typical: float, margin: int = MARGIN_CELLS) -> Mask:
    """Return a mask of the pixels near a change's cells that exceed the typical difference."""
    near = _enlarge_cells(cells, margin)
    peak = float(np.quantile(difference[np.kron(cells, np.ones((CELL_PIXELS, CELL_PIXELS), bool))], 0.9))
    marked: Mask = near & (difference > max(typical * BACKGROUND_RATIO, PEAK_SHARE * peak))
    if marked.sum() < MIN_BOX_PIXELS:
        marked = np.kron(cells, np.ones((CELL_PIXELS, CELL_PIXELS), bool))
    return marked


def measure_extent(marked: Mask) -> Region:
    """Return the box around marked pixels."""
    top, bottom = find_extent(marked.sum(axis=1))
    left, right = find_extent(marked.sum(axis=0))
    width, height = LOOK_SIZE
    return Region(left / width, top / height, (right - left) / width, (bottom - top) / height)


def find_extent(counts: NDArray[np.intp]) -> tuple[int, int]:
    """Return the first row or column that is not thin, and the last + 1, from the count of marked pixels of each."""
    places = np.flatnonzero(counts > THIN_SHARE * counts.max())
    return int(places[0]), int(places[-1]) + 1


def _enlarge_cells(cells: Mask, margin: int = MARGIN_CELLS) -> Mask:
    """Return the cells with a margin of cells around them, in pixels of LOOK_SIZE."""
    grown = cells.copy()
    for _ in range(margin):
        padded = np.pad(grown, 1)
        rows = padded[:-2] | padded[1:-1] | padded[2:]
        grown = rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]
    enlarged: Mask = np.kron(grown, np.ones((CELL_PIXELS, CELL_PIXELS), bool))
    return enlarged


def _measure_difference(a: Floats, b: Floats) -> Floats:
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
