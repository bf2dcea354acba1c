import numpy as np
import pytest

from tests.videos.diff.alignment.zones.test_realign import talk_beside_slide
from tests.videos.diff.alignment.zones.test_suspects import drift
from tests.videos.diff.edits import original, render_clip, sample, splice
from videos.diff.alignment.offset_path import correct_offsets, find_offset_path, scale_costs, shift_runs
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run

SHIFTS = np.array([-0.4, -0.2, 0.0, 0.2, 0.4])
STEP = 0.2


def follow(*places: int, matching=None) -> list[int]:
    """Return the path over samples that match at these places of the shifts only."""
    costs = np.ones((len(places), len(SHIFTS)), np.float32)
    costs[np.arange(len(places)), places] = 0
    is_matching = np.ones(len(places), bool) if matching is None else np.array(matching)
    return find_offset_path(costs, is_matching, SHIFTS, STEP, start_cost=1.0).tolist()


def test_the_path_follows_an_offset_that_increases():
    assert follow(*[2] * 6, *[4] * 6) == [2] * 6 + [4] * 6


def test_an_offset_that_decreases_leaves_out_what_b_has_already_shown():
    path = follow(*[2] * 6, *[0] * 8)
    assert path in [[2] * kept + [-1] * 2 + [0] * (12 - kept) for kept in (4, 5, 6)]


def test_a_few_samples_do_not_change_the_offset():
    assert follow(*[2] * 6, 4, 4, *[2] * 6) == [2] * 14


def test_samples_that_match_nothing_are_left_out_for_free():
    costs = np.ones((14, len(SHIFTS)), np.float32)
    costs[:6, 2] = costs[8:, 0] = 0
    costs[6:8] = 0
    is_matching = ~np.isin(np.arange(14), (6, 7))
    assert find_offset_path(costs, is_matching, SHIFTS, STEP, 1.0).tolist() == [2] * 6 + [-1] * 2 + [0] * 6


def test_costs_are_relative_to_the_best_offset_around():
    squares = np.full((20, 3), 4.0, np.float32)
    squares[:, 1] = 2.0
    squares[10:, :] *= 3
    costs, is_matching = scale_costs(squares)
    assert is_matching.all()
    assert costs[:, 1].max() == 0
    assert costs[:, 0] == pytest.approx(0.5, abs=0.01)


def test_a_sample_that_matches_at_no_offset_decides_nothing():
    squares = np.full((20, 3), 1.0, np.float32)
    squares[:, 0] = 3.0
    squares[7] = 900.0, 800.0, 700.0
    costs, is_matching = scale_costs(squares)
    assert np.flatnonzero(~is_matching).tolist() == [7]
    assert costs[7].max() == 0
    assert costs[6, 0] > 0.5


@pytest.fixture(scope="module")
def slow():
    return sample(render_clip(drift()))


def test_a_run_over_a_cut_in_slow_footage_is_split(slow):
    shorter = sample(render_clip(splice(drift()[:80], drift()[95:])))

    before, after = correct_offsets(slow, shorter, [Run(0.0, 7.4, TimeMap())])

    assert (before.start, before.end, after.start, after.end) == pytest.approx((0.0, 3.2, 3.8, 7.4), abs=0.3)
    assert (before.time_map.offset, after.time_map.offset) == pytest.approx((0.0, -0.6), abs=0.09)


def test_a_run_over_an_insertion_in_slow_footage_is_split(slow):
    shorter = sample(render_clip(splice(drift()[:80], drift()[95:])))

    before, after = correct_offsets(shorter, slow, [Run(0.0, 7.4, TimeMap())])

    assert (before.end, after.start) == pytest.approx((3.2, 3.2), abs=0.3)
    assert (before.time_map.offset, after.time_map.offset) == pytest.approx((0.0, 0.6), abs=0.09)


def test_a_run_beside_its_place_is_shifted_to_it(slow):
    coarse = sample(render_clip(drift(), options={"crf": "28"}))

    [run] = correct_offsets(slow, coarse, [Run(1.0, 7.0, TimeMap(0.48))])

    assert (run.start, run.end) == (1.0, 7.0)
    assert run.time_map.offset == pytest.approx(0.0, abs=0.09)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_caption_does_not_hide_the_moment_that_a_small_speaker_tells(is_first):
    talk = talk_beside_slide(every=4)
    captioned = talk.copy()
    captioned[:, 20:50, 40:200] = 250, 240, 20
    pair = [sample(render_clip(each)) for each in ((captioned, talk) if is_first else (talk, captioned))]

    [run] = correct_offsets(*pair, [Run(1.0, 7.0, TimeMap(0.6))])

    assert (run.start, run.end) == (1.0, 7.0)
    assert run.time_map.offset == pytest.approx(0.0, abs=0.09)


def test_runs_that_match_stay_as_they_are():
    film = sample(original())
    runs = [Run(0.0, 3.0, TimeMap()), Run(3.0, 8.0, TimeMap())]
    assert correct_offsets(film, film, runs) == runs


def test_a_run_that_matches_nothing_nearby_stays(slow):
    film = sample(original())
    runs = [Run(0.5, 6.0, TimeMap(0.2))]
    assert [(run.start, run.end) for run in correct_offsets(slow, film, runs)] == [(0.5, 6.0)]


def test_a_run_is_shifted_as_a_whole_or_not_at_all(slow):
    shorter = sample(render_clip(splice(drift()[:80], drift()[95:])))
    beside, over_a_cut = Run(0.2, 3.0, TimeMap(0.48)), Run(0.0, 7.4, TimeMap())

    [shifted] = shift_runs(slow, shorter, [beside])

    assert (shifted.start, shifted.end) == (0.2, 3.0)
    assert shifted.time_map.offset == pytest.approx(0.0, abs=0.09)
    assert shift_runs(slow, shorter, [over_a_cut]) == [over_a_cut]


def test_runs_that_are_right_are_not_compared_again(slow):
    beside = Run(1.0, 7.0, TimeMap(0.48))
    coarse = sample(render_clip(drift(), options={"crf": "28"}))

    assert correct_offsets(slow, coarse, [beside], {beside}) == [beside]
    assert shift_runs(slow, coarse, [beside], {beside}) == [beside]


def test_a_run_that_matches_at_no_offset_is_not_shifted(slow):
    graded = drift().astype(float)
    graded[75:125] = graded[75:125] * 0.6 + 60 + 0.3 * np.arange(50)[:, None, None, None]
    runs = [Run(0.0, 3.0, TimeMap()), Run(3.0, 5.0, TimeMap(0.2)), Run(5.0, 8.0, TimeMap())]
    changed = sample(render_clip(graded.clip(0, 255).astype(drift().dtype)))

    assert shift_runs(slow, changed, runs) == runs
    assert correct_offsets(slow, changed, [runs[1]]) != [runs[1]]
