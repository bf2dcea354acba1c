import numpy as np
import pytest

from tests.videos.diff.alignment.test_missed_runs import calibrated, rounded
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones import completion
from videos.diff.alignment.zones.candidates import build_zone
from videos.diff.alignment.zones.completion import absorb_pieces, continue_beyond


@pytest.fixture(scope="module")
def match():
    return calibrated(0, 1, 2, 3, 4).mismatch_cost


def test_only_runs_that_reach_the_end_of_a_zone_continue_beyond_it(match):
    runs = [Run(0.0, 3.0, TimeMap()), Run(4.0, 8.0, TimeMap(-1.0))]
    zone = build_zone(match, runs, (2.0, 5.0), [])
    reaching, short = [Run(2.0, 3.0, TimeMap()), Run(4.96, 5.0, TimeMap(-1.0))], [Run(2.4, 3.0, TimeMap())]

    assert continue_beyond(match, zone, reaching) == [Run(0.0, 3.0, TimeMap()), Run(4.96, 8.0, TimeMap(-1.0))]
    assert continue_beyond(match, zone, short) == short


@pytest.mark.parametrize(
    ("squares", "expected"),
    [(1.0, [(0.0, 3.4, 0.0), (4.0, 8.0, -0.6)]), (9.0, [(0.0, 3.0, 0.0), (3.5, 3.9, -0.5), (4.0, 8.0, -0.6)])],
)
def test_a_new_piece_goes_where_the_run_beside_it_is_as_exact(match, monkeypatch, squares, expected):
    def measure(match, run):
        return np.full(10, 1.0 if run.time_map.offset == -0.5 else squares)

    monkeypatch.setattr(completion, "measure_squares", measure)
    around = [Run(0.0, 3.0, TimeMap()), Run(4.0, 8.0, TimeMap(-0.6))]
    runs = [around[0], Run(3.5, 3.9, TimeMap(-0.5)), around[1]]

    assert rounded(absorb_pieces(match, runs, {run.time_map for run in around})) == expected


def test_a_known_piece_stays_where_it_is(match, monkeypatch):
    monkeypatch.setattr(completion, "measure_squares", lambda match, run: np.ones(10))
    runs = [Run(0.0, 3.0, TimeMap()), Run(3.5, 3.9, TimeMap(-0.5))]

    assert absorb_pieces(match, runs, {run.time_map for run in runs}) == runs
