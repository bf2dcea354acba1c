import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment import anchors
from videos.diff.alignment.anchors import Votes, collect_votes
from videos.diff.alignment.grid import PHASES, Grid
from videos.diff.alignment.hough import build_tiles
from videos.diff.alignment.time_map import TimeMap

FOUND = scenery(1500)  # a minute


def grid(b: np.ndarray, a: np.ndarray = FOUND) -> Grid:
    return Grid(sampled(a), sampled(b), 0.2)


def time_maps(of: Grid) -> list[tuple[TimeMap, ...]]:
    return [tile.time_maps for tile in build_tiles(of, collect_votes(of, lambda share: None), 0.3)]


def offered(tile: tuple[TimeMap, ...], moment: float, to: float) -> bool:
    return any(abs(time_map.to_b(moment) - to) < 0.2 for time_map in tile)


def test_a_moment_votes_for_the_similar_one():
    votes = collect_votes(grid(np.roll(FOUND, 250, axis=0)), lambda share: None)
    first = votes.columns[np.unique(votes.rows, return_index=True)[1]]
    assert np.mean(np.abs((first - np.unique(votes.rows)) - 50) <= 1) > 0.7


def test_tiles_cover_all_moments_once():
    of = grid(FOUND)
    found = build_tiles(of, collect_votes(of, lambda share: None), 0.3)
    assert [tile.first for tile in found[1:]] == [tile.last for tile in found[:-1]]
    assert (found[0].first, found[-1].last) == (0, of.count_a)


def test_each_tile_gets_the_time_map_of_its_footage():
    moved = np.concatenate([FOUND[:500], FOUND[1000:], FOUND[500:1000]])
    found = time_maps(grid(moved))
    assert offered(found[0], 5, 5)
    assert offered(found[3], 30, 50)
    assert offered(found[5], 55, 35)


def test_a_still_picture_gets_the_time_maps_around_it():
    still = FOUND.copy()
    still[400:1100] = still[400]
    other = np.concatenate([scenery(100, 9), still])
    assert all(offered(tile, place * 10, place * 10 + 4) for place, tile in enumerate(time_maps(grid(other, still))))


@pytest.mark.parametrize("slope", [0.8, 0.9091, 0.96, 1.0427, 1.25])
def test_another_speed_is_found(slope):
    faster = FOUND[(np.arange(int(1500 * slope)) / slope).astype(int)]
    sloped = [time_map for time_map in time_maps(grid(faster))[2] if time_map.slope != 1]
    assert any(time_map.slope == pytest.approx(slope, abs=0.005) for time_map in sloped)
    assert offered(tuple(sloped), 25, 25 * slope)


def test_fewer_moments_of_long_videos_vote(monkeypatch):
    monkeypatch.setattr(anchors, "MAX_DISTANCES_PER_MOMENT", 50)
    assert set(np.unique(collect_votes(grid(FOUND), lambda share: None).rows)) == set(range(0, 300, 3))


def test_distances_are_to_the_nearest_phase():
    of = grid(FOUND)
    assert of.compute_distances(np.arange(10), TimeMap()).max() == 0
    assert of.compute_nearest_distances(np.array([5]), np.array([5 * PHASES + 1])) == 0
    assert np.isinf(of.compute_distances(np.array([0, 299]), TimeMap(100))).all()


@pytest.mark.parametrize("seed", [1, 18, 20])
def test_a_few_random_votes_give_no_impossible_speed(seed):
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(300, 40))
    columns = (rows * 1.1 + rng.normal(0, 1, 40)).astype(int).clip(0, 299)
    columns[::3] = rng.integers(0, 300, len(columns[::3]))
    votes = Votes(rows, columns, np.zeros(40, np.float32))
    slopes = [time_map.slope for tile in build_tiles(grid(FOUND), votes, 0.3) for time_map in tile.time_maps]
    assert any(slope != 1 for slope in slopes)
    assert all(0.75 < slope < 1.33 for slope in slopes)
