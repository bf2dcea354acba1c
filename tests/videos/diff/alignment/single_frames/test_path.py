"""The places of steps, and swapped frames, on a path over offsets."""

import numpy as np

from videos.diff.alignment.single_frames.path import find_swaps, place_steps

IN_ORDER, SWAPPED = 5, 6  # rows of the two frames


def costs_of(count: int = 12, columns: int = 5) -> np.ndarray:
    """Return costs of frames that match at the middle column alone, and of two frames in the other order."""
    costs = np.full((count, columns), 0.8, np.float32)
    costs[:, columns // 2] = 0
    costs[[IN_ORDER, SWAPPED], columns // 2] = 0.8
    costs[IN_ORDER, columns // 2 + 1] = costs[SWAPPED, columns // 2 - 1] = 0
    return costs


def test_two_frames_that_match_in_the_other_order_are_swapped():
    assert find_swaps(costs_of(), np.full(12, 2)) == [IN_ORDER]


def test_frames_that_match_about_as_well_in_order_are_not_swapped():
    costs = costs_of()
    costs[IN_ORDER, 2] = 0.05
    assert find_swaps(costs, np.full(12, 2)) == []
    costs[IN_ORDER, 2] = 0.15
    assert find_swaps(costs, np.full(12, 2)) == [IN_ORDER]
    costs[IN_ORDER + 1, 2] = 0.15
    assert find_swaps(costs, np.full(12, 2)) == []


def test_beside_a_step_and_at_the_edge_of_the_offsets_nothing_is_swapped():
    stepping = np.full(12, 2)
    stepping[SWAPPED + 1 :] = 3
    assert find_swaps(costs_of(), stepping) == []
    assert find_swaps(costs_of()[:, 2:], np.zeros(12, np.int64)) == []


def test_a_path_of_a_few_frames_has_no_swaps():
    for count in range(4):
        assert find_swaps(np.zeros((count, 5), np.float32), np.full(count, 2)) == []


def test_a_step_that_is_placed_later_lacks_no_more_frames():
    path = np.full(30, 0)
    path[:10], path[10:13] = 3, -1
    differences = np.ones((30, 4), np.float32)
    differences[:14, 3] = differences[17:, 0] = 0

    placed = place_steps(differences, path)

    assert placed.tolist() == [3] * 14 + [-1] * 3 + [0] * 13
