import numpy as np
import pytest

from videos.diff.alignment.evidence.mismatch_cost import UNMATCHED_COST
from videos.diff.alignment.zones.path import find_path

GOOD, BAD = 0.0, 1.0
PRICES = np.array([2.0, 2.0])


def costs(*rows: tuple[int, int]) -> np.ndarray:
    """Return (frames, 2) costs of frames that match on one map each, or on none (-1). Rows are (map, frames)."""
    blocks = []
    for place, count in rows:
        block = np.full((count, 2), BAD, np.float32)
        if place >= 0:
            block[:, place] = GOOD
        blocks.append(block)
    return np.concatenate(blocks)


def test_a_path_changes_its_map_where_the_frames_do():
    assert find_path(costs((0, 20), (1, 20)), PRICES, 0, 1) == [0] * 20 + [1] * 20


def test_frames_that_match_nothing_are_on_no_map():
    assert find_path(costs((0, 20), (-1, 20), (0, 20)), PRICES, 0, 0) == [0] * 20 + [-1] * 20 + [0] * 20


@pytest.mark.parametrize(("frames", "is_worth_it"), [(2, False), (20, True)])
def test_a_run_must_save_more_than_its_price(frames, is_worth_it):
    saved = UNMATCHED_COST * frames
    assert (saved > PRICES[1]) == is_worth_it
    path = find_path(costs((-1, 20), (1, frames), (-1, 20)), PRICES, None, None)
    assert (1 in path) == is_worth_it


def test_a_zone_without_any_match_is_on_no_map():
    assert find_path(costs((-1, 30)), PRICES, None, None) == [-1] * 30


def test_the_map_before_the_zone_has_no_price():
    few = 3
    assert find_path(costs((0, few), (-1, 20)), PRICES, 0, None)[:few] == [0] * few
    assert find_path(costs((0, few), (-1, 20)), PRICES, None, None)[:few] == [-1] * few
