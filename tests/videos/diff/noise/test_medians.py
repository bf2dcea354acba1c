import numpy as np
import pytest

from videos.diff.noise.medians import find_medians


@pytest.mark.parametrize("count", [1, 2, 9, 576])
def test_medians_of_even_and_odd_counts_are_those_of_numpy(count):
    values = np.random.default_rng(3).normal(0, 1, (5, 2, count)).astype(np.float32)
    assert find_medians(values) == pytest.approx(np.median(values, axis=-1))


def test_no_rows_have_no_medians():
    assert find_medians(np.zeros((0, 8), np.float32)).shape == (0,)
