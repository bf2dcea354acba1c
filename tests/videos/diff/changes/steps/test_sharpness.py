import numpy as np
import pytest

from videos.diff.changes.steps.sharpness import compute_sharpness, is_spread, measure_detail
from videos.diff.noise.model import Residual


def residual(detail):
    luma, chroma = np.zeros((1, 36, 64), np.float32), np.zeros((1, 2, 9, 16), np.float32)
    return Residual(luma, chroma, detail, luma)


def measure(one):
    return compute_sharpness(measure_detail(one))


def test_less_detail_over_the_whole_picture_is_negative():
    assert measure(residual(np.full((1, 18, 32), -2, np.float32))) == pytest.approx(-2)


def test_less_detail_in_a_corner_is_not_that_of_the_whole_picture():
    detail = np.full((1, 18, 32), 0.1, np.float32)
    detail[:, :6, :8] = -4
    assert measure(residual(detail)) == pytest.approx(0.1, abs=0.01)


def test_detail_that_differs_only_in_a_known_change_is_not_spread():
    detail = np.zeros((5, 6, 16), np.float32)
    detail[:, :3] = -2
    known = np.zeros((36, 64), bool)
    known[:18] = True
    assert not is_spread(detail, known, -1.0)
    assert is_spread(detail, np.zeros((36, 64), bool), -1.0)


def test_a_picture_without_detail_is_as_sharp_as_another():
    assert measure(residual(np.zeros((1, 18, 32), np.float32))) == 0
