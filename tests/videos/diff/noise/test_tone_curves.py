import numpy as np
import pytest

from videos.diff.noise.tone_curves import apply_tone_curves

RNG = np.random.default_rng(5)
GREY = np.full((1, 2, 9, 16), 128, np.float32)


def picture(seed=1):
    return np.kron(np.random.default_rng(seed).uniform(20, 220, (1, 9, 16)), np.ones((4, 4))).astype(np.float32)


def left(luma_a, luma_b, chroma_a=GREY):
    """Return the mean difference in levels that is left of two pictures."""
    return float(np.abs(apply_tone_curves(luma_a, chroma_a, luma_b) - luma_b).mean())


@pytest.mark.parametrize("power", [0.7, 0.8, 1.25])
def test_a_gamma_curve_is_no_difference(power):
    luma = picture()
    assert left(luma, 255 * (luma / 255) ** power) < 2


def test_a_grade_of_one_channel_is_no_difference():
    chroma = RNG.uniform(90, 170, (1, 2, 9, 16)).astype(np.float32)
    luma = picture()
    graded = luma + 0.3 * (chroma[:, 1] - 128).repeat(4, axis=1).repeat(4, axis=2)
    assert left(luma, graded, chroma) < 3 < left(luma, graded)


def test_a_logo_does_not_bend_the_curve():
    luma = picture()
    marked = 0.9 * luma + 12
    marked[:, :12, :16] = 250
    assert np.abs(apply_tone_curves(luma, GREY, marked) - (0.9 * luma + 12))[:, 12:].mean() < 2


@pytest.mark.parametrize("other", [picture(2), np.full((1, 36, 64), 90, np.float32), 255 - picture()])
def test_another_picture_stays_different(other):
    assert left(picture(), other) > 20


def test_a_plain_background_does_not_keep_a_curve_that_fits_nothing_else():
    page = np.full((1, 36, 64), 230, np.float32)
    page[:, 4:16:2, 4:40] = RNG.uniform(40, 200, (1, 6, 36))
    page[:, 27:, 48:] = picture()[:, :9, :16]
    assert left(page, 255 * (page / 255) ** 0.8) < 0.5
