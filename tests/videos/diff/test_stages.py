from tests.videos.diff.alignment.test_missed_runs import calibrated, rounded
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.stages import outline_runs


def test_a_part_of_a_shot_that_has_moved_is_completed_before_it_seems_too_short():
    found = [Run(0.0, 1.6, TimeMap()), Run(2.4, 3.2, TimeMap(1.6)), Run(3.2, 4.8, TimeMap(-1.6))]

    outlined = outline_runs(calibrated(0, 2, 1, 3, 4), [*found, Run(4.8, 8.0, TimeMap())], ())

    assert rounded(outlined.runs) == [(0.0, 1.6, 0.0), (1.6, 3.2, 1.6), (3.2, 4.8, -1.6), (4.8, 8.0, 0.0)]


def test_a_run_out_of_order_that_stays_short_goes():
    found = [Run(0.0, 3.2, TimeMap()), Run(3.2, 3.6, TimeMap(-3.0)), Run(3.6, 8.0, TimeMap())]

    outlined = outline_runs(calibrated(0, 1, 2, 3, 4), found, ())

    assert rounded(outlined.runs) == [(0.0, 8.0, 0.0)]
