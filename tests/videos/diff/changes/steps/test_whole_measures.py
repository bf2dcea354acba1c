import numpy as np
import pytest

from videos.diff.changes.steps.whole_measures import (
    LevelStep,
    find_usual_levels,
    list_levels,
    measure_tones,
    measure_whole,
)
from videos.diff.noise.model import Residual


def residual(luma=0.0, blue=0.0, red=0.0, detail=0.0):
    chroma = np.stack([np.full((1, 9, 16), value, np.float32) for value in (blue, red)], axis=1)
    return Residual(np.full((1, 36, 64), luma, np.float32), chroma, np.full((1, 18, 32), detail, np.float32))


def test_tones_are_signed():
    assert measure_tones(residual(-2.0, 0.5, 3.0)).tolist() == [[-2.0, 0.5, 3.0]]


def test_what_covers_less_than_half_of_the_picture_is_no_tone():
    one = residual()
    one.luma[:, :10] = 9
    assert measure_whole(one, "brightness") == pytest.approx(0)


def test_each_measure_has_a_usual_level():
    detail, tones = np.zeros((40, 6, 16), np.float32), np.zeros((40, 3), np.float32)
    tones[:, 2] = 0.4
    usual = find_usual_levels([list_levels(detail, tones)])
    assert usual["red"].median == pytest.approx(0.4)
    assert usual["brightness"].step > usual["detail"].step


def test_tones_do_not_count_under_a_grade():
    levels = list_levels(np.zeros((40, 6, 16), np.float32), np.zeros((40, 3), np.float32))
    assert list(find_usual_levels([levels], is_graded=True)) == ["detail"]


def test_a_step_of_a_place_counts_in_its_blocks_only():
    blocks = np.zeros((6, 16), bool)
    blocks[2, 3:5] = True
    one = residual(detail=0.5)
    one.detail[:, 6:9, 6:10] = 2.0
    step = LevelStep("detail", level=1.0, usual=1.0, blocks=blocks)
    assert step.compute_share(one) == pytest.approx(1.0)
    assert step.compute_share(residual(detail=1.0)) == pytest.approx(0.0)


def test_a_step_of_the_whole_picture_counts_everywhere():
    assert LevelStep("brightness", level=-2.0).compute_share(residual(luma=-1.0)) == pytest.approx(0.5)
