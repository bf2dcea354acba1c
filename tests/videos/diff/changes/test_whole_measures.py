import numpy as np
import pytest

from videos.diff.changes.whole_measures import find_usual_levels, list_levels, measure_tones, measure_whole
from videos.diff.noise.model import Residual


def residual(luma=0.0, blue=0.0, red=0.0):
    chroma = np.stack([np.full((1, 9, 16), value, np.float32) for value in (blue, red)], axis=1)
    return Residual(np.full((1, 36, 64), luma, np.float32), chroma, np.zeros((1, 18, 32), np.float32))


def test_tones_are_signed():
    assert measure_tones(residual(-2.0, 0.5, 3.0)).tolist() == [[-2.0, 0.5, 3.0]]


def test_what_covers_less_than_half_of_the_picture_is_no_tone():
    one = residual()
    one.luma[:, :10] = 9
    assert measure_whole(one, "brightness") == pytest.approx(0)


def test_each_measure_has_a_usual_level():
    detail, tones = np.zeros((40, 48), np.float32), np.zeros((40, 3), np.float32)
    tones[:, 2] = 0.4
    usual = find_usual_levels([list_levels(detail, tones)])
    assert usual["red"].median == pytest.approx(0.4)
    assert usual["brightness"].step > usual["detail"].step


def test_tones_do_not_count_under_a_grade():
    levels = list_levels(np.zeros((40, 48), np.float32), np.zeros((40, 3), np.float32))
    assert list(find_usual_levels([levels], is_graded=True)) == ["detail"]
