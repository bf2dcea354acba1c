"""Differences of frame pairs in levels, after compensating brightness."""

import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.noise.differences import MAX_GAIN_OFF, compute_differences, fit_brightness

FILM = scenery(40)
FRAMES = np.arange(40)


def levels_apart(after: np.ndarray, gain: float = 1.0, offset: float = 0.0) -> float:
    """Return the mean difference of luma if A is first mapped by the typical gain and offset."""
    differences = compute_differences(sampled(FILM), sampled(after), FRAMES, FRAMES, gain, offset, None)
    return float(np.abs(differences.luma).mean())


def test_gain_and_offset_are_fitted_though_a_part_of_the_picture_differs():
    before = FILM.astype(np.float32)
    after = before * 0.9 + 12
    after[:, :9, :16] = 240
    fits = fit_brightness(before, after)
    assert fits[:, 0] == pytest.approx(0.9, abs=0.03)
    assert fits[:, 1] == pytest.approx(12, abs=4)


def test_the_typical_brightness_is_compensated():
    graded = (FILM * 0.8 + 20).round().astype(np.uint8)
    assert levels_apart(graded, 0.8, 20.0) < 1
    assert levels_apart(graded) > 5


def test_a_grade_beyond_that_of_the_pair_stays_a_difference():
    slight, strong = ((FILM * (1 - more)).round().astype(np.uint8) for more in (MAX_GAIN_OFF / 4, 0.2))
    assert levels_apart(slight) < 1
    assert levels_apart(strong) > 5
