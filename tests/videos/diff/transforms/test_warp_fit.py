from dataclasses import replace

import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled
from videos.diff.sampling.view import Geometry
from videos.diff.sampling.warp import Warp, warp_planes
from videos.diff.transforms.estimation import CLEAR_MATCH, estimate_transforms
from videos.diff.transforms.matching import MomentMatcher, measure_pair_distance
from videos.diff.transforms.warp_fit import make_warped_views, search_warp

ASPECT = 640 / 360
FEW = 5


def smooth_film(finest: float = 0.5) -> np.ndarray:
    """Return luma (40, 36, 64) of waves in many directions, which change over time. `finest` is in radians per cell."""
    rng = np.random.default_rng(8)
    down, across = np.mgrid[:36, :64]
    waves = sum(
        np.sin(
            across * rng.uniform(-finest, finest)
            + down * rng.uniform(-finest, finest)
            + np.arange(40)[:, None, None] * speed
        )
        for speed in rng.uniform(0.1, 0.6, 12)
    )
    return (128 + 20 * waves).clip(0, 255)


def make_pair(warp: Warp) -> MomentMatcher:
    """Return a matcher of a film, shown through a warp from A to B, and the film itself."""
    film = smooth_film()
    shown = warp_planes(film.astype(np.float32), warp, (36, 64), 0.4)
    return MomentMatcher(sampled(shown.astype(np.uint8)), sampled(film.astype(np.uint8)))


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize(
    "warp",
    [Warp(angle=np.radians(4), aspect=ASPECT), Warp(lens=-0.1, aspect=ASPECT)],
    ids=["rotation", "lens"],
)
def test_a_warp_is_found_with_and_without_known_pairs(warp, is_known):
    matching = make_pair(warp)
    pairs = matching.match_frames(make_warped_views(warp)) if is_known else None
    found, _ = search_warp(matching, 8.0, pairs)
    assert np.degrees(found.angle) == pytest.approx(np.degrees(warp.angle), abs=0.3)
    assert found.lens + found.lens_2 == pytest.approx(warp.lens, abs=0.02)


@pytest.mark.parametrize("box_levels", [2.0, 8.0])
def test_pairs_are_searched_anew_if_boxes_leave_much_of_the_known_ones(box_levels):
    warp = Warp(angle=np.radians(4), aspect=ASPECT)
    matching = make_pair(warp)
    pairs = matching.match_frames(make_warped_views(warp))
    mistaken = replace(pairs, in_b=np.roll(pairs.in_b, 7), luma_b=np.roll(pairs.luma_b, 7, axis=0))
    found = search_warp(matching, box_levels, mistaken)
    assert found is None if box_levels == 2.0 else np.degrees(found[0].angle) == pytest.approx(4, abs=0.3)


def test_a_slight_rotation_is_found_though_smooth_frames_match_clearly_without():
    film = smooth_film(0.15)
    shown = warp_planes(film.astype(np.float32), Warp(angle=np.radians(1.2), aspect=ASPECT), (36, 64), 0.4)
    a, b = sampled(shown.astype(np.uint8)), sampled(film.astype(np.uint8))
    assert MomentMatcher(a, b).measure_distance(Geometry()) < CLEAR_MATCH
    *_, [fact] = estimate_transforms(a, b)
    assert fact["kind"] == "rotation"
    assert abs(fact["value"]["angle"]) == pytest.approx(1.2, abs=0.3)


def test_without_a_warp_none_is_found():
    assert search_warp(make_pair(Warp(aspect=ASPECT)), 1.0) is None


def test_the_right_warp_makes_pairs_similar():
    warp = Warp(angle=np.radians(4), aspect=ASPECT)
    pairs = make_pair(warp).match_frames(make_warped_views(warp))
    right, wrong = (
        measure_pair_distance(pairs, make_warped_views(each)) for each in (warp, replace(warp, angle=-0.07))
    )
    assert right < wrong / 4


def test_pairs_are_thinned_out_evenly():
    warp = Warp(aspect=ASPECT)
    pairs = make_pair(warp).match_frames(make_warped_views(warp))
    thin = pairs.thin_out(FEW)
    assert FEW // 2 < len(thin.in_a) <= FEW
    assert len(thin.in_a) == len(thin.in_b) == len(thin.luma_a) == len(thin.luma_b)
    assert set(thin.in_a) <= set(pairs.in_a)
