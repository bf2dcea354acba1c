import numpy as np
import pytest

from tests.videos.diff.alignment.zones.test_realign import talk_beside_slide
from tests.videos.diff.edits import render_clip, sample
from videos.diff.alignment.evidence.squares import MAX_CELL_LEVELS, measure_squares_beside
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.zones.motion import find_moving_part

SHIFTS = np.arange(-3, 4) * 0.04
FRAMES = np.arange(60, 160, 7)


@pytest.fixture(scope="module")
def talk():
    return sample(render_clip(talk_beside_slide(every=8)))


def test_frames_differ_least_without_a_shift_and_more_with_a_longer_one(talk):
    squares = measure_squares_beside(talk, talk, FRAMES, TimeMap(), SHIFTS).mean(axis=0)
    assert squares[3] == 0
    assert (np.diff(squares)[:3] < 0).all()
    assert (np.diff(squares)[3:] > 0).all()


def test_a_moving_part_alone_differs_much_more_than_the_whole_picture(talk):
    part = find_moving_part(talk, 60, 160)
    whole = measure_squares_beside(talk, talk, FRAMES, TimeMap(), SHIFTS)
    alone = measure_squares_beside(talk, talk, FRAMES, TimeMap(), SHIFTS, part)
    assert (alone[:, 0] > 10 * whole[:, 0]).all()


def test_a_box_over_the_still_picture_does_not_change_its_moving_part(talk):
    boxed = talk_beside_slide(every=8)
    boxed[:, 20:50, 40:200] = 250, 240, 20
    part = find_moving_part(talk, 60, 160)
    squares = measure_squares_beside(talk, sample(render_clip(boxed)), FRAMES, TimeMap(), SHIFTS, part)
    assert (squares.argmin(axis=1) == 3).mean() > 0.9


def test_a_moment_beyond_the_end_of_b_differs_as_much_as_it_can(talk):
    squares = measure_squares_beside(talk, talk, np.array([199]), TimeMap(), np.array([0.0, 2.0]))
    assert squares[0].tolist() == pytest.approx([0.0, MAX_CELL_LEVELS**2])
