import numpy as np
import pytest

from videos.diff.changes.motion import average_strongest, count_moving_cells

BINS = 20


def draw(columns, rows=None, size=(8, 10)):
    """Return (bins, 36, 64) a box of rows by columns of cells at a column and a row for each bin."""
    places = np.zeros((len(columns), 36, 64), bool)
    for place, column, row in zip(places, columns, np.full(len(columns), 4) if rows is None else rows, strict=True):
        place[row : row + size[0], column : column + size[1]] = True
    return places


PATHS = {
    "across": np.linspace(2, 50, BINS).astype(int),
    "slowly": np.linspace(20, 28, BINS).astype(int),
    "to and fro": (27 + 24 * np.sin(np.linspace(0, 6, BINS))).astype(int),
}


@pytest.mark.parametrize("name", PATHS)
def test_a_box_that_moves_is_recognised_with_its_size(name):
    assert count_moving_cells(draw(PATHS[name])) == 80


def test_a_box_that_sinks_is_recognised():
    assert count_moving_cells(draw(np.full(BINS, 5), np.linspace(0, 25, BINS).astype(int))) == 80


@pytest.mark.parametrize("column", [0, 30])
def test_a_box_that_stays_is_not_moving(column):
    assert count_moving_cells(draw(np.full(BINS, column))) == 0


def test_a_box_of_which_other_parts_are_visible_at_each_time_is_not_moving():
    rng = np.random.default_rng(4)
    places = draw(np.full(BINS, 10), size=(12, 30))
    assert count_moving_cells(places & (rng.random(places.shape) < 0.3)) == 0


def test_a_part_that_jumps_about_is_not_moving():
    assert count_moving_cells(draw(np.random.default_rng(4).integers(0, 50, BINS))) == 0


def test_a_wipe_of_most_of_the_picture_is_not_moving():
    assert count_moving_cells(draw(np.linspace(0, 20, BINS).astype(int), size=(36, 40))) == 0


def test_a_few_bins_tell_no_motion():
    assert count_moving_cells(draw([0, 20, 40])) == 0


def test_the_strongest_scores_are_averaged():
    scores = np.array([[1, 5, 3, 0], [2, 2, 8, 4]], np.float32)
    assert average_strongest(scores, 2).tolist() == [4, 6]
    assert average_strongest(scores, 0).tolist() == [2.25, 4]
