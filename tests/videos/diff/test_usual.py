import numpy as np

from tests.videos.diff.prints import sampled, scenery
from videos.diff.usual import usual

EVERY = np.arange(200)
FILM = scenery(200)


def noisy(levels: float) -> np.ndarray:
    return (FILM + np.random.default_rng(1).normal(0, levels, FILM.shape)).clip(0, 255).astype(np.uint8)


def brighter(frames: np.ndarray, times: slice) -> np.ndarray:
    edited = frames.copy()
    edited[times] = (frames[times] * 0.8 + 45).astype(np.uint8)
    return edited


def test_what_an_edit_of_most_leaves_is_usual():
    plain = usual(sampled(FILM), sampled(brighter(noisy(1), slice(40, 190))), EVERY, EVERY)
    assert plain[:40].all() and plain[190:].all()
    assert not plain[40:190].any()


def test_a_rough_encode_is_usual_throughout():
    rough = np.concatenate([noisy(1)[:50], noisy(3)[50:]])
    assert usual(sampled(FILM), sampled(rough), EVERY, EVERY).all()


def test_a_grade_of_all_but_a_few_frames_is_usual():
    assert usual(sampled(FILM), sampled(brighter(noisy(1), slice(10, 200))), EVERY, EVERY).all()
