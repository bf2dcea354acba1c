import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled
from videos.diff.noise.resampling_error import EXTRAPOLATED_SHARE, INTERPOLATED_SHARE, estimate_resampling_error

EDGE_LEVELS = 100.0


def half_dark(column: int) -> np.ndarray:
    """Return planes (1, 36, 64) with an edge before a column."""
    planes = np.zeros((1, 36, 64), np.float32)
    planes[:, :, column:] = EDGE_LEVELS
    return planes


def estimate(planes_a: np.ndarray, planes_b: np.ndarray) -> np.ndarray:
    side = sampled(np.zeros((1, 36, 64), np.uint8))
    return estimate_resampling_error(side, side, planes_a, planes_b)[0]


def test_flat_cells_may_not_differ():
    assert estimate(half_dark(32), half_dark(32))[:, :30].max() == 0


def test_cells_at_an_edge_may_differ_by_a_share_of_its_height():
    assert estimate(half_dark(32), half_dark(32))[1:-1, 31:33] == pytest.approx(INTERPOLATED_SHARE * EDGE_LEVELS)


def test_an_edge_that_one_side_alone_has_is_a_difference():
    inside = estimate(half_dark(32), np.zeros((1, 36, 64), np.float32))[1:-1, 1:-1]
    assert inside.max() == 0


def test_at_the_border_of_the_picture_more_is_tolerated():
    border = estimate(half_dark(32), np.zeros((1, 36, 64), np.float32))[0, 31:33]
    assert border == pytest.approx(EXTRAPOLATED_SHARE * EDGE_LEVELS)
