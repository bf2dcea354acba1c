import numpy as np

from videos.diff.masks import list_ranges


def test_the_ranges_of_a_mask_include_its_ends():
    assert list_ranges(np.array([True, False, True, True, False, True])) == [(0, 1), (2, 4), (5, 6)]
    assert list_ranges(np.array([False, False])) == []
    assert list_ranges(np.zeros(0, bool)) == []
