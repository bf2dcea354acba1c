import pytest

from tests.videos.diff.alignment.test_missed_runs import learn
from tests.videos.diff.alignment.zones.test_suspects import compare_drift, drift
from tests.videos.diff.edits import RATE, render_clip, splice
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones import offsets
from videos.diff.alignment.zones.offsets import find_rivals, refine_offset

FRAME = 1 / RATE


def lose_footage():
    """Return the cost of slow footage against a copy from which 0.6 s are missing from 3.2 on."""
    return learn(render_clip(drift()), render_clip(splice(drift()[:80], drift()[95:]))).mismatch_cost


@pytest.fixture(scope="module")
def shorter():
    return lose_footage()


def test_what_matches_more_exactly_at_another_offset_is_a_rival_of_its_run(shorter):
    known = TimeMap(-0.6)

    [rival] = find_rivals(shorter, [Run(0.8, 8.0, known)], set())

    assert rival.known == known
    assert rival.span == pytest.approx((0.8, 3.2), abs=0.3)
    assert rival.run.time_map.offset == pytest.approx(0.0, abs=1.5 * FRAME)


def test_a_run_on_its_own_map_has_no_rivals_and_is_confirmed(shorter):
    runs = [Run(0.0, 3.2, TimeMap()), Run(3.8, 8.0, TimeMap(-0.6))]
    confirmed: set[Run] = set()

    assert find_rivals(shorter, runs, confirmed) == []
    assert confirmed == set(runs)


def test_a_rival_that_is_too_long_for_a_zone_is_left_out(shorter, monkeypatch):
    monkeypatch.setattr(offsets, "MAX_RIVAL_SECONDS", 2.0)
    assert find_rivals(shorter, [Run(0.8, 8.0, TimeMap(-0.6))], set()) == []


def test_a_confirmed_run_is_not_compared(shorter):
    known = Run(0.8, 8.0, TimeMap(-0.6))
    assert find_rivals(shorter, [known], {known}) == []


def test_a_new_run_gets_the_offset_at_which_its_exact_differences_are_least():
    refined = refine_offset(compare_drift(), Run(2.0, 4.0, TimeMap(0.32)))

    assert (refined.start, refined.end) == (2.0, 4.0)
    assert refined.time_map.offset == pytest.approx(0.0, abs=1.5 * FRAME)


def test_a_run_at_its_own_offset_stays_as_it_is(shorter):
    run = Run(0.5, 2.5, TimeMap())
    assert refine_offset(shorter, run) is run


def test_a_graded_run_gets_the_offset_at_which_its_frames_match_without_their_grade():
    graded = drift().astype(float)
    graded[60:140] = graded[60:140] * 0.7 + 20
    match = learn(render_clip(drift()), render_clip(graded.astype(drift().dtype))).mismatch_cost

    refined = refine_offset(match, Run(2.6, 5.4, TimeMap(-0.4)))

    assert refined.time_map.offset == pytest.approx(0.0, abs=1.5 * FRAME)
