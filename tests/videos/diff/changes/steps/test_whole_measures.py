import numpy as np
import pytest

from videos.diff.changes.steps.level_steps import find_level_spans
from videos.diff.changes.steps.whole_measures import (
    LevelStep,
    find_usual_levels,
    list_levels,
    measure_overall,
    measure_whole,
)
from videos.diff.noise.model import Residual


def residual(luma=0.0, blue=0.0, red=0.0, detail=0.0):
    chroma = np.stack([np.full((1, 9, 16), value, np.float32) for value in (blue, red)], axis=1)
    luma, detail = np.full((1, 36, 64), luma, np.float32), np.full((1, 18, 32), detail, np.float32)
    return Residual(luma, chroma, detail, luma.copy())


def test_tones_are_signed():
    assert measure_overall(residual(-2.0, 0.5, 3.0))[0, :3].tolist() == [-2.0, 0.5, 3.0]


def test_coarseness_has_no_sign_and_ignores_a_local_change():
    rough = residual()
    rough.levels[:, ::2] = 1.0
    rough.levels[:, 1::2] = -1.0
    local = residual()
    local.levels[:, :6] = 9
    fine, coarse, beside = (measure_whole(each, "coarseness")[0] for each in (residual(), rough, local))
    assert coarse > fine + 2
    assert beside == pytest.approx(fine)


def test_what_covers_less_than_half_of_the_picture_is_no_tone():
    one = residual()
    one.luma[:, :10] = 9
    assert measure_whole(one, "brightness") == pytest.approx(0)


def test_each_measure_has_a_usual_level():
    detail, overall = np.zeros((40, 6, 16), np.float32), np.zeros((40, 4), np.float32)
    overall[:, 2] = 0.4
    usual = find_usual_levels([list_levels(detail, overall)], [np.zeros(40, bool)])
    assert usual["red"].median == pytest.approx(0.4)
    assert usual["brightness"].step > usual["detail"].step


def test_tones_do_not_count_under_a_grade():
    levels = list_levels(np.zeros((40, 6, 16), np.float32), np.zeros((40, 4), np.float32))
    assert list(find_usual_levels([levels], [np.zeros(40, bool)], is_graded=True)) == ["detail"]


@pytest.mark.parametrize(("usual", "counts"), [(0.0, False), (1.5, True)])
def test_coarseness_counts_only_between_different_encodings(usual, counts):
    overall = np.zeros((40, 4), np.float32)
    overall[:, 3] = usual
    levels = list_levels(np.zeros((40, 6, 16), np.float32), overall)
    assert ("coarseness" in find_usual_levels([levels], [np.zeros(40, bool)])) == counts


@pytest.mark.parametrize(("by", "is_mixed", "counts"), [(0.3, False, True), (0.3, True, False), (0.7, True, True)])
def test_a_faint_step_of_detail_within_a_shot_counts_unless_a_side_mixes_frames(by, is_mixed, counts):
    has_cut = np.zeros(140, bool)
    has_cut[20::20] = True
    detail = np.repeat([0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1], 20) + np.random.default_rng(3).normal(0, 0.02, 140)
    detail[45:56] += by
    detail = detail[:, None, None] * np.ones((6, 16))
    levels = list_levels(detail.astype(np.float32), np.zeros((140, 4), np.float32))
    usual = find_usual_levels([levels], [has_cut], is_mixed=is_mixed)["detail"]
    assert bool(find_level_spans(levels["detail"], usual, has_cut)) == counts


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
