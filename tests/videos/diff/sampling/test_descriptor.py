from dataclasses import replace

import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.sampling.colour_transform import GRADE_TERMS, ColourTransform
from videos.diff.sampling.descriptor import compute_squared_distances
from videos.diff.sampling.view import Geometry, View, make_views

RATE = 25.0
FILM = scenery(120)
TIMES = np.arange(20, 100) / RATE


def describe(luma: np.ndarray) -> np.ndarray:
    return sampled(luma).describe_moments(TIMES)


def test_pooled_luma_is_the_mean_of_blocks_of_cells():
    pooled = sampled(FILM).pooled_luma[np.arange(len(FILM))]
    expected = FILM.reshape(-1, 9, 4, 16, 4).mean(axis=(2, 4)).reshape(len(FILM), -1)
    assert np.abs(pooled - expected).max() < 0.01


def test_levels_are_stored_ones_until_a_view_changes_them():
    flipped, _ = make_views(Geometry(flip_horizontal=True))
    frames = np.arange(3)
    stored = sampled(FILM)
    assert (stored.read_levels(frames) == FILM[:3]).all()
    assert np.abs(replace(stored, view=flipped).read_levels(frames) - FILM[:3, :, ::-1]).max() < 1


def test_a_video_without_its_grade_has_the_levels_of_its_file():
    darker = ColourTransform(np.arange(256, dtype=np.float32) / 2, np.zeros((3, GRADE_TERMS), np.float32))
    graded = replace(sampled(FILM), view=View(colour=darker))
    frames = np.arange(3)
    assert np.abs(graded.read_luma(frames) - FILM[:3] / 2).max() < 1
    assert (graded.without_grade.read_luma(frames) == FILM[:3]).all()


@pytest.mark.parametrize("levels", [lambda luma: luma * 0.6 + 40, lambda luma: luma + 20])
def test_brightness_and_contrast_hardly_change_a_descriptor(levels):
    shown = np.clip(levels(FILM.astype(float)), 0, 255).astype(np.uint8)
    own = np.square(describe(FILM) - describe(shown)).sum(axis=1)
    assert own.max() < 0.05
    assert own.max() < 0.2 * np.median(compute_squared_distances(describe(FILM), describe(shown)))


def test_motion_tells_the_frames_of_a_static_camera_apart():
    static = np.full((120, 36, 64), 90, np.uint8)
    static[:, ::3, ::5] = 160
    for place in range(120):
        row = 8 + 16 * (place // 60)
        static[place, row : row + 4, place % 60 : place % 60 + 4] = 220
    distances = compute_squared_distances(describe(static), describe(static))
    assert (distances.argmin(axis=1) == np.arange(len(TIMES))).all()
    assert distances[40, 30] > 0.05


def test_flat_pictures_are_alike_whatever_their_noise():
    rng = np.random.default_rng(4)
    black, other = (rng.integers(15, 18, (120, 36, 64), np.uint8) for _ in range(2))
    assert np.square(describe(black) - describe(other)).sum(axis=1).max() < 0.1


def test_distances_are_those_of_rows():
    rng = np.random.default_rng(5)
    rows, columns = rng.normal(0, 1, (2, 6, 20)).astype(np.float32)
    expected = np.square(rows[:, None] - columns[None]).sum(axis=2)
    assert compute_squared_distances(rows, columns) == pytest.approx(expected, rel=1e-4)
    assert (compute_squared_distances(rows, rows) >= 0).all()
