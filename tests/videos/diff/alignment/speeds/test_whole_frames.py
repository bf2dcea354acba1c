import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.speeds.whole_frames import measure_lag, measure_repeats

FOOTAGE = scenery(240)
HELD = np.sort(np.append(np.arange(200), np.arange(4, 200, 10)))  # one frame of ten is shown twice


def all_frames(luma):
    return sampled(luma), np.arange(len(luma))


def test_repeated_frames_hardly_differ_from_the_previous_ones():
    assert measure_repeats(*all_frames(FOOTAGE[HELD]), 20) < 0.1
    assert measure_repeats(*all_frames(FOOTAGE[:220]), 20) > 0.6


def test_repeats_are_found_in_whichever_phase_they_begin():
    for phase in range(10):
        held = np.sort(np.append(np.arange(200), np.arange(phase, 200, 10)))
        assert measure_repeats(*all_frames(FOOTAGE[held]), 20) < 0.1


@pytest.mark.parametrize("swapped", [False, True])
def test_a_slower_part_starts_later_and_a_faster_one_earlier(swapped):
    slower = all_frames(FOOTAGE[:200]), all_frames(FOOTAGE[HELD])
    faster = all_frames(FOOTAGE[:200]), all_frames(np.delete(FOOTAGE[:200], np.arange(4, 200, 10), 0))
    (original, slow), (whole, fast) = (pair[::-1] if swapped else pair for pair in (slower, faster))
    assert measure_lag(original, slow) == pytest.approx(2.5, abs=0.3)
    assert measure_lag(whole, fast) == pytest.approx(-2.5, abs=0.3)


def test_a_part_whose_frames_are_all_on_both_sides_starts_where_it_looks():
    assert measure_lag(all_frames(FOOTAGE), all_frames(FOOTAGE)) == 0


def test_a_lag_of_less_than_a_frame_is_none():
    assert measure_lag(all_frames(FOOTAGE[:200]), all_frames(FOOTAGE[:200:2])) == 0
