import numpy as np

from videos.diff.sampling.neighbourhood import (
    average_around,
    average_blocks,
    enlarge,
    find_extremes_around,
    find_largest_of_blocks,
    measure_range_around,
)

PLANES = np.zeros((2, 5, 6), np.float32)
PLANES[:, 2, 3] = 9.0
NEAR = np.zeros((2, 5, 6), bool)
NEAR[:, 1:4, 2:5] = True


def test_one_cell_counts_in_the_nine_around_it():
    low, high = find_extremes_around(PLANES)
    assert (low == 0).all()
    assert ((high == 9) == NEAR).all()
    assert (measure_range_around(PLANES) == high).all()
    assert (average_around(PLANES) == NEAR).all()


def test_cells_at_an_edge_are_compared_with_what_there_is():
    assert (average_around(np.ones((3, 4), np.float32)) == 1).all()


def test_a_block_has_the_mean_or_the_largest_of_its_cells():
    planes = np.arange(24, dtype=np.float32).reshape(1, 4, 6)
    assert average_blocks(planes, (2, 2)).tolist() == [[[4.0, 7.0], [16.0, 19.0]]]
    assert find_largest_of_blocks(planes, (2, 2)).tolist() == [[[8.0, 11.0], [20.0, 23.0]]]


def test_enlarged_cells_fill_blocks():
    assert enlarge(np.array([[[1, 2]]]), (2, 4)).tolist() == [[[1, 1, 2, 2], [1, 1, 2, 2]]]
