import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.speeds import retiming as retiming_module
from videos.diff.alignment.speeds.retiming import find_retiming, retime
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run, align_videos


def retiming(a, b):
    return find_retiming(a, b, align_videos(a, b))


def played(luma: np.ndarray, times: float) -> np.ndarray:
    return luma[(np.arange(int(len(luma) / times)) * times).astype(int)]


@pytest.mark.parametrize("times", [0.5, 0.7, 1.6, 2.0])
def test_the_factor_is_found_from_half_to_double_speed(times):
    luma = scenery(600)
    assert retiming(sampled(luma), sampled(played(luma, times))) == pytest.approx(times, rel=0.01)


def test_the_speed_of_the_longest_run_is_tried_too(monkeypatch):
    monkeypatch.setattr(retiming_module, "TRIED_FACTORS", (1.92,))
    luma = scenery(600)
    assert find_retiming(sampled(luma), sampled(played(luma, 1.25)), []) == pytest.approx(1.25, rel=0.01)


def test_a_cut_does_not_change_the_factor():
    luma = scenery(600)
    shorter = np.delete(luma, slice(200, 300), 0)
    assert retiming(sampled(luma), sampled(played(shorter, 1.5))) == pytest.approx(1.5, rel=0.01)


def slow_footage(count: int, every: int) -> np.ndarray:
    """Return footage that moves from one picture to the next over `every` frames."""
    pictures, share = scenery(count // every + 2).astype(float), (np.arange(count) % every / every)[:, None, None]
    at = np.arange(count) // every
    return (pictures[at] * (1 - share) + pictures[at + 1] * share).astype(np.uint8)


def test_slow_footage_with_a_faster_part_is_not_retimed_as_a_whole():
    luma = slow_footage(300, 5)
    faster = np.concatenate([luma[:75], played(luma[75:225], 1.1), luma[225:]])
    whole = [Run(0, 12, TimeMap(0, len(faster) / len(luma)))]
    assert find_retiming(sampled(luma), sampled(faster), whole) == 1
    assert find_retiming(sampled(luma), sampled(played(luma, 1.1)), whole) == pytest.approx(1.1, rel=0.01)


def test_cut_footage_at_equal_speed_is_not_retimed():
    luma = scenery(600)
    assert retiming(sampled(luma), sampled(np.delete(luma, slice(100, 350), 0))) == 1


def test_no_other_speed_is_tried_where_the_matched_footage_keeps_its_offset(monkeypatch):
    monkeypatch.setattr(retiming_module, "_search_factor", lambda a, b: pytest.fail("another speed was tried"))
    luma = scenery(600)
    assert retiming(sampled(luma), sampled(np.delete(luma, slice(100, 350), 0))) == 1


def test_other_footage_is_not_retimed():
    assert retiming(sampled(scenery(500)), sampled(scenery(400, seed=8))) == 1


def test_a_retimed_video_has_other_times_and_the_same_frames():
    video = sampled(scenery(50))
    slower = retime(video, 2.0)
    assert slower.fingerprint.duration == pytest.approx(2 * video.fingerprint.duration)
    assert slower.fingerprint.times[10] == pytest.approx(2 * video.fingerprint.times[10])
    assert len(slower.fingerprint) == 50
