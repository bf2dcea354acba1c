import pytest

from tests.videos.diff.alignment.test_missed_runs import learn, rounded
from tests.videos.diff.edits import film, original, render_clip, splice
from videos.diff.alignment.boundaries import settle_boundaries
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run


@pytest.fixture(scope="module")
def match():
    """Return the cost of the film against one that lacks its fifth second."""
    return learn(original(), render_clip(splice(film()[:100], film()[125:]))).mismatch_cost


@pytest.mark.parametrize(("end", "start"), [(3.4, 5.6), (4.6, 5.6), (3.4, 4.4)])
def test_two_runs_end_and_begin_at_the_cut(match, end, start):
    runs = [Run(0.2, end, TimeMap()), Run(start, 7.8, TimeMap(-1.0))]
    assert rounded(settle_boundaries(match, runs)) == [(0.0, 4.0, 0.0), (5.0, 8.0, -1.0)]


def test_runs_that_continue_each_other_become_one(match):
    runs = [Run(0.0, 1.6, TimeMap()), Run(2.0, 3.6, TimeMap(0.01)), Run(5.4, 8.0, TimeMap(-1.0))]
    assert rounded(settle_boundaries(match, runs)) == [(0.0, 4.0, 0.0), (5.0, 8.0, -1.0)]
