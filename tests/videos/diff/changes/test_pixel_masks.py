import numpy as np
import pytest

from videos.diff.changes.components import Change
from videos.diff.changes.pixel_masks import find_extent, mark_pixels, measure_background, measure_extent
from videos.diff.changes.score_maps import EMPTY_SCORE_MAP

CELLS = np.zeros((36, 64), bool)
CELLS[12:18, 20:30] = True
INSIDE = (slice(75, 105), slice(126, 174))


def planes(levels):
    """Return planes (2, 3, 216, 384) of both sides. They differ by these levels in a box, and by noise elsewhere."""
    rng = np.random.default_rng(8)
    a = np.full((2, 3, 216, 384), 120, np.float32)
    b = a + rng.normal(0, 1, a.shape).astype(np.float32)
    b[:, 0, *INSIDE] += levels
    return a, b


@pytest.mark.parametrize("levels", [20, -40])
def test_the_box_is_around_the_pixels_that_differ(levels):
    floor, difference = measure_background([Change(EMPTY_SCORE_MAP, 0, 1, CELLS, 3.0)], *planes(levels))
    box = measure_extent(mark_pixels(difference, CELLS, floor))
    assert (box.x, box.y, box.width, box.height) == pytest.approx((126 / 384, 75 / 216, 48 / 384, 30 / 216), abs=0.012)


def test_the_cells_are_the_box_where_no_pixel_stands_out():
    floor, difference = measure_background([Change(EMPTY_SCORE_MAP, 0, 1, CELLS, 1.0)], *planes(1))
    box = measure_extent(mark_pixels(difference, CELLS, floor))
    assert (box.x, box.y, box.width, box.height) == (20 / 64, 12 / 36, 10 / 64, 6 / 36)


def test_thin_rows_do_not_widen_a_box():
    assert find_extent(np.array([0, 1, 40, 50, 40, 0, 2])) == (2, 5)
