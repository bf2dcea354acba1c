import numpy as np
import pytest

from tests.videos.diff.prints import sampled, scenery
from videos.diff.bends import Sheet
from videos.diff.ramps import CORNER_SECONDS

SCENERY = scenery(500)
EVERYWHERE = (-1.5, 1.5)


def way(shown):
    """Pieces through 20 s of scenery, 25 frames a second, of which B shows the given frames."""
    return Sheet(sampled(SCENERY), sampled(SCENERY[shown]), (0.0, 20.0), EVERYWHERE).pieces()


def test_the_same_speed_is_one_straight_piece():
    (piece,) = way(np.arange(500))
    assert (piece.start, piece.line.slope) == (0, 1)
    assert piece.end == pytest.approx(20, abs=0.1)


def test_a_cut_breaks_the_way_without_bending_it():
    before, after = way(np.delete(np.arange(500), slice(250, 270)))
    assert before.line.slope == after.line.slope == 1
    assert 9.9 <= after.start <= 10.9
    assert after.line.offset - before.line.offset == pytest.approx(-0.8, abs=0.05)


@pytest.mark.parametrize("times", [1.1, 1.25, 0.9])
def test_another_speed_bends_the_way_and_bends_it_back(times):
    faster = (np.arange(int(200 / times)) * times).astype(int) + 150
    before, ramp, after = way(np.concatenate([np.arange(150), faster, np.arange(350, 500)]))
    assert before.line.slope == after.line.slope == 1
    assert ramp.line.slope == pytest.approx(1 / times, abs=0.02)
    assert (ramp.start, ramp.end) == pytest.approx((6, 14), abs=CORNER_SECONDS)
    assert after.line.offset - before.line.offset == pytest.approx(8 / times - 8, abs=0.1)


def test_a_still_picture_never_bends_the_way():
    still = np.repeat(SCENERY[:1], 500, axis=0)
    (piece,) = Sheet(sampled(still), sampled(still[:480]), (0.0, 19.0), (-0.5, 0.0)).pieces()
    assert piece.line.slope == 1
