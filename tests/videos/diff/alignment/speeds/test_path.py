import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.speeds.path import OffsetCosts, is_searched
from videos.diff.alignment.speeds.ramp_fit import CORNER_SECONDS

SCENERY = scenery(500)
EVERYWHERE = (-1.5, 1.5)


def find_pieces(shown):
    """Return the pieces through 20 s of scenery at 25 frames per second, of which B shows the given frames."""
    return OffsetCosts(sampled(SCENERY), sampled(SCENERY[shown]), (0.0, 20.0), EVERYWHERE).find_path()


def test_the_same_speed_is_one_straight_piece():
    (piece,) = find_pieces(np.arange(500))
    assert (piece.start, piece.time_map.slope) == (0, 1)
    assert piece.end == pytest.approx(20, abs=0.1)


def test_a_cut_breaks_the_path_without_changing_its_slope():
    before, after = find_pieces(np.delete(np.arange(500), slice(250, 270)))
    assert before.time_map.slope == after.time_map.slope == 1
    assert 9.9 <= after.start <= 10.9
    assert after.time_map.offset - before.time_map.offset == pytest.approx(-0.8, abs=0.05)


@pytest.mark.parametrize("times", [1.1, 1.25, 0.9])
def test_a_range_at_another_speed_is_one_piece_of_the_path(times):
    faster = (np.arange(int(200 / times)) * times).astype(int) + 150
    before, ramp, after = find_pieces(np.concatenate([np.arange(150), faster, np.arange(350, 500)]))
    assert before.time_map.slope == after.time_map.slope == 1
    assert ramp.time_map.slope == pytest.approx(1 / times, abs=0.02)
    assert (ramp.start, ramp.end) == pytest.approx((6, 14), abs=CORNER_SECONDS)
    assert after.time_map.offset - before.time_map.offset == pytest.approx(8 / times - 8, abs=0.1)


def test_a_still_picture_gives_a_straight_path():
    still = np.repeat(SCENERY[:1], 500, axis=0)
    (piece,) = OffsetCosts(sampled(still), sampled(still[:480]), (0.0, 19.0), (-0.5, 0.0)).find_path()
    assert piece.time_map.slope == 1


@pytest.mark.parametrize(("slope", "expected"), [(1.0, True), (0.79, True), (1.27, True), (0.52, False), (1.4, False)])
def test_only_slopes_near_those_that_are_tried_are_searched(slope, expected):
    assert is_searched(slope) == expected
