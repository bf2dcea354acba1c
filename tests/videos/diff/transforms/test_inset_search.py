import numpy as np

from videos.diff.transforms.inset_search import SearchedFrames

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
