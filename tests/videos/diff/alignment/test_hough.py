import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.anchors import Votes
from videos.diff.alignment.grid import Grid
from videos.diff.alignment.hough import build_tiles

STEP, MOMENTS, THRESHOLD = 0.2, 300, 0.2


def vote(columns: np.ndarray) -> tuple[Grid, Votes]:
    """Return the grid of one minute, and a vote of each moment of A for one of B."""
    video = sampled(scenery(MOMENTS * 5))
    columns = columns.clip(0, MOMENTS - 1)
    return Grid(video, video, STEP), Votes(np.arange(MOMENTS), columns, np.zeros(MOMENTS, np.float32))


@pytest.mark.parametrize("slope", [0.9, 1.0, 1.1])
def test_the_speed_that_most_votes_support_is_offered(slope):
    moments = np.arange(MOMENTS)
    tiles = build_tiles(*vote(np.rint(slope * (moments - 150) + 150).astype(int)), THRESHOLD)

    middle = next(tile for tile in tiles if tile.first <= 150 < tile.last)

    found = [each for each in middle.time_maps if each.slope == pytest.approx(slope, abs=0.005)]
    assert any(each.to_b(30.0) == pytest.approx(30.0, abs=0.3) for each in found)


def test_votes_at_random_offer_no_other_speed():
    tiles = build_tiles(*vote(np.random.default_rng(2).integers(0, MOMENTS, MOMENTS)), THRESHOLD)

    assert {each.slope for tile in tiles for each in tile.time_maps} == {1.0}
