import numpy as np
import pytest

from tests.videos.diff.alignment.zones.test_realign import talk_beside_slide
from tests.videos.diff.alignment.zones.test_suspects import drift
from tests.videos.diff.edits import original, render_clip, sample, splice
from videos.diff.alignment.offset_correction import correct_offsets, shift_runs
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run


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


@pytest.mark.parametrize("start", [1.0, 2.4, 5.2])
def test_all_frames_of_a_short_run_tell_its_offset_where_only_a_small_speaker_moves(start):
    talk = talk_beside_slide(every=16)
    coarse = sample(render_clip(talk, options={"crf": "32"}))

    [run] = shift_runs(sample(render_clip(talk)), coarse, [Run(start, start + 0.6, TimeMap(0.12))])

    assert (run.start, run.end) == (start, start + 0.6)
    assert run.time_map.offset == pytest.approx(0.0, abs=0.05)


def test_runs_that_are_right_are_not_compared_again(slow):
    beside = Run(1.0, 7.0, TimeMap(0.48))
    coarse = sample(render_clip(drift(), options={"crf": "28"}))

    assert correct_offsets(slow, coarse, [beside], {beside}) == [beside]
    assert shift_runs(slow, coarse, [beside], {beside}) == [beside]


def test_a_run_that_matches_at_no_offset_is_not_shifted(slow):
    graded = drift().astype(float)
    graded[75:140] = graded[75:140] * 0.6 + 60 + 0.3 * np.arange(65)[:, None, None, None]
    runs = [Run(0.0, 3.0, TimeMap()), Run(3.0, 5.6, TimeMap(0.2)), Run(5.6, 8.0, TimeMap())]
    changed = sample(render_clip(graded.clip(0, 255).astype(drift().dtype)))

    assert shift_runs(slow, changed, runs) == runs
    assert correct_offsets(slow, changed, [runs[1]]) != [runs[1]]


@pytest.mark.parametrize("shift", [0.12, 0.6, 1.0])
def test_a_small_speaker_under_a_grade_tells_no_offset(shift):
    talk = talk_beside_slide(every=4)
    graded = talk.astype(float)
    graded[75:115] = graded[75:115] * 0.6 + 70
    runs = [Run(0.0, 3.0, TimeMap()), Run(3.0, 4.6, TimeMap(shift)), Run(4.6, 8.0, TimeMap())]

    assert shift_runs(sample(render_clip(talk)), sample(render_clip(graded.astype(talk.dtype))), runs) == runs
