from tests.videos.diff.alignment.corrections.test_drift import match
from tests.videos.diff.fingerprints import scenery
from videos.diff.alignment.disputes import settle_disputes
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run

FILM = scenery(200)
LATE = match(FILM, [*range(50), *range(150, 200)])  # seconds 0 to 2, and 6 to 8
LONG, SHORT = Run(0.0, 4.0, TimeMap()), Run(6.0, 8.0, TimeMap(-4.0))


def test_the_shorter_run_keeps_what_it_matches_better():
    long, short = settle_disputes(LATE, [LONG, SHORT])
    assert short == SHORT
    assert long.time_map == LONG.time_map
    assert abs(long.end - 2.0) < 0.1


def test_the_longer_run_keeps_what_it_matches():
    alike = Run(6.0, 7.6, TimeMap(-6.0))
    assert settle_disputes(LATE, [Run(0.0, 2.0, TimeMap()), alike]) == [Run(0.0, 2.0, TimeMap())]


def test_runs_that_share_nothing_stay():
    runs = [Run(0.0, 2.0, TimeMap()), SHORT]
    assert settle_disputes(LATE, runs) == runs
