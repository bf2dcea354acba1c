import numpy as np

from videos.diff.masks import count_cells, list_ranges


def test_the_ranges_of_a_mask_include_its_ends():
    assert list_ranges(np.array([True, False, True, True, False, True])) == [(0, 1), (2, 4), (5, 6)]
    assert list_ranges(np.array([False, False])) == []
    assert list_ranges(np.zeros(0, bool)) == []


def test_the_cells_of_each_mask_are_counted():
    masks = np.random.default_rng(4).random((3, 36, 64)) < [[[0.1]], [[0.5]], [[1.0]]]
    assert count_cells(masks).tolist() == masks.sum(axis=(1, 2)).tolist()
