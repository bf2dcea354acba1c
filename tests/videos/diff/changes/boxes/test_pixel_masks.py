import numpy as np
import pytest

from videos.diff.changes.boxes.pixel_masks import find_extent, mark_pixels, measure_difference, measure_extent
from videos.diff.changes.change import Change
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


def measure_box(levels, strength, blurred=False):
    a, b = planes(levels)
    if blurred:  # as a codec and subsampled colours do: the pixels beside the box change too
        b = (np.roll(b, 1, axis=-1) + 2 * b + np.roll(b, -1, axis=-1)) / 4
        b = (np.roll(b, 1, axis=-2) + 2 * b + np.roll(b, -1, axis=-2)) / 4
    difference = measure_difference([Change(EMPTY_SCORE_MAP, 0, 1, CELLS, strength)], a, b)
    return measure_extent(mark_pixels(difference, CELLS), difference)


@pytest.mark.parametrize("blurred", [False, True])
@pytest.mark.parametrize("levels", [20, -40])
def test_the_box_is_around_the_pixels_that_differ(levels, blurred):
    box = measure_box(levels, 3.0, blurred)
    assert (box.x * 384, box.y * 216, box.width * 384, box.height * 216) == pytest.approx((126, 75, 48, 30))


def test_a_border_that_differs_less_belongs_to_the_box():
    a, b = planes(20)
    b[:, 0, 77:103, 128:172] += 15
    difference = measure_difference([Change(EMPTY_SCORE_MAP, 0, 1, CELLS, 3.0)], a, b)
    box = measure_extent(mark_pixels(difference, CELLS), difference)
    assert (box.x * 384, box.y * 216, box.width * 384, box.height * 216) == pytest.approx((126, 75, 48, 30))


def test_the_cells_are_the_box_where_no_pixel_stands_out():
    box = measure_box(1, 1.0)
    assert (box.x, box.y, box.width, box.height) == (20 / 64, 12 / 36, 10 / 64, 6 / 36)


def test_thin_rows_do_not_widen_a_box():
    assert find_extent(np.array([0, 1, 40, 50, 40, 0, 2])) == (2, 5)
