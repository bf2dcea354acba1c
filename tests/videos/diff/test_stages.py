import pytest

from tests.videos.diff.alignment.test_missed_runs import calibrated, rounded
from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.stages import MonotonicProgress, align_pair, outline_runs


def test_a_part_of_a_shot_that_has_moved_is_completed_before_it_seems_too_short():
    found = [Run(0.0, 1.6, TimeMap()), Run(2.4, 3.2, TimeMap(1.6)), Run(3.2, 4.8, TimeMap(-1.6))]

    outlined = outline_runs(calibrated(0, 2, 1, 3, 4), [*found, Run(4.8, 8.0, TimeMap())], ())

    assert rounded(outlined.runs) == [(0.0, 1.6, 0.0), (1.6, 3.2, 1.6), (3.2, 4.8, -1.6), (4.8, 8.0, 0.0)]


def test_a_run_out_of_order_that_stays_short_goes():
    found = [Run(0.0, 3.2, TimeMap()), Run(3.2, 3.6, TimeMap(-3.0)), Run(3.6, 8.0, TimeMap())]

    outlined = outline_runs(calibrated(0, 1, 2, 3, 4), found, ())

    assert rounded(outlined.runs) == [(0.0, 8.0, 0.0)]


@pytest.mark.parametrize(("rate", "searches"), [(25.0, False), (40.0, True)])
def test_the_partner_of_a_frame_is_searched_where_the_whole_runs_at_another_speed(rate, searches):
    luma = scenery(600)
    aligned = align_pair(sampled(luma), sampled(luma, rate), MonotonicProgress(lambda share: None))
    assert aligned.retiming == pytest.approx(rate / 25, rel=0.01)
    assert aligned.search == searches
