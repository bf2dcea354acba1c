import numpy as np

from tests.videos.diff.fingerprints import sampled
from videos.diff.alignment.zones.motion import MAX_MOVING_SHARE, find_moving_part

FRAMES = 60
STILL = np.random.default_rng(2).integers(40, 220, (36, 64))


def film(rows, columns):
    """Return frames (60, 36, 64) in which these cells change all the time and the others stand still."""
    luma = np.repeat(STILL[None], FRAMES, axis=0)
    luma[:, rows, columns] = np.random.default_rng(3).integers(40, 220, (FRAMES, *luma[0, rows, columns].shape))
    return luma.astype(np.uint8)


def test_a_small_part_that_moves_is_found():
    part = find_moving_part(sampled(film(slice(28, 36), slice(48, 64))), 0, FRAMES)
    assert part is not None
    assert part[28:36, 48:64].mean() > 0.9
    assert part.sum() == part[28:36, 48:64].sum()


def test_a_cut_is_no_motion():
    luma = film(slice(0, 0), slice(0, 0))
    luma[30:] = 255 - luma[30:]
    assert find_moving_part(sampled(luma), 0, FRAMES) is None


def test_a_picture_that_moves_has_no_such_part():
    rows = slice(0, round(36 * (MAX_MOVING_SHARE + 0.2)))
    assert find_moving_part(sampled(film(rows, slice(0, 64))), 0, FRAMES) is None


def test_too_few_frames_have_no_such_part():
    assert find_moving_part(sampled(film(slice(28, 36), slice(48, 64))), 0, 5) is None
