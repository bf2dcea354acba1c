import numpy as np
import pytest

from videos.diff.changes.change import Change
from videos.diff.changes.places import join_places
from videos.diff.changes.score_maps import EMPTY_SCORE_MAP
from videos.diff.changes.steps.whole_measures import LevelStep

BLOCKS = np.zeros((6, 16), bool)
BLOCKS[2:4, 4:8] = True
PLACE_CELLS = np.kron(BLOCKS, np.ones((6, 4), bool))


def place():
    return Change(
        EMPTY_SCORE_MAP, 10, 20, PLACE_CELLS, 1.2, step=LevelStep("detail", -1.0, blocks=BLOCKS), is_weak=True
    )


def change(rows=slice(12, 18), columns=slice(16, 24), **values):
    cells = np.zeros((36, 64), bool)
    cells[rows, columns] = True
    return Change(EMPTY_SCORE_MAP, 10, 20, cells, 3.0, **values)


def test_a_place_alone_is_a_change():
    [(span, found)] = join_places([((2.0, 4.0), place())])
    assert span == (2.0, 4.0)
    assert (found.cells == PLACE_CELLS).all()


def test_a_change_in_a_place_keeps_its_own_borders():
    [(span, found)] = join_places([((2.0, 4.0), place()), ((2.08, 3.92), change())])
    assert span == (2.08, 3.92)
    assert found.strength == 3.0
    assert (found.cells == change().cells).all()
    assert (found.place == PLACE_CELLS).all()
    assert not found.is_weak


def test_a_change_that_stands_out_late_begins_with_its_place():
    [(span, _)] = join_places([((2.0, 4.0), place()), ((3.2, 3.92), change())])
    assert span == (2.0, 3.92)


@pytest.mark.parametrize("other", [change(moving_cells=4), change(slice(0, 30), slice(0, 64))])
def test_a_change_that_moves_or_fills_the_picture_explains_a_place(other):
    assert join_places([((2.0, 4.0), place()), ((2.0, 4.0), other)]) == [((2.0, 4.0), other)]


def test_a_change_that_outlasts_a_place_explains_it():
    other = ((1.0, 4.0), change())
    assert join_places([((2.0, 4.0), place()), other]) == [other]


@pytest.mark.parametrize("other", [((5.0, 6.0), change()), ((2.0, 4.0), change(slice(0, 6), slice(0, 8)))])
def test_changes_at_other_times_and_elsewhere_stay(other):
    assert len(join_places([((2.0, 4.0), place()), other])) == 2
