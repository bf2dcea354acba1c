import numpy as np
import pytest

from videos.diff.alignment.offset_path import find_offset_path, scale_costs

SHIFTS = np.array([-0.4, -0.2, 0.0, 0.2, 0.4])
STEP = 0.2


def follow(*places: int, matching=None) -> list[int]:
    """Return the path over samples that match at these places of the shifts only."""
    costs = np.ones((len(places), len(SHIFTS)), np.float32)
    costs[np.arange(len(places)), places] = 0
    is_matching = np.ones(len(places), bool) if matching is None else np.array(matching)
    return find_offset_path(costs, is_matching, SHIFTS, STEP, start_cost=1.0).tolist()


def test_the_path_follows_an_offset_that_increases():
    assert follow(*[2] * 6, *[4] * 6) == [2] * 6 + [4] * 6


def test_an_offset_that_decreases_leaves_out_what_b_has_already_shown():
    path = follow(*[2] * 6, *[0] * 8)
    assert path in [[2] * kept + [-1] * 2 + [0] * (12 - kept) for kept in (4, 5, 6)]


def test_a_few_samples_do_not_change_the_offset():
    assert follow(*[2] * 6, 4, 4, *[2] * 6) == [2] * 14


def test_samples_that_match_nothing_are_left_out_for_free():
    costs = np.ones((14, len(SHIFTS)), np.float32)
    costs[:6, 2] = costs[8:, 0] = 0
    costs[6:8] = 0
    is_matching = ~np.isin(np.arange(14), (6, 7))
    assert find_offset_path(costs, is_matching, SHIFTS, STEP, 1.0).tolist() == [2] * 6 + [-1] * 2 + [0] * 6


def test_costs_are_relative_to_the_best_offset_around():
    squares = np.full((20, 3), 4.0, np.float32)
    squares[:, 1] = 2.0
    squares[10:, :] *= 3
    costs, is_matching = scale_costs(squares)
    assert is_matching.all()
    assert costs[:, 1].max() == 0
    assert costs[:, 0] == pytest.approx(0.5, abs=0.01)


def test_a_sample_that_matches_at_no_offset_decides_nothing():
    squares = np.full((20, 3), 1.0, np.float32)
    squares[:, 0] = 3.0
    squares[7] = 900.0, 800.0, 700.0
    costs, is_matching = scale_costs(squares)
    assert np.flatnonzero(~is_matching).tolist() == [7]
    assert costs[7].max() == 0
    assert costs[6, 0] > 0.5
