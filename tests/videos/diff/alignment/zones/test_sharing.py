import numpy as np
import pytest

from tests.videos.diff.alignment.test_missed_runs import learn, rounded
from tests.videos.diff.edits import RATE, film, original, render_clip, splice
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones import sharing
from videos.diff.alignment.zones.sharing import is_more_exact, settle_meetings, share_out


@pytest.fixture(scope="module")
def match():
    """Return the cost of the film against one from which a second is missing."""
    return learn(original(), render_clip(splice(film()[:75], film()[100:]))).mismatch_cost


@pytest.fixture
def longer(monkeypatch):
    """Return the cost of a film against one with a second more from 3.0 on, where all frames match within the noise."""
    monkeypatch.setattr(sharing, "measure_run", lambda match, run: np.zeros(round(run.seconds * RATE), np.float32))
    return learn(render_clip(splice(film()[:75], film()[100:])), original()).mismatch_cost


def test_what_two_runs_show_is_divided_where_the_other_one_matches_better(match):
    before, after = Run(0.0, 4.0, TimeMap()), Run(3.6, 8.0, TimeMap(-1.0))

    assert rounded(share_out(match, [before, after])) == [(0.0, 3.0, 0.0), (4.0, 8.0, -1.0)]


def test_a_run_may_show_the_middle_of_what_another_one_shows(match):
    whole, middle = Run(0.0, 7.0, TimeMap()), Run(4.4, 6.0, TimeMap(-1.0))

    assert rounded(share_out(match, [whole, middle])) == [(0.0, 3.4, 0.0), (4.4, 6.0, -1.0), (5.0, 7.0, 0.0)]


def test_exact_differences_decide_between_runs_that_match_within_the_noise(match, monkeypatch):
    monkeypatch.setattr(sharing, "measure_run", lambda match, run: np.zeros(round(run.seconds * RATE), np.float32))
    right, wrong = Run(0.0, 3.0, TimeMap()), Run(5.0, 6.0, TimeMap(-4.0))

    assert share_out(match, [right, wrong]) == [right]


def test_exact_differences_outweigh_what_a_frame_seems_to_cost_on_the_right_map(match, monkeypatch):
    right, wrong = Run(0.0, 3.0, TimeMap()), Run(5.0, 6.0, TimeMap(-4.0))
    costs = {right.time_map: 0.3, wrong.time_map: 0.0}
    monkeypatch.setattr(
        sharing, "measure_run", lambda match, run: np.full(round(run.seconds * RATE), costs[run.time_map], np.float32)
    )

    assert share_out(match, [right, wrong]) == [right]


def test_a_run_that_matches_nowhere_better_shows_nothing(match):
    right, wrong = Run(0.0, 3.0, TimeMap()), Run(5.0, 6.0, TimeMap(-4.0))

    assert share_out(match, [right, wrong]) == [right]


@pytest.mark.parametrize("meeting", [2.88, 3.12])
def test_runs_meet_where_their_exact_differences_do(longer, meeting):
    settled = settle_meetings(longer, [Run(0.0, meeting, TimeMap()), Run(meeting, 7.0, TimeMap(1.0))])

    assert rounded(settled) == [(0.0, 3.0, 0.0), (3.0, 7.0, 1.0)]


def test_a_meeting_that_is_one_frame_off_stays(longer):
    runs = [Run(0.0, 2.96, TimeMap()), Run(2.96, 7.0, TimeMap(1.0))]

    assert settle_meetings(longer, runs) == runs


def test_a_meeting_leaves_to_other_runs_what_they_show(longer):
    runs = [Run(0.0, 2.6, TimeMap()), Run(2.6, 6.2, TimeMap(1.0)), Run(6.4, 6.8, TimeMap(-3.8))]

    assert settle_meetings(longer, runs) == runs


def test_a_run_without_room_after_it_may_still_end_earlier(longer):
    runs = [Run(0.0, 3.4, TimeMap()), Run(3.4, 6.2, TimeMap(1.0)), Run(6.4, 6.8, TimeMap(-3.0))]

    assert rounded(settle_meetings(longer, runs)) == [(0.0, 3.0, 0.0), (3.0, 6.2, 1.0), (6.4, 6.8, -3.0)]


RIGHT, WRONG = Run(0.0, 3.0, TimeMap()), Run(0.0, 3.0, TimeMap(0.4))
BOTH_HAVE = Run(4.0, 8.0, TimeMap(-1.0))


@pytest.mark.parametrize(
    ("runs", "others", "expected"),
    [
        ([RIGHT, BOTH_HAVE], [WRONG, BOTH_HAVE], True),
        ([WRONG, BOTH_HAVE], [RIGHT, BOTH_HAVE], False),
        ([RIGHT, BOTH_HAVE], [RIGHT, BOTH_HAVE], False),
        ([RIGHT, BOTH_HAVE], [BOTH_HAVE], False),
        ([Run(0.0, 2 / RATE, TimeMap())], [WRONG], False),
    ],
    ids=["right", "wrong", "the same", "none else", "two frames"],
)
def test_runs_are_more_exact_where_their_frames_differ_several_times_less(match, runs, others, expected):
    assert is_more_exact(match, runs, others) == expected
