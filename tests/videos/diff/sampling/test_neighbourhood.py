import numpy as np

from videos.diff.sampling.neighbourhood import average_around, find_extremes_around, measure_range_around

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
