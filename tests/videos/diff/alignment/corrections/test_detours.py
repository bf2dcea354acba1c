import pytest

from tests.videos.diff.alignment.corrections.test_drift import SLOW, match, moving_film
from videos.diff.alignment.corrections.detours import MAX_RUNS, find_detours
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.realign import Realigned

PLAIN = TimeMap()


def detour(start: float, end: float) -> Run:
    return Run(start, end, TimeMap(-0.8))


def test_a_run_between_two_on_one_map_may_be_left_out():
    runs = [Run(0.0, 2.0, PLAIN), detour(3.0, 3.5), Run(4.0, 8.0, PLAIN)]
    assert find_detours(SLOW, runs) == [Realigned((2.0, 4.0), [])]


def test_maps_that_differ_by_less_than_half_a_frame_are_one():
    runs = [Run(0.0, 2.0, PLAIN), detour(3.0, 3.5), Run(4.0, 8.0, TimeMap(0.015))]
    assert find_detours(SLOW, runs) == [Realigned((2.0, 4.0), [])]


@pytest.mark.parametrize(
    "after", [Run(4.0, 8.0, TimeMap(-0.04)), Run(13.0, 15.0, PLAIN)], ids=["on another map", "too far away"]
)
def test_another_run_after_it_makes_no_detour(after):
    assert find_detours(SLOW, [Run(0.0, 2.0, PLAIN), detour(3.0, 3.5), after]) == []


def test_a_run_that_shows_b_elsewhere_is_no_detour():
    assert find_detours(SLOW, [Run(0.0, 2.0, PLAIN), Run(3.0, 3.5, TimeMap(5.0)), Run(4.0, 8.0, PLAIN)]) == []


def test_neighbours_on_one_map_have_no_detour_between_them():
    assert find_detours(SLOW, [Run(0.0, 2.0, PLAIN), Run(3.0, 8.0, PLAIN)]) == []


def test_a_detour_has_few_runs():
    between = [Run(2.1 + place / 4, 2.2 + place / 4, TimeMap(0.1 + place / 10)) for place in range(MAX_RUNS + 1)]
    ends = Run(0.0, 2.0, PLAIN), Run(4.0, 8.0, PLAIN)
    assert find_detours(SLOW, [ends[0], *between, ends[1]]) == []
    assert find_detours(SLOW, [ends[0], *between[1:], ends[1]]) == [Realigned((2.0, 4.0), [])]


@pytest.mark.parametrize("are_swapped", [True, False])
def test_two_shots_are_no_detour_if_they_have_changed_places(are_swapped):
    swapped = [Run(2.0, 3.0, TimeMap(1.0)), Run(3.0, 4.0, TimeMap(-1.0))]
    runs = [Run(0.0, 2.0, PLAIN), *swapped, Run(4.0, 8.0, PLAIN)]
    shown = [*range(50), *range(75, 100), *range(50, 75), *range(100, 200)] if are_swapped else range(200)

    detours = find_detours(match(moving_film(0.1), shown), runs)

    assert detours == ([] if are_swapped else [Realigned((2.0, 4.0), [])])


def test_detours_do_not_overlap():
    runs = [
        Run(0.0, 2.0, PLAIN),
        detour(2.9, 3.0),
        Run(3.2, 4.0, PLAIN),
        detour(4.9, 5.0),
        Run(5.2, 8.0, PLAIN),
    ]
    assert [each.span for each in find_detours(SLOW, runs)] == [(2.0, 3.2), (4.0, 5.2)]


def test_a_run_that_matches_much_better_than_the_map_around_it_is_no_detour():
    shown = [*range(75), *range(55, 68), *range(88, 200)]  # half a second from 3.0 on is the one from 2.2 on
    runs = [Run(0.0, 2.0, PLAIN), Run(2.2, 2.7, TimeMap(0.8)), Run(4.0, 8.0, PLAIN)]
    assert find_detours(match(moving_film(0.7), shown), runs) == []


def test_a_detour_may_be_shorter_than_a_frame():
    runs = [Run(0.0, 2.4, PLAIN), Run(2.485, 2.495, TimeMap(0.4)), Run(4.0, 8.0, PLAIN)]
    assert find_detours(SLOW, runs) == [Realigned((2.4, 4.0), [])]
