"""Noise that is learned from most frames of a pair."""

import numpy as np

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.noise.learning import LUMA_FLOOR, learn_noise_model
from videos.diff.noise.model import NoiseModel

FILM = scenery(120)
FRAMES = np.arange(120)


def learn(after: np.ndarray) -> NoiseModel:
    return learn_noise_model(sampled(FILM), sampled(after), FRAMES, FRAMES)


def noisy(levels: float) -> np.ndarray:
    return (FILM + np.random.default_rng(2).normal(0, levels, FILM.shape)).round().clip(0, 255).astype(np.uint8)


def test_a_clean_pair_keeps_the_tolerance_at_its_floor_and_a_noisy_one_raises_it():
    clean, coarse = learn(FILM).luma, learn(noisy(6)).luma
    assert clean.min() < LUMA_FLOOR * 1.5
    assert np.median(coarse) > 2 * np.median(clean)


def test_edited_frames_do_not_raise_the_tolerance():
    edited = noisy(2)
    edited[40:55] = 255 - edited[40:55]
    assert np.median(learn(edited).luma) < 1.3 * np.median(learn(noisy(2)).luma)


def test_the_tolerance_never_falls_with_activity():
    table = learn(noisy(4)).luma
    assert (np.diff(table, axis=0) >= 0).all()
    assert (np.diff(table, axis=1) >= 0).all()
