import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.outline import MatchedPart
from videos.diff.changes.repeated_frames import find_repeated_frames, measure_repeated_share

COUNT = 200
WHOLE = MatchedPart((0.0, COUNT / 25), (0.0, COUNT / 25))


def find_repeated(b: np.ndarray) -> list[int]:
    found, _ = find_repeated_frames(sampled(MOVING), sampled(b), WHOLE)
    return list(found)


MOVING = np.stack([np.roll(scenery(1)[0], by, axis=1) for by in range(COUNT)])


def test_a_repeated_frame_is_found_where_the_picture_moves():
    other = MOVING.copy()
    other[77] = other[76]
    assert find_repeated(other) == [77]
    assert find_repeated(MOVING) == []


def test_frames_that_repeat_regularly_are_no_edit():
    assert find_repeated(MOVING[np.arange(COUNT) * 24 // 25 * 25 // 24]) == []


def test_the_share_of_repeated_frames_leaves_out_those_beside_odd_ones():
    every = np.arange(1, COUNT - 1)
    third = sampled(MOVING[np.arange(COUNT) - (np.arange(COUNT) % 3 == 2)])
    assert measure_repeated_share(third, every, np.zeros(0, int)) == pytest.approx(1 / 3, abs=0.02)
    assert measure_repeated_share(sampled(MOVING), every, np.zeros(0, int)) == 0
    held = MOVING.copy()
    held[100:103] = 255
    assert measure_repeated_share(sampled(held), every, np.arange(100, 103)) == 0
