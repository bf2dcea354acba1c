"""Stretches of frames that are aligned again since another offset or order matches better."""

import numpy as np

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.single_frames.groups import FrameGroup
from videos.diff.alignment.single_frames.windows import PAD_FRAMES, find_windows

COUNT = 200
FILM = scenery(COUNT)


def find(after: np.ndarray) -> list[tuple[int, int]]:
    """Return the windows if all frames were known to match at equal places."""
    group = FrameGroup(0, 1, 0, np.zeros(COUNT, np.int64), np.zeros(COUNT, bool))
    return find_windows(sampled(FILM), sampled(after), group)


def test_frames_in_order_need_no_window():
    assert find(FILM) == []


def test_a_window_is_around_swapped_frames():
    order = np.arange(COUNT)
    order[[90, 91]] = 91, 90
    [(low, high)] = find(FILM[order])
    assert low <= 90 - PAD_FRAMES / 2
    assert high >= 91 + PAD_FRAMES / 2


def test_a_window_begins_before_a_dropped_frame():
    [(low, _)] = find(np.append(np.delete(FILM, 90, 0), FILM[-1:], 0))
    assert 90 - 2 * PAD_FRAMES <= low < 90
