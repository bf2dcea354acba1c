import numpy as np
import pytest

from tests.videos.diff.prints import sampled, scenery
from videos.diff.activity import CLASSES, EDGES, averaged, classed, edge, motion

LEVELS = np.random.default_rng(3).integers(0, 256, (4, 36, 64), np.uint8)


def test_whole_and_broken_levels_give_the_same():
    broken = LEVELS.astype(np.float32)
    assert (edge(LEVELS) == edge(broken)).all()
    assert (classed(edge(LEVELS)) == classed(edge(broken))).all()
    for size in (2, 4):
        assert (averaged(edge(LEVELS), LEVELS, size) == averaged(edge(broken), broken, size)).all()


def test_classes_are_those_of_the_edges():
    levels = np.arange(256, dtype=np.uint8)
    assert (classed(levels) == np.digitize(levels, EDGES)).all()
    assert classed(levels).max() == CLASSES - 1


def test_an_edge_is_the_largest_step_to_a_neighbour():
    levels = np.zeros((1, 3, 4), np.uint8)
    levels[0, 1, 1] = 9
    assert edge(levels)[0].tolist() == [[0, 9, 0, 0], [9, 9, 9, 0], [0, 9, 0, 0]]


def test_motion_looks_both_ways():
    frames = scenery(30)
    frames[10:] = frames[10]
    frames[20:] = 255 - frames[10]
    video = sampled(frames)
    moving = [motion(video, at, video.levels(at)).max() for at in (np.array([15]), np.array([19]), np.array([20]))]
    assert moving[0] == 0
    assert moving[1] == moving[2] > 0


@pytest.mark.parametrize("size", [2, 4])
def test_an_edge_counts_a_quarter_of_a_movement(size):
    still, steady = np.zeros((1, 8, 8), np.uint8), np.full((1, 8, 8), 8, np.uint8)
    assert averaged(steady, still, size).max() == 8
    assert averaged(still, steady, size).min() == 2
