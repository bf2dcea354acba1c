import numpy as np

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.noise.baseline import select_typical_pairs

EVERY = np.arange(200)
FILM = scenery(200)


def noisy(levels: float) -> np.ndarray:
    return (FILM + np.random.default_rng(1).normal(0, levels, FILM.shape)).clip(0, 255).astype(np.uint8)


def brighter(frames: np.ndarray, times: slice) -> np.ndarray:
    edited = frames.copy()
    edited[times] = (frames[times] * 0.8 + 45).astype(np.uint8)
    return edited


def test_unedited_pairs_are_typical_if_most_are_edited():
    plain = select_typical_pairs(sampled(FILM), sampled(brighter(noisy(1), slice(40, 190))), EVERY, EVERY)
    assert plain[:40].all() and plain[190:].all()
    assert not plain[40:190].any()


def test_all_pairs_of_a_coarse_encode_are_typical():
    rough = np.concatenate([noisy(1)[:50], noisy(3)[50:]])
    assert select_typical_pairs(sampled(FILM), sampled(rough), EVERY, EVERY).all()


def test_all_pairs_are_typical_if_nearly_all_are_graded():
    assert select_typical_pairs(sampled(FILM), sampled(brighter(noisy(1), slice(10, 200))), EVERY, EVERY).all()
