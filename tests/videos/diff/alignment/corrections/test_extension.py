import pytest

from tests.videos.diff.alignment.corrections.test_drift import match
from tests.videos.diff.fingerprints import scenery
from videos.diff.alignment.corrections.extension import extend_runs
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run

FILM = scenery(200)
CUT = match(FILM, [*range(100), *range(150, 200)])  # without the seconds 4 to 6


def spans(runs):
    return [pytest.approx((run.start, run.end), abs=0.09) for run in runs]


def test_runs_are_extended_over_what_both_sides_have_left():
    extended = extend_runs(CUT, [Run(0.2, 3.0, TimeMap()), Run(7.0, 7.8, TimeMap(-2.0))])
    assert spans(extended) == [(0.0, 4.0), (6.0, 8.0)]


def test_footage_of_another_run_is_left_to_it():
    runs = [Run(0.0, 3.0, TimeMap()), Run(3.0, 3.96, TimeMap(0.04)), Run(6.0, 8.0, TimeMap(-2.0))]
    assert extend_runs(CUT, runs) == runs


def test_runs_on_one_time_map_that_touch_are_joined():
    runs = [Run(0.0, 1.0, TimeMap()), Run(1.4, 4.0, TimeMap()), Run(6.0, 8.0, TimeMap(-2.0))]
    assert spans(extend_runs(CUT, runs)) == [(0.0, 4.0), (6.0, 8.0)]


def test_footage_that_does_not_match_is_left_out():
    runs = [Run(0.0, 4.0, TimeMap())]
    assert spans(extend_runs(CUT, runs)) == [(0.0, 4.0)]


def test_a_run_that_shares_a_frame_of_b_with_another_is_not_extended_over_it():
    runs = [Run(0.0, 4.0, TimeMap()), Run(6.2, 8.0, TimeMap(-2.22))]
    assert spans(extend_runs(CUT, runs)) == [(0.0, 4.0), (6.2, 8.0)]
