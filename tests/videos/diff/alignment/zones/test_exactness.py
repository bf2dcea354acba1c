from dataclasses import replace

import numpy as np
import pytest

from tests.videos.diff.alignment.zones.test_suspects import compare_drift, drift
from tests.videos.diff.edits import render_clip, sample
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.zones.exactness import compare_exactly

MAPS = [TimeMap(), TimeMap(0.4), TimeMap(20.0)]
IN_A = np.arange(50, 100)


@pytest.fixture(scope="module")
def slow():
    """Return the cost of slow footage against itself, with a box over a quarter of the picture."""
    boxed = drift().copy()
    boxed[:, 90:, 160:] = 255 - boxed[:, 90:, 160:]
    return replace(compare_drift(), b=sample(render_clip(boxed)))


def costs_of(*of_maps: float) -> np.ndarray:
    return np.tile(np.array(of_maps, np.float32), (len(IN_A), 1))


def test_a_frame_that_matches_on_two_maps_is_on_the_one_on_which_it_differs_less(slow):
    certainty = compare_exactly(slow, IN_A, MAPS, costs_of(0.1, 0.1, 1.0))
    assert certainty[:, 0].max() == 0
    assert certainty[:, 1].min() > 0.9
    assert certainty[:, 2].max() == 0


def test_maps_on_which_frames_differ_alike_are_equal(slow):
    assert compare_exactly(slow, IN_A, [TimeMap(), TimeMap(0.01)], costs_of(0.1, 0.1)).max() == 0


def test_a_frame_that_matches_on_one_map_is_not_compared(slow):
    assert compare_exactly(slow, IN_A, MAPS, costs_of(0.1, 0.6, 1.0)).max() == 0


def test_frames_of_which_most_cells_differ_on_all_maps_tell_nothing(slow):
    inverted = replace(slow, b=sample(render_clip(255 - drift())))
    assert compare_exactly(slow, IN_A, MAPS[:2], costs_of(0.1, 0.1)).max() > 0.9
    assert compare_exactly(inverted, IN_A, MAPS[:2], costs_of(0.1, 0.1)).max() == 0
