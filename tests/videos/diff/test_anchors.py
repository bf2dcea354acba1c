import numpy as np
import pytest

from tests.videos.diff.prints import sampled, scenery
from videos.diff import anchors
from videos.diff.anchors import named
from videos.diff.grid import PHASES, Grid
from videos.diff.line import Line
from videos.diff.voting import tiles

FOUND = scenery(1500)  # a minute


def grid(b: np.ndarray, a: np.ndarray = FOUND) -> Grid:
    return Grid(sampled(a), sampled(b), 0.2)


def lines(of: Grid) -> list[tuple[Line, ...]]:
    return [tile.lines for tile in tiles(of, named(of, lambda share: None), 0.3)]


def offered(tile: tuple[Line, ...], moment: float, to: float) -> bool:
    return any(abs(line.to_b(moment) - to) < 0.2 for line in tile)


def test_a_moment_names_the_one_that_looks_like_it():
    votes = named(grid(np.roll(FOUND, 250, axis=0)), lambda share: None)
    first = votes.columns[np.unique(votes.rows, return_index=True)[1]]
    assert np.mean(np.abs((first - np.unique(votes.rows)) - 50) <= 1) > 0.7


def test_tiles_cover_all_moments_once():
    of = grid(FOUND)
    found = tiles(of, named(of, lambda share: None), 0.3)
    assert [tile.first for tile in found[1:]] == [tile.last for tile in found[:-1]]
    assert (found[0].first, found[-1].last) == (0, of.count_a)


def test_each_tile_gets_the_line_of_its_stretch():
    moved = np.concatenate([FOUND[:500], FOUND[1000:], FOUND[500:1000]])
    found = lines(grid(moved))
    assert offered(found[0], 5, 5)
    assert offered(found[3], 30, 50)
    assert offered(found[5], 55, 35)


def test_a_still_between_gets_the_lines_around_it():
    still = FOUND.copy()
    still[400:1100] = still[400]
    other = np.concatenate([scenery(100, 9), still])
    assert all(offered(tile, place * 10, place * 10 + 4) for place, tile in enumerate(lines(grid(other, still))))


@pytest.mark.parametrize("slope", [0.8, 0.9091, 0.96, 1.0427, 1.25])
def test_another_speed_is_voted_for(slope):
    faster = FOUND[(np.arange(int(1500 * slope)) / slope).astype(int)]
    sloped = [line for line in lines(grid(faster))[2] if line.slope != 1]
    assert any(line.slope == pytest.approx(slope, abs=0.005) for line in sloped)
    assert offered(tuple(sloped), 25, 25 * slope)


def test_long_videos_let_fewer_moments_name(monkeypatch):
    monkeypatch.setattr(anchors, "CELLS_A_MOMENT", 50)
    assert set(np.unique(named(grid(FOUND), lambda share: None).rows)) == set(range(0, 300, 3))


def test_distances_are_to_the_nearest_phase():
    of = grid(FOUND)
    assert of.distances(np.arange(10), Line()).max() == 0
    assert of.nearest(np.array([5]), np.array([5 * PHASES + 1])) == 0
    assert np.isinf(of.distances(np.array([0, 299]), Line(100))).all()
