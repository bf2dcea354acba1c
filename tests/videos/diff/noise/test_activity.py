import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.noise.activity import (
    ACTIVITY_CLASSES,
    ACTIVITY_LEVELS,
    classify_activity,
    measure_edges,
    measure_motion,
    pool_activity,
)

LEVELS = np.random.default_rng(3).integers(0, 256, (4, 36, 64), np.uint8)


def test_integer_and_float_levels_give_the_same_result():
    floats = LEVELS.astype(np.float32)
    assert (measure_edges(LEVELS) == measure_edges(floats)).all()
    assert (classify_activity(measure_edges(LEVELS)) == classify_activity(measure_edges(floats))).all()
    for size in (2, 4):
        assert (
            pool_activity(measure_edges(LEVELS), LEVELS, size) == pool_activity(measure_edges(floats), floats, size)
        ).all()


def test_classes_match_digitize():
    levels = np.arange(256, dtype=np.uint8)
    assert (classify_activity(levels) == np.digitize(levels, ACTIVITY_LEVELS)).all()
    assert classify_activity(levels).max() == ACTIVITY_CLASSES - 1


def test_an_edge_is_the_largest_step_to_a_neighbour():
    levels = np.zeros((1, 3, 4), np.uint8)
    levels[0, 1, 1] = 9
    assert measure_edges(levels)[0].tolist() == [[0, 9, 0, 0], [9, 9, 9, 0], [0, 9, 0, 0]]


def test_motion_compares_frames_before_and_after():
    frames = scenery(30)
    frames[10:] = frames[10]
    frames[20:] = 255 - frames[10]
    video = sampled(frames)
    moving = [
        measure_motion(video, at, video.read_levels(at)).max()
        for at in (np.array([15]), np.array([19]), np.array([20]))
    ]
    assert moving[0] == 0
    assert moving[1] == moving[2] > 0


@pytest.mark.parametrize("size", [2, 4])
def test_an_edge_counts_a_quarter_of_a_movement(size):
    still, steady = np.zeros((1, 8, 8), np.uint8), np.full((1, 8, 8), 8, np.uint8)
    assert pool_activity(steady, still, size).max() == 8
    assert pool_activity(still, steady, size).min() == 2
