from dataclasses import replace

import numpy as np
import pytest

from tests.videos.diff.fingerprints import scenery
from videos.diff.sampling.view import (
    IDENTITY_VIEW,
    Box,
    Geometry,
    find_sampling_weights,
    make_views,
)
from videos.diff.sampling.warp import Warp


def smooth(count: int, height: int, width: int) -> np.ndarray:
    """Return waves with the same mean at any size: (count, height, width) float32."""
    down, across = np.meshgrid((np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / width, indexing="ij")
    phases = np.arange(count)[:, None, None]
    return (128 + 50 * np.sin(9 * across + 4 * down + phases) + 40 * np.cos(7 * down - phases)).astype(np.float32)


def cropped(planes: np.ndarray, box: Box) -> np.ndarray:
    """Return what a box of finely sampled planes shows, as 36 x 64 cells."""
    (left, top), (right, bottom) = (box.x, box.y), box.bottom_right
    count, height, width = planes.shape
    part = planes[:, round(top * height) : round(bottom * height), round(left * width) : round(right * width)]
    return part.reshape(count, 36, part.shape[1] // 36, 64, part.shape[2] // 64).mean(axis=(2, 4))


FINE = smooth(3, 360, 640)


def test_the_identity_view_changes_nothing():
    luma = scenery(3).astype(np.float32)
    assert IDENTITY_VIEW.transform_luma(luma) is luma


@pytest.mark.parametrize("box", [Box(0.1, 0.2, 0.8, 0.7), Box(0.25, 0.0, 0.5, 1.0), Box(0.0, 0.0, 0.9, 0.8)])
def test_a_crop_and_its_original_look_the_same(box):
    a, b = make_views(Geometry(a=box))
    whole, part = cropped(FINE, Box()), cropped(FINE, box)
    inner = (slice(None), slice(2, -2), slice(2, -2))
    assert np.abs(a.transform_luma(whole) - b.transform_luma(part))[inner].max() < 3
    assert np.abs(whole - part)[inner].max() > 30


def test_bars_are_not_part_of_the_picture():
    box = Box(0.0, 1 / 6, 1.0, 2 / 3)
    barred = np.zeros((3, 360, 640), np.float32)
    barred[:, 60:300] = smooth(3, 240, 640)
    a, b = make_views(Geometry(b=box))
    assert np.abs(a.transform_luma(cropped(FINE, Box())) - b.transform_luma(cropped(barred, Box()))).max() < 6


@pytest.mark.parametrize(("across", "down"), [(True, False), (False, True), (True, True)])
def test_a_flipped_picture_is_flipped_back(across, down):
    luma = scenery(2).astype(np.float32)
    turned = luma[:, :: -1 if down else 1, :: -1 if across else 1]
    a, b = make_views(Geometry(flip_horizontal=across, flip_vertical=down))
    np.testing.assert_array_equal(a.transform_luma(turned), luma)
    np.testing.assert_array_equal(b.transform_luma(luma), luma)


def test_what_only_one_side_of_a_warp_shows_is_blank():
    view = replace(IDENTITY_VIEW, shared=Warp(x=0.5))
    luma = scenery(2).astype(np.float32)
    blanked = view.blank_unshared(luma)
    assert (blanked[:, 1:-1, 2:31] == luma[:, 1:-1, 2:31]).all()
    assert np.ptp(blanked[:, :, 33:], axis=(1, 2)).max() == 0
    assert IDENTITY_VIEW.blank_unshared(luma) is luma


@pytest.mark.parametrize("blur", [0.6, 1.0])
def test_no_weight_is_so_small_that_its_products_are_subnormal(blur):
    weights = find_sampling_weights(64, 36, (0.0, 1.0), (0.0, 1.0), 1.0, barred=True, flip=False, blur=blur)

    assert np.abs(weights[weights != 0]).min() > 1e-10
    assert weights.sum(axis=1) == pytest.approx(np.ones(36), abs=1e-5)
