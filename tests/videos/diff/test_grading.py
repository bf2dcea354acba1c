"""A grade per channel with clipping, over a dark scene and a bright one whose colours share nothing."""

from dataclasses import asdict

import numpy as np
import pytest

from tests.videos.diff.prints import fingerprint
from videos.diff.descriptor import Sampled
from videos.diff.grading import Grade, tones_of
from videos.diff.transforms import graded

COUNT = 120
DARK = slice(0, COUNT // 3)
TO_LUMA = np.array([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]])


def film() -> np.ndarray:
    """(COUNT, 9, 16, 3) of RGB, each cell of one colour; the dark third has other colours than the rest."""
    rng = np.random.default_rng(3)
    dark, bright = rng.integers(5, 70, (12, 3)), rng.integers(120, 256, (12, 3))
    which = rng.integers(0, 12, (COUNT, 9, 16))
    pixels = bright[which]
    pixels[DARK] = dark[which[DARK]]
    return pixels


def sampled(pixels: np.ndarray) -> Sampled:
    planes = np.moveaxis(pixels @ TO_LUMA.T, -1, 0) + np.array([0, 128, 128]).reshape(3, 1, 1, 1)
    planes = planes.round().clip(0, 255)
    made = fingerprint(np.kron(planes[0], np.ones((4, 4))))
    made.records["chroma"] = np.moveaxis(planes[1:], 0, 1)
    return Sampled(made)


def warmed(pixels: np.ndarray) -> np.ndarray:
    return ((pixels / 255) ** 0.7 * 255 * np.array([1.15, 1, 0.8])).clip(0, 255)


def off(a: Sampled, b: Sampled, frames: np.ndarray) -> float:
    """Levels by which nearly every colour still differs, at most."""
    return float(np.quantile(np.abs(a.chroma(frames) - b.chroma(frames)), 0.99))


def test_every_colour_is_graded_that_was_seen():
    a, b = sampled(film()), sampled(warmed(film()))
    every = np.arange(0, COUNT, 4)
    toned, _ = graded(a, b, every, every)
    assert off(toned, b, np.arange(1, COUNT)) < 5


def test_a_scene_that_shifts_by_less_than_most_is_learnt_from_too():
    a, b = sampled(film()), sampled(warmed(film()))
    bright = np.arange(DARK.stop, COUNT)
    seen_once, _ = graded(a, b, bright, bright)
    dark = np.arange(DARK.stop)
    seen_all, _ = graded(seen_once, b, np.arange(COUNT), np.arange(COUNT))
    assert 3 * off(seen_all, b, dark) < off(seen_once, b, dark)


def test_an_edit_of_a_third_is_not_taken_for_a_part_of_the_grade():
    edited = warmed(film())
    edited[DARK, 3:6, 4:12] = (200, 20, 20)
    a, b = sampled(film()), sampled(edited)
    toned, _ = graded(a, b, np.arange(COUNT), np.arange(COUNT))
    patch = np.abs(toned.luma(np.arange(DARK.stop)) - b.luma(np.arange(DARK.stop)))[:, 12:24, 16:48]
    assert float(np.median(patch)) > 10


def test_what_nobody_would_see_is_no_grade():
    a = sampled(film())
    every = np.arange(COUNT)
    assert tones_of(a, a, every, every) is None


@pytest.mark.parametrize("strength", [0.0, 0.3, 0.7, 1.5])
def test_it_is_told_how_much_stronger_colours_became(strength):
    pale = film() // 2 + 64  # so that no channel is clipped
    grey = pale @ np.array([0.299, 0.587, 0.114])
    coloured = np.rint(grey[..., None] + strength * (pale - grey[..., None])).clip(0, 255).astype(np.uint8)
    _, grade = tones_of(sampled(pale), sampled(coloured), np.arange(COUNT), np.arange(COUNT))
    assert grade.saturation == pytest.approx(strength, abs=0.05)
    assert (grade.blue, grade.red) == pytest.approx((0, 0), abs=1)


def test_a_grade_told_backwards_undoes_it():
    grade = Grade(1.25, 4.0, 0.5, 30.0, 6.0, -3.0)
    twice = grade.inverse.inverse
    assert list(asdict(twice).values()) == pytest.approx(list(asdict(grade).values()))
    colour = complex(20, 40)
    turned = 0.5 * colour * np.exp(1j * np.radians(30)) + complex(6, -3)
    back = grade.inverse
    assert back.saturation * turned * np.exp(1j * np.radians(back.hue)) + complex(back.blue, back.red) == pytest.approx(
        colour
    )
