"""Single frames of a change: its borders, cuts beside it, and its levels."""

from dataclasses import replace

import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.outline import MatchedPart
from videos.diff.changes.change import Change
from videos.diff.changes.meter import ChangeMeter
from videos.diff.changes.score_maps import ScoreMap
from videos.diff.noise.learning import learn_noise_model
from videos.diff.noise.scores import derive_thresholds

COUNT = 200
WHOLE = MatchedPart((0.0, COUNT / 25), (0.0, COUNT / 25))
CELLS = np.zeros((36, 64), bool)
CELLS[4:12, 8:20] = True
TIMES = np.arange(0.1, COUNT / 25, 0.2)
SCORES = ScoreMap(
    WHOLE,
    TIMES,
    np.zeros((len(TIMES), 36, 64), np.float16),
    np.zeros((len(TIMES), 6, 16), np.float32),
    np.zeros((len(TIMES), 4), np.float32),
    np.zeros(len(TIMES), bool),
)


def shots() -> np.ndarray:
    """Return luma (COUNT, 36, 64) with a cut at frame 100, second 4."""
    return np.concatenate([scenery(COUNT // 2), scenery(COUNT // 2, seed=9)])


def meter_of(before: np.ndarray, after: np.ndarray) -> ChangeMeter:
    a, b = sampled(before), sampled(after)
    frames = np.arange(COUNT)
    noise = learn_noise_model(a, b, frames, frames)
    limits = derive_thresholds(noise.compute_residual(a, b, frames[::3], frames[::3]))
    return ChangeMeter(a, b, noise, limits, False)


def brighter(frames: slice, cells: np.ndarray = CELLS, levels: int = 40) -> np.ndarray:
    changed = shots().astype(np.int16)
    changed[frames] += levels * cells
    return changed.clip(0, 255).astype(np.uint8)


def change_in(frames: slice, cells: np.ndarray = CELLS) -> Change:
    """Return a change in the bins that have these frames."""
    first, last = (int(np.searchsorted(TIMES, frame / 25)) for frame in (frames.start, frames.stop))
    return Change(SCORES, first, max(last, first + 1), cells, 3.0)


@pytest.mark.parametrize("frames", [slice(33, 71), slice(120, 161)])
def test_a_change_begins_and_ends_at_its_frames(frames):
    meter = meter_of(shots(), brighter(frames))
    assert meter.find_span(change_in(frames)) == pytest.approx((frames.start / 25, frames.stop / 25))


def test_a_change_may_be_shorter_than_its_bins():
    meter = meter_of(shots(), brighter(slice(33, 53)))
    assert meter.find_span(change_in(slice(28, 67))) == pytest.approx((33 / 25, 53 / 25))


def test_a_change_of_two_frames_has_just_these():
    meter = meter_of(shots(), brighter(slice(52, 54)))
    assert meter.find_span(change_in(slice(51, 55))) == pytest.approx((52 / 25, 54 / 25))


def test_the_levels_of_a_change_are_those_of_its_cells():
    meter = meter_of(shots(), brighter(slice(40, 80)))
    measured = meter.measure_levels(change_in(slice(45, 75)))
    assert measured.levels == pytest.approx(40, abs=4)
    assert not measured.foreign


def test_other_footage_is_foreign_and_a_grade_is_not():
    replaced = shots()
    replaced[40:80] = scenery(40, seed=30)
    graded = shots()
    graded[40:80] = graded[40:80] // 2 + 60
    everywhere = change_in(slice(45, 75), np.ones((36, 64), bool))
    assert meter_of(shots(), replaced).measure_levels(everywhere).foreign
    assert not meter_of(shots(), graded).measure_levels(everywhere).foreign


def test_a_cut_and_the_end_of_the_video_are_cuts():
    meter = meter_of(shots(), shots())
    assert [meter.is_cut(moment) for moment in (0.0, 2.0, 4.0, 6.0, 8.0)] == [True, False, True, False, True]


def test_a_shot_begins_within_a_quarter_of_a_second_of_a_cut():
    meter, change = meter_of(shots(), shots()), change_in(slice(60, 100))
    moments = (3.6, 3.8, 4.0, 4.2, 4.4)
    assert [meter.begins_shot(change, moment) for moment in moments] == [False, True, True, True, False]


@pytest.mark.parametrize(("strength", "is_by_shots"), [(1.4, True), (1.6, False)])
def test_weak_cells_that_differ_over_a_whole_shot_may_be_of_an_encoding(strength, is_by_shots):
    change = replace(change_in(slice(100, 200)), strength=strength)
    meter = meter_of(shots(), shots())
    assert meter.is_by_shots((4.0, 8.0), change) is is_by_shots
    assert not meter.is_by_shots((4.0, 6.0), change)
    assert not meter.is_by_shots((0.0, 8.0), change)


def test_a_faint_logo_over_a_video_without_cuts_is_not_of_its_encoding():
    still = np.repeat(scenery(1), COUNT, axis=0)
    change = replace(change_in(slice(0, 200)), strength=1.4)
    assert not meter_of(still, still).is_by_shots((0.0, 8.0), change)


def test_a_cut_is_as_near_from_both_sides():
    meter = meter_of(shots(), shots())
    assert [meter.find_cut(4 + by) for by in (-0.12, -0.1, 0.1, 0.12)] == [None, 100, 100, None]


def test_the_cut_at_a_border_and_the_shot_beyond_it_are_found():
    meter = meter_of(shots(), shots())
    assert [meter.find_cut(moment) for moment in (2.0, 3.96, 4.04)] == [None, 100, 100]
    assert meter.find_shot(40, 160, at_end=False) == (40, 100)
    assert meter.find_shot(40, 160, at_end=True) == (100, 160)
    assert meter.find_shot(110, 160, at_end=False) == (110, 160)


def test_a_shot_begins_where_both_sides_change_at_once_in_the_cells_of_a_change():
    still = np.repeat(scenery(1), COUNT, axis=0)
    texts = [still.copy() for _ in range(2)]
    for text in texts:
        text[60:, 4:12, 8:20] = 255 - text[60:, 4:12, 8:20]
    change = change_in(slice(60, 100))
    assert meter_of(*texts).begins_shot(change, 60 / 25)
    assert not meter_of(*texts).begins_shot(change, 120 / 25)
    assert not meter_of(still, texts[1]).begins_shot(change, 60 / 25)


def test_what_moves_through_the_cells_of_a_change_begins_no_shot():
    still = np.repeat(scenery(1), COUNT, axis=0)
    for frame in range(56, 64):  # a dark shape that enters and covers them within eight frames
        still[frame:, 4:12, 8 : 8 + round(1.5 * (frame - 55))] = 10
    assert not meter_of(still, still).begins_shot(change_in(slice(60, 100)), 60 / 25)


def test_a_slide_begins_a_shot_of_the_whole_picture_though_its_background_stays():
    slides = np.repeat(np.full((1, 36, 64), 200, np.uint8), COUNT, axis=0)
    slides[60:, 4:12, 8:28] = 140  # a text, 4 levels of the mean of the picture
    whole, text = (change_in(slice(60, 100), cells) for cells in (np.ones((36, 64), bool), CELLS))
    assert meter_of(slides, slides).begins_shot(whole, 60 / 25)
    assert meter_of(slides, slides).begins_shot(text, 60 / 25)
    assert not meter_of(slides, slides).begins_shot(whole, 120 / 25)


def test_a_grade_that_becomes_other_footage_is_two_edits():
    other = shots()
    other[30:60] = other[30:60] // 2 + 60
    other[60:90] = scenery(30, seed=30)
    whole = change_in(slice(30, 90), np.ones((36, 64), bool))
    (graded, first), (replaced, second) = meter_of(shots(), other).split_change((30 / 25, 90 / 25), whole)
    assert (graded, replaced) == (pytest.approx((30 / 25, 60 / 25)), pytest.approx((60 / 25, 90 / 25)))
    assert (first.foreign, second.foreign) == (False, True)


def test_a_change_of_a_part_of_the_picture_is_never_split():
    other = shots()
    other[60:90] = scenery(30, seed=30)
    part = change_in(slice(30, 90))
    assert meter_of(shots(), other).split_change((30 / 25, 90 / 25), part) == [((30 / 25, 90 / 25), part)]


def test_a_shot_begins_where_the_text_of_a_slide_changes():
    luma = np.full((COUNT, 36, 64), 230, np.uint8)
    luma[100:, 10:20:2, 8:40] = 60
    noise = np.random.default_rng(3).normal(0, 1, luma.shape)
    meter = meter_of(luma, (luma + noise).clip(0, 255).astype(np.uint8))
    text = np.zeros((36, 64), bool)
    text[8:22, 8:40] = True

    assert not meter.is_cut(4.0)
    assert meter.begins_shot(Change(SCORES, 0, 1, text, 1.0), 4.0)
    assert not meter.begins_shot(Change(SCORES, 0, 1, text, 1.0), 3.0)
    assert not meter.begins_shot(Change(SCORES, 0, 1, ~text, 1.0), 4.0)
