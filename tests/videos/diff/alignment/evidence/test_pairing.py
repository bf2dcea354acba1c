import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.evidence.pairing import compare_cells, find_telling_cells

FRAMES = scenery(4)


def compare(changed, in_b):
    return compare_cells(sampled(FRAMES), sampled(changed), np.array([0]), np.array(in_b)[:, None], 6.0)


def test_brightness_is_no_difference_of_cells():
    darker = (FRAMES.astype(int) - 20).clip(0, 255).astype(np.uint8)
    assert np.median(compare(darker, [0])) == pytest.approx(0, abs=0.01)


def test_differences_of_cells_have_a_limit():
    assert compare(255 - FRAMES, [0]).max() == 6.0


def test_only_cells_that_differ_from_all_frames_do_not_tell():
    boxed = FRAMES.copy()
    boxed[:, 4:10, 8:30] = 255 - boxed[:, 4:10, 8:30]

    telling = find_telling_cells(compare(boxed, [0, 1, 2]))[0].reshape(36, 64)

    assert telling[4:10, 8:30].mean() < 0.2
    assert np.delete(telling, range(4, 10), axis=0).all()
