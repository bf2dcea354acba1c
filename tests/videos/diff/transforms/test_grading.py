"""A grade per channel with clipping, over a dark and a bright scene without common colours."""

from dataclasses import asdict

import numpy as np
import pytest

from tests.videos.diff.fingerprints import fingerprint
from videos.diff.sampling.descriptor import SampledVideo
from videos.diff.transforms.estimation import estimate_grade
from videos.diff.transforms.grading import Grade, fit_grade

COUNT = 120
DARK = slice(0, COUNT // 3)
TO_LUMA = np.array([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]])


def film() -> np.ndarray:
    """Return (COUNT, 9, 16, 3) RGB with one colour per cell. The dark third has other colours than the rest."""
    rng = np.random.default_rng(3)
    dark, bright = rng.integers(5, 70, (12, 3)), rng.integers(120, 256, (12, 3))
    which = rng.integers(0, 12, (COUNT, 9, 16))
    pixels = bright[which]
    pixels[DARK] = dark[which[DARK]]
    return pixels


def sampled(pixels: np.ndarray) -> SampledVideo:
    planes = np.moveaxis(pixels @ TO_LUMA.T, -1, 0) + np.array([0, 128, 128]).reshape(3, 1, 1, 1)
    planes = planes.round().clip(0, 255)
    created = fingerprint(np.kron(planes[0], np.ones((4, 4))))
    created.records["chroma"] = np.moveaxis(planes[1:], 0, 1)
    return SampledVideo(created)


def warmed(pixels: np.ndarray) -> np.ndarray:
    return ((pixels / 255) ** 0.7 * 255 * np.array([1.15, 1, 0.8])).clip(0, 255)


def measure_error(a: SampledVideo, b: SampledVideo, frames: np.ndarray) -> float:
    """Return the 0.99 quantile of the difference in levels."""
    return float(np.quantile(np.abs(a.read_chroma(frames) - b.read_chroma(frames)), 0.99))


def test_every_seen_colour_is_graded():
    a, b = sampled(film()), sampled(warmed(film()))
    every = np.arange(0, COUNT, 4)
    toned, _, _ = estimate_grade(a, b, every, every)
    assert measure_error(toned, b, np.arange(1, COUNT)) < 5


def test_a_scene_with_a_smaller_shift_is_learned_from():
    a, b = sampled(film()), sampled(warmed(film()))
    bright = np.arange(DARK.stop, COUNT)
    seen_once, _, _ = estimate_grade(a, b, bright, bright)
    dark = np.arange(DARK.stop)
    seen_all, _, _ = estimate_grade(seen_once, b, np.arange(COUNT), np.arange(COUNT))
    assert 3 * measure_error(seen_all, b, dark) < measure_error(seen_once, b, dark)


def test_an_edit_of_a_third_is_not_part_of_the_grade():
    edited = warmed(film())
    edited[DARK, 3:6, 4:12] = (200, 20, 20)
    a, b = sampled(film()), sampled(edited)
    toned, _, _ = estimate_grade(a, b, np.arange(COUNT), np.arange(COUNT))
    patch = np.abs(toned.read_luma(np.arange(DARK.stop)) - b.read_luma(np.arange(DARK.stop)))[:, 12:24, 16:48]
    assert float(np.median(patch)) > 10


def test_an_invisible_difference_is_not_a_grade():
    a = sampled(film())
    every = np.arange(COUNT)
    assert fit_grade(a, a, every, every) is None


@pytest.mark.parametrize("strength", [0.0, 0.3, 0.7, 1.5])
def test_saturation_is_measured(strength):
    pale = film() // 2 + 64  # so that no channel is clipped
    grey = pale @ np.array([0.299, 0.587, 0.114])
    coloured = np.rint(grey[..., None] + strength * (pale - grey[..., None])).clip(0, 255).astype(np.uint8)
    grade = fit_grade(sampled(pale), sampled(coloured), np.arange(COUNT), np.arange(COUNT)).grade
    assert grade.saturation == pytest.approx(strength, abs=0.05)
    assert (grade.blue, grade.red) == pytest.approx((0, 0), abs=1)


def test_the_inverse_grade_reverses_the_grade():
    grade = Grade(1.25, 4.0, 0.5, 30.0, 6.0, -3.0)
    twice = grade.inverse.inverse
    assert list(asdict(twice).values()) == pytest.approx(list(asdict(grade).values()))
    colour = complex(20, 40)
    turned = 0.5 * colour * np.exp(1j * np.radians(30)) + complex(6, -3)
    back = grade.inverse
    assert back.saturation * turned * np.exp(1j * np.radians(back.hue)) + complex(back.blue, back.red) == pytest.approx(
        colour
    )


def test_the_side_that_clips_less_is_converted():
    whole = film()
    clipped = (whole * 2.5 - 200).clip(0, 255)
    every = np.arange(COUNT)
    for sides in ((whole, clipped), (clipped, whole)):
        a, b, facts = estimate_grade(*map(sampled, sides), every, every)
        converted, kept = (a, b) if sides[0] is whole else (b, a)
        assert [fact["kind"] for fact in facts] == ["grade"]
        assert converted.view.colour is not None
        assert kept.view.colour is None


def test_colours_that_a_grade_does_not_explain_have_a_larger_error():
    whole = film()
    rng = np.random.default_rng(4)
    changed = whole * 0.7 + 40
    unsure = (whole[..., 0] > 200)[..., None] * rng.integers(-12, 12, (*whole.shape[:3], 1))
    fit = fit_grade(sampled(whole), sampled((changed + unsure).clip(0, 255)), np.arange(COUNT), np.arange(COUNT))
    assert fit.transform.error[0].max() > 4
    assert np.median(fit.transform.error[0]) < 4
