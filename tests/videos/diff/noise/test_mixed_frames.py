from dataclasses import replace

import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled
from tests.videos.diff.mixed_footage import blend, fast_pan
from videos.diff.noise.differences import read_details
from videos.diff.noise.learning import learn_noise_model
from videos.diff.noise.mixed_frames import MixedCount, choose_mixed_side, count_mixed_frames, fit_mixes
from videos.diff.sampling.colour_transform import GRADE_TERMS, ColourTransform

A = fast_pan(120)
AT = np.arange(4, 140)  # frames of B, at 30 frames a second
BESIDE = (AT * 24 / 30).round().astype(int)  # the nearest frames of A, at 24


def test_blended_frames_are_mixes():
    count = count_mixed_frames(sampled(blend(A, 1.25), 30), sampled(A, 24), AT, BESIDE)
    assert count.moving == len(AT)
    assert count.share == pytest.approx(0.8, abs=0.05)


def test_repeated_frames_are_no_mixes():
    repeated = A[(np.arange(150) * 24 / 30).round().astype(int).clip(0, 119)]
    assert count_mixed_frames(sampled(repeated, 30), sampled(A, 24), AT, BESIDE) == MixedCount(0, len(AT))


def test_frames_between_the_frames_of_a_lower_rate_are_no_mixes():
    frames = np.arange(5, 110, 2)
    assert count_mixed_frames(sampled(A, 24), sampled(A[::2], 12), frames, frames // 2).share == 0


@pytest.mark.parametrize(("a", "b", "side"), [((0, 100), (40, 100), "b"), ((80, 100), (60, 100), "a")])
def test_the_side_with_the_larger_share_is_mixed(a, b, side):
    assert choose_mixed_side(MixedCount(*a), MixedCount(*b)) == side


@pytest.mark.parametrize("mixed", [(0, 0), (8, 10), (15, 100)])
def test_few_mixes_are_chance(mixed):
    assert choose_mixed_side(MixedCount(0, 0), MixedCount(*mixed)) is None


def test_a_local_edit_hardly_moves_the_share_of_a_mix():
    mixed = np.rint(A[10:50] * 0.7 + A[11:51] * 0.3)
    mixed[:, 4:12, 8:24] = 240
    mixes = fit_mixes(sampled(A, 24), np.arange(10, 50), sampled(mixed.astype(np.uint8)).pooled_luma[np.arange(40)])
    assert (mixes.neighbours == np.arange(11, 51)).all()
    assert mixes.shares == pytest.approx(np.full(40, 0.3), abs=0.05)


def test_only_an_edit_differs_from_the_mix():
    marked = blend(A, 1.25)
    marked[100:, 4:12, 8:24] = 240
    a, b = sampled(A, 24), sampled(marked, 30)
    noise = learn_noise_model(a, b, BESIDE, AT, "b")
    levels = noise.measure_levels(a, b, BESIDE[AT >= 100], AT[AT >= 100]).mean(axis=0)
    assert levels[5:11, 9:23].min() > 20
    levels[4:12, 8:24] = 0
    assert levels.max() < 5


def test_a_mixed_first_side_is_compared_with_mixes_of_the_second():
    a, b = sampled(blend(A, 1.25), 30), sampled(A, 24)
    mixed, plain = (learn_noise_model(a, b, AT, BESIDE, side).measure_levels(a, b, AT, BESIDE) for side in ("a", None))
    assert np.quantile(mixed, 0.95) < 0.1 * np.quantile(plain, 0.95)


def test_the_detail_of_a_mix_is_not_known_exactly():
    a, b = sampled(A, 24), sampled(blend(A, 1.25), 30)
    b.fingerprint.read("detail", slice(0, 150))[:] = 70  # a blend is softer
    mixes = fit_mixes(a, BESIDE, b.pooled_luma[AT])
    detail_a, detail_b = read_details(a, b, BESIDE, AT, (mixes, None))
    is_even = (mixes.shares > 0.3) & (mixes.shares < 0.7)
    assert (detail_a == detail_b)[is_even].all()
    assert (detail_a > detail_b)[mixes.shares < 0.1].all()


def test_the_detail_of_a_mix_is_compared_with_that_under_a_grade():
    a, b = sampled(A, 24), sampled((blend(A, 1.25) * 0.5 + 30).astype(np.uint8), 30)
    b.fingerprint.read("detail", slice(0, 150))[:] = 50  # a quarter of A's variance
    doubled = ColourTransform(np.arange(256, dtype=np.float32) * 2 - 60, np.zeros((3, GRADE_TERMS), np.float32))
    b = replace(b, view=replace(b.view, colour=doubled))
    mixes = fit_mixes(a, BESIDE, b.pooled_luma[AT])
    detail_a, detail_b = read_details(a, b, BESIDE, AT, (mixes, None))
    assert np.quantile(np.abs(detail_b - detail_a), 0.95) < 0.1
