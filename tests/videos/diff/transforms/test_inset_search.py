import numpy as np
import pytest

from videos.diff.sampling.view import Box
from videos.diff.transforms.inset_search import SearchedFrames, is_inset

ROWS, COLUMNS = 18, 32


def test_a_part_of_a_frame_is_found_at_its_place_whatever_its_brightness_and_contrast():
    frames = np.random.default_rng(7).uniform(0, 255, (2, ROWS, COLUMNS)).astype(np.float32)
    searched = SearchedFrames(frames)
    for high, wide in ((6, 10), (9, 16)):  # the same frames are searched for parts of several sizes
        part = frames[:1, 4 : 4 + high, 7 : 7 + wide] * 0.5 + 40

        correlation = searched.correlate(part)

        assert correlation.shape == (ROWS - high + 1, COLUMNS - wide + 1)
        assert np.unravel_index(correlation.argmax(), correlation.shape) == (4, 7)
        assert 0.9 < correlation.max() <= 1.001


def test_other_pictures_correlate_nowhere():
    random = np.random.default_rng(8)
    frames, other = (random.uniform(0, 255, (1, *size)).astype(np.float32) for size in ((ROWS, COLUMNS), (9, 16)))
    assert SearchedFrames(frames).correlate(other).max() < 0.5


BOX = Box(0.25, 0.25, 0.5, 0.5)


def test_a_picture_that_ends_at_all_of_its_edges_is_an_inset():
    frames = np.random.default_rng(9).uniform(0, 60, (8, 36, 64)).astype(np.float32)
    frames[:, 9:27, 16:48] += 150
    assert is_inset(BOX, frames)


def test_words_that_begin_at_the_edge_of_a_crop_make_no_inset():
    frames = np.full((8, 36, 64), 220, np.float32)
    frames[:, 12:14, 48:60] = 40
    frames[:, 18:20, 48:56] = 40
    assert not is_inset(BOX, frames)


@pytest.mark.parametrize(("flat_frames", "expected"), [(0, True), (2, False)])
def test_edges_that_do_not_correlate_make_an_inset_only_if_they_differ_nearly_everywhere(flat_frames, expected):
    random = np.random.default_rng(4)
    frames = random.normal(100, 28, (8, 36, 64))
    rows, columns = random.normal(0, 20, (8, 18, 1)), random.normal(0, 20, (8, 1, 32))
    frames[:, 9:27, 16:48] = 100 + rows + columns + random.normal(0, 6, (8, 18, 32))
    frames[:flat_frames] = 100
    assert is_inset(BOX, frames.astype(np.float32)) == expected
