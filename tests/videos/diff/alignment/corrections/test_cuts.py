import pytest

from tests.videos.diff.alignment.corrections.test_drift import match
from tests.videos.diff.fingerprints import scenery
from videos.diff.alignment.corrections.cuts import ChangedSpan, shift_cuts
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run

PLAIN, LATER = TimeMap(), TimeMap(-2.0)
FILM = scenery(200)
CUT = match(FILM, [*range(50), *range(100, 200)])  # without the seconds 2 to 4


def test_a_cut_moves_over_the_change_after_it():
    runs = [Run(0.0, 1.4, PLAIN), Run(3.4, 8.0, LATER)]
    [found] = shift_cuts(CUT, runs, [ChangedSpan((3.4, 4.0), LATER)])
    assert found.span == pytest.approx((1.4, 4.0))
    assert found.runs == [Run(1.4, pytest.approx(2.0), PLAIN)]


def test_a_cut_moves_over_the_change_before_it():
    runs = [Run(0.0, 2.6, PLAIN), Run(4.6, 8.0, LATER)]
    [found] = shift_cuts(CUT, runs, [ChangedSpan((2.0, 2.6), PLAIN)])
    assert found.span == pytest.approx((2.0, 4.6))
    assert found.runs == [Run(pytest.approx(4.0), 4.6, LATER)]


def test_a_cut_stays_if_the_other_run_matches_no_better():
    runs = [Run(0.0, 2.0, PLAIN), Run(4.0, 8.0, LATER)]
    assert shift_cuts(CUT, runs, [ChangedSpan((4.0, 5.0), LATER)]) == []


@pytest.mark.parametrize("span", [(3.8, 4.4), (3.4, 7.5)])
def test_a_change_apart_from_the_cut_and_a_long_one_are_left_alone(span):
    runs = [Run(0.0, 1.4, PLAIN), Run(3.4, 8.0, LATER)]
    assert shift_cuts(CUT, runs, [ChangedSpan(span, LATER)]) == []


def test_a_run_is_not_given_up_whole():
    runs = [Run(0.0, 1.4, PLAIN), Run(3.4, 4.0, LATER)]
    assert shift_cuts(CUT, runs, [ChangedSpan((3.4, 4.0), LATER)]) == []


def test_a_cut_does_not_move_over_footage_that_another_run_shows():
    runs = [Run(0.0, 1.4, PLAIN), Run(3.4, 7.0, LATER), Run(7.4, 8.0, TimeMap(-6.0))]
    assert shift_cuts(CUT, runs, [ChangedSpan((3.4, 4.0), LATER)]) == []


def test_a_cut_between_runs_on_one_map_stays():
    runs = [Run(0.0, 1.4, PLAIN), Run(2.0, 4.0, PLAIN)]
    assert shift_cuts(CUT, runs, [ChangedSpan((2.0, 2.6), PLAIN)]) == []
