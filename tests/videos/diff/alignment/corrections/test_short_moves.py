import pytest

from tests.videos.diff.alignment.corrections.test_drift import match
from tests.videos.diff.fingerprints import scenery
from videos.diff.alignment.corrections.short_moves import drop_short_moves
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run

SAME = match(scenery(250), range(250))
KEPT = [Run(0.0, 4.0, TimeMap()), Run(4.2, 8.0, TimeMap())]


def test_only_long_runs_out_of_order_have_moved():
    short, long = Run(4.0, 4.2, TimeMap(-3.0)), Run(8.0, 9.5, TimeMap(-6.0))
    assert drop_short_moves(SAME, [KEPT[0], short, KEPT[1], long]) == [*KEPT, long]


@pytest.mark.parametrize("wrong", [Run(4.6, 5.4, TimeMap(-0.6)), Run(3.0, 3.9, TimeMap(1.0))])
def test_of_two_short_runs_that_cross_the_one_that_matches_worse_goes(wrong):
    right = Run(4.0, 4.5, TimeMap())
    runs = sorted([Run(0.0, 3.0, TimeMap()), right, wrong, Run(6.0, 10.0, TimeMap())], key=lambda run: run.start)
    assert drop_short_moves(SAME, runs) == [run for run in runs if run is not wrong]


@pytest.mark.parametrize("shared", [0.01, 0.08, 0.12])
def test_runs_that_share_a_few_frames_of_b_are_in_order(shared):
    runs = [Run(0.0, 4.0, TimeMap()), Run(4.0, 4.5, TimeMap(-shared)), Run(4.5, 8.0, TimeMap())]
    assert drop_short_moves(SAME, runs) == runs
