import numpy as np
import pytest

from videos.diff.changes.steps.block_steps import MIN_STEP, find_place_steps, find_usual_blocks

BINS = 100
PLACE = (slice(2, 4), slice(5, 9))


def detail(*spans, noise=0.05):
    """Return the detail (bins, 6, 16) of a part; each of `spans` is (bins, blocks, level)."""
    values = np.random.default_rng(4).normal(0, noise, (BINS, 6, 16)).astype(np.float32)
    for bins, blocks, level in spans:
        values[(bins, *blocks)] += level
    return values


def find(values):
    return find_place_steps(values, find_usual_blocks([values]))


@pytest.mark.parametrize("level", [-1.0, 0.6])
def test_blocks_that_step_together_are_a_place(level):
    [place] = find(detail((slice(30, 45), PLACE, level)))
    assert place.bins == (30, 45)
    assert place.blocks[PLACE].all()
    assert place.blocks.sum() == 8
    assert place.level == pytest.approx(level, abs=0.1)


def test_two_places_at_different_times_are_two():
    found = find(detail((slice(20, 30), PLACE, -1.0), (slice(40, 52), PLACE, -1.0)))
    assert sorted(each.bins for each in found) == [(20, 30), (40, 52)]


def test_a_step_of_the_whole_picture_is_no_place():
    everywhere = (slice(0, 6), slice(0, 16, 2))
    assert find(detail((slice(30, 45), PLACE, -1.0), (slice(30, 45), everywhere, -1.0))) == []


def test_single_blocks_are_no_place():
    assert find(detail((slice(30, 45), (slice(2, 3), slice(5, 7)), -1.0))) == []


def test_a_block_that_always_varies_needs_a_larger_step():
    noisy = detail((slice(30, 45), PLACE, -MIN_STEP * 2), noise=1.0)
    assert find(noisy) == []


def test_a_slow_change_is_no_step():
    values = detail()
    values[20:60, 2:4, 5:9] += np.concatenate([np.linspace(0, 1, 20), np.linspace(1, 0, 20)])[:, None, None]
    assert find(values) == []


def test_blocks_that_step_in_turn_are_no_place():
    spans = [(slice(20 + 10 * at, 28 + 10 * at), (slice(2, 3), slice(at, at + 1)), -1.0) for at in range(6)]
    assert find(detail(*spans)) == []
