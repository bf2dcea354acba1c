import numpy as np
import pytest

from tests.videos.diff.alignment.test_missed_runs import calibrated, learn
from tests.videos.diff.edits import film, original, render_clip, splice
from videos.diff.alignment.evidence.mismatch_cost import UNMATCHED_COST
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.zones.diagonals import find_diagonals

EVERYTHING = [(0.0, 8.0)]
SECOND_SHOT = (40, 80)  # frames


def unexplained(cost=UNMATCHED_COST):
    return np.full(SECOND_SHOT[1] - SECOND_SHOT[0], cost, np.float32)


def test_the_diagonal_of_a_shot_that_has_moved_comes_first():
    match = calibrated(0, 2, 1, 3, 4).mismatch_cost

    found = find_diagonals(match, SECOND_SHOT, EVERYTHING, [TimeMap()], unexplained(), 1.0)

    assert found[0].offset == pytest.approx(1.6, abs=0.03)


def test_only_free_footage_is_searched():
    match = calibrated(0, 2, 1, 3, 4).mismatch_cost

    assert find_diagonals(match, SECOND_SHOT, [(0.0, 3.0)], [TimeMap()], unexplained(), 1.0) == []


def test_frames_that_are_explained_are_not_searched():
    match = calibrated(0, 2, 1, 3, 4).mismatch_cost

    assert find_diagonals(match, SECOND_SHOT, EVERYTHING, [TimeMap()], unexplained(0.0), 1.0) == []


def test_a_known_map_is_not_found_again():
    match = calibrated(0, 2, 1, 3, 4).mismatch_cost

    found = find_diagonals(match, SECOND_SHOT, EVERYTHING, [TimeMap(1.6)], unexplained(), 1.0)

    assert all(abs(each.offset - 1.6) > 0.03 for each in found)


def test_a_graded_shot_that_has_moved_is_found_without_its_contrast():
    graded = (film()[40:80] * 0.8 + 20).astype(film().dtype)
    moved = splice(film()[:40], film()[80:120], graded, film()[120:])
    match = learn(original(), render_clip(moved)).mismatch_cost

    found = find_diagonals(match, SECOND_SHOT, EVERYTHING, [TimeMap()], unexplained(), 1.0)

    assert any(each.offset == pytest.approx(1.6, abs=0.03) for each in found)
