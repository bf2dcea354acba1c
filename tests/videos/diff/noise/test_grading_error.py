from dataclasses import replace

import numpy as np

from tests.videos.diff.fingerprints import sampled
from videos.diff.noise.grading_error import COLOUR_ERROR_SHARE, estimate_chroma_error, estimate_luma_error
from videos.diff.sampling.colour_transform import ERROR_STEPS, GRADE_TERMS, ColourTransform
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


def test_luma_that_depends_on_chroma_is_uncertain_where_chroma_changes():
    side = half_dark()
    side.fingerprint.records["chroma"][:, 0, :, 8:] = 180
    swapped = replace(side, view=replace(side.view, recolouring=permute_channels((2, 1, 0), "bt601")))
    error = estimate_luma_error(swapped, FRAMES)
    assert error[:, :, 28:36].min() > 1
    assert error[:, :, :24].max() == 0
