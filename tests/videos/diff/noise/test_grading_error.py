from dataclasses import replace

import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled
from videos.diff.noise.grading_error import (
    COLOUR_ERROR_SHARE,
    average_uneven_blocks,
    estimate_chroma_error,
    estimate_luma_error,
    fit_graded_detail,
    measure_unevenness,
    raise_to_block,
)
from videos.diff.sampling.colour_transform import ERROR_STEPS, GRADE_TERMS, ColourTransform
from videos.diff.sampling.descriptor import DETAIL_VARIANCE_FLOOR
from videos.diff.sampling.recolouring import permute_channels

FRAMES = np.arange(2)
LEVELS = np.arange(256, dtype=np.float32)
NO_MIX = np.zeros((3, GRADE_TERMS), np.float32)


def half_dark():
    """Return a picture with a dark left half, a bright right half, and between them a column that mixes both."""
    luma = np.full((2, 36, 64), 200, np.uint8)
    luma[:, :, :31], luma[:, :, 31] = 60, 130
    return sampled(luma)


def graded(curve, error=0.0):
    side = half_dark()
    errors = np.full((2, ERROR_STEPS**3), error, np.float32)
    return replace(side, view=replace(side.view, colour=ColourTransform(curve, NO_MIX, error=errors)))


def test_without_a_grade_nothing_is_tolerated():
    assert estimate_luma_error(half_dark(), FRAMES) is None
    assert estimate_chroma_error(half_dark(), FRAMES) is None


def test_a_straight_curve_makes_no_error():
    assert estimate_luma_error(graded(LEVELS * 0.5 + 40), FRAMES).max() < 1e-3


def test_a_curve_that_clips_makes_an_error_at_the_edge_alone():
    error = estimate_luma_error(graded(np.minimum(LEVELS, 130)), FRAMES)
    assert error[:, :, 31].min() > 10
    assert error[:, :, :30].max() == error[:, :, 33:].max() == 0


def test_what_a_grade_leaves_of_a_colour_is_tolerated_everywhere():
    error = estimate_luma_error(graded(LEVELS, error=6.0), FRAMES)
    assert error.min() == 6.0 * COLOUR_ERROR_SHARE
    assert estimate_chroma_error(graded(LEVELS, error=6.0), FRAMES).shape == (2, 1, 9, 16)


def fit_detail(curve, other):
    """Return the detail (18, 32) of a graded picture that is nearest to another one, in doublings of the variance."""
    side = graded(curve)
    return fit_graded_detail(side, FRAMES, np.full_like(side.read_detail(FRAMES), other))[0]


@pytest.mark.parametrize("other", [0.0, 12.0])
def test_a_straight_curve_scales_detail_by_its_slope(other):
    plain = half_dark().read_detail(FRAMES)[0]
    scaled = np.log2(DETAIL_VARIANCE_FLOOR + (np.exp2(plain) - DETAIL_VARIANCE_FLOOR) * 0.25)
    assert fit_detail(LEVELS * 0.5 + 40, other) == pytest.approx(scaled, abs=1e-3)


@pytest.mark.parametrize("other", [0.0, 12.0])
def test_what_a_curve_clips_has_no_detail_and_the_rest_keeps_its_own(other):
    detail, plain = fit_detail(np.minimum(LEVELS, 130), other), half_dark().read_detail(FRAMES)[0]
    assert detail[:, 17:] == pytest.approx(np.log2(DETAIL_VARIANCE_FLOOR), abs=1e-3)
    assert detail[:, :15] == pytest.approx(plain[:, :15], abs=1e-3)


def test_a_block_of_which_a_curve_clips_a_part_may_have_any_detail_between():
    low, high = (fit_detail(np.maximum(LEVELS, 55), other)[:, :15] for other in (0.0, 12.0))
    between = float(low.mean() + high.mean()) / 2
    assert (high - low).min() > 0.5
    assert fit_detail(np.maximum(LEVELS, 55), between)[:, :15] == pytest.approx(between, abs=1e-3)


def swapped():
    """Return a picture whose right half is blue, with exchanged channels."""
    side = half_dark()
    side.fingerprint.records["chroma"][:, 0, :, 8:] = 180
    return replace(side, view=replace(side.view, recolouring=permute_channels((2, 1, 0), "bt601")))


def test_luma_that_depends_on_chroma_is_not_exact_where_chroma_varies():
    uneven = measure_unevenness(swapped(), FRAMES)
    assert uneven[:, :, 7:9].min() == 1
    assert uneven[:, :, :7].max() == uneven[:, :, 9:].max() == 0
    assert measure_unevenness(half_dark(), FRAMES) is None


def test_luma_that_depends_on_chroma_has_the_error_of_chroma():
    assert estimate_luma_error(swapped(), FRAMES).min() > 0.1


def test_an_uneven_block_keeps_its_mean_difference_alone():
    differences = np.random.default_rng(1).normal(3, 20, (1, 36, 64)).astype(np.float32)
    uneven = np.zeros((1, 9, 16), np.float32)
    uneven[0, 2, 3] = 1
    averaged = average_uneven_blocks(differences, uneven)
    assert averaged[0, 8:12, 12:16] == pytest.approx(differences[0, 8:12, 12:16].mean(), abs=1e-4)
    averaged[0, 8:12, 12:16] = differences[0, 8:12, 12:16]
    assert (averaged == differences).all()


def test_an_uneven_block_has_the_activity_of_its_liveliest_cell():
    activity = np.zeros((1, 36, 64), np.uint8)
    activity[0, 9, 13] = activity[0, 20, 20] = 7
    blocks = np.zeros((1, 9, 16), bool)
    blocks[0, 2, 3] = True
    raised = raise_to_block(activity, blocks)
    assert (raised[0, 8:12, 12:16] == 7).all()
    assert raised.sum() == 16 * 7 + 7
