from dataclasses import replace

import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.outline import MatchedPart
from videos.diff.changes.components import Change, find_changes, group_changes, pool_blocks
from videos.diff.changes.meter import ChangeMeter
from videos.diff.changes.score_maps import EMPTY_SCORE_MAP, ScoreMap, compute_score_maps
from videos.diff.changes.spans import mark_spans
from videos.diff.changes.steps.whole_measures import learn_usual
from videos.diff.noise.learning import learn_noise_model
from videos.diff.noise.scores import derive_thresholds


def find_spans(before: np.ndarray, after: np.ndarray) -> list[tuple]:
    """Return (start, end, count of changes) of each span that differs."""
    a, b = sampled(before), sampled(after)
    frames, seconds = np.arange(len(before)), len(before) / 25
    noise = learn_noise_model(a, b, frames, frames)
    limits = derive_thresholds(noise.compute_residual(a, b, frames[::3], frames[::3]))
    whole = MatchedPart((0.0, seconds), (0.0, seconds))
    [score_map] = compute_score_maps(a, b, noise, limits, [whole], False)
    changes = find_changes(score_map, learn_usual([score_map.detail], [score_map.overall], [score_map.has_cut]))
    marked = mark_spans(ChangeMeter(a, b, noise, limits, False), changes)
    return [(round(each.span[0], 2), round(each.span[1], 2), len(each.changes)) for each in marked]


def noisy(luma: np.ndarray, strength: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(3)
    return (luma + rng.normal(0, strength, luma.shape)).clip(0, 255).astype(np.uint8)


def patched(luma: np.ndarray, frames: slice, rows: slice, columns: slice, by: int = 60) -> np.ndarray:
    other = luma.astype(int)
    other[frames, rows, columns] += np.where(other[frames, rows, columns] > 128, -by, by)
    return other.astype(np.uint8)


FILM = scenery(200)
CORNER = (slice(2, 8), slice(3, 12))


@pytest.mark.parametrize("strength", [0, 1, 3, 6])
def test_noise_alone_is_no_change(strength):
    assert find_spans(FILM, noisy(FILM, strength)) == []


def test_a_grade_of_the_whole_pair_is_no_change():
    assert find_spans(FILM, (FILM * 0.9 + 10).astype(np.uint8)) == []


def test_a_patch_is_found_to_the_frame():
    assert find_spans(FILM, noisy(patched(FILM, slice(53, 111), *CORNER))) == [(2.12, 4.44, 1)]


def test_a_patch_from_the_first_to_the_last_frame_is_found():
    assert find_spans(FILM, noisy(patched(FILM, slice(0, 200), *CORNER))) == [(0.0, 8.0, 1)]


@pytest.mark.parametrize("levels", [-7, 7])
def test_a_slight_change_of_brightness_of_the_whole_picture_is_found_to_the_frame(levels):
    before = scenery(600)
    after = before.astype(np.int16)
    after[63:118] += levels
    [(start, end, count)] = find_spans(noisy(before), noisy(after))
    assert (start, end, count) == (pytest.approx(63 / 25), pytest.approx(118 / 25), 1)


def test_a_flash_is_found_to_the_frame():
    white = FILM.copy()
    white[98:103] = 255
    assert find_spans(FILM, white) == [(3.92, 4.12, 1)]


def test_a_short_pause_does_not_end_a_change():
    blinking = patched(patched(FILM, slice(50, 90), *CORNER), slice(94, 130), *CORNER)
    assert find_spans(FILM, noisy(blinking)) == [(2.0, 5.2, 1)]


def test_two_patches_apart_are_two_changes():
    twice = patched(patched(FILM, slice(50, 100), *CORNER), slice(50, 100), slice(24, 32), slice(48, 60))
    assert find_spans(FILM, noisy(twice)) == [(2.0, 4.0, 2)]


def test_boundaries_that_nearly_coincide_become_one():
    twice = patched(patched(FILM, slice(50, 100), *CORNER, by=90), slice(52, 103), slice(24, 32), slice(48, 60))
    assert len(find_spans(FILM, noisy(twice))) == 1


def test_a_change_of_the_whole_frame_absorbs_other_changes_of_its_time():
    other = FILM.copy()
    other[50:100] = scenery(200, seed=9)[50:100]
    assert find_spans(FILM, noisy(other)) == [(2.0, 4.0, 1)]


def test_a_part_shorter_than_a_bin_has_a_score_map():
    a = sampled(FILM[:2])
    part = MatchedPart((0.0, 0.08), (0.0, 0.08))
    noise = learn_noise_model(a, a, np.arange(2), np.arange(2))
    limits = derive_thresholds(noise.compute_residual(a, a, np.arange(2), np.arange(2)))
    [score_map] = compute_score_maps(a, a, noise, limits, [part], False)
    assert isinstance(score_map, ScoreMap)
    assert find_changes(score_map, learn_usual([score_map.detail], [score_map.overall], [score_map.has_cut])) == []


@pytest.mark.parametrize("core", [1.3, 3.0])
@pytest.mark.parametrize(("bright", "bins"), [(1, 1), (20, 40)])
def test_cells_over_the_threshold_for_a_moment_are_no_change_of_weaker_ones_around_it(bright, bins, core):
    score = np.full((200, 36, 64), 0.1, np.float16)
    score[10:50, 4:8, 8:16] = 0.7
    score[20 : 20 + bright, 4:8, 8:16] = core
    score_map = replace(EMPTY_SCORE_MAP, times=np.arange(200) / 5 + 0.1, score=score)
    [found] = group_changes(score_map, pool_blocks(score_map), 1.0)
    assert found.last - found.first == bins


def test_changes_are_compared_by_identity():
    one, other = (Change(EMPTY_SCORE_MAP, 0, 5, np.zeros((36, 64), bool), 2.0) for _ in range(2))
    assert (one,) != (other,)
    assert (one,) == (one,)


def meter_of(luma):
    a, b = sampled(luma), sampled(noisy(luma))
    frames = np.arange(len(luma))
    noise = learn_noise_model(a, b, frames, frames)
    limits = derive_thresholds(noise.compute_residual(a, b, frames[::3], frames[::3]))
    return ChangeMeter(a, b, noise, limits, False)


def test_a_shot_begins_where_the_text_of_a_slide_changes():
    slide = np.full((36, 64), 230)
    luma = np.repeat(slide[None], 200, axis=0)
    luma[100:, 10:20:2, 8:40] = 60
    meter = meter_of(luma.astype(np.uint8))
    text = np.zeros((36, 64), bool)
    text[8:22, 8:40] = True
    score_map = EMPTY_SCORE_MAP

    assert not meter.is_cut(4.0)
    assert meter.begins_shot(Change(score_map, 0, 1, text, 1.0), 4.0)
    assert not meter.begins_shot(Change(score_map, 0, 1, text, 1.0), 3.0)
    assert not meter.begins_shot(Change(score_map, 0, 1, ~text, 1.0), 4.0)


def find_in_detail(detail: np.ndarray, cuts: tuple[int, ...] = (), replaced: slice = slice(0)) -> list[Change]:
    """Return the changes of a part whose detail (bins, 6, 16) differs, with cuts and other footage in these bins."""
    bins = len(detail)
    has_cut = np.isin(np.arange(bins), cuts)
    part, times = MatchedPart((0.0, bins / 5), (0.0, bins / 5)), np.arange(bins) / 5 + 0.1
    equal, overall = np.zeros((bins, 36, 64), np.float16), np.zeros((bins, 4), np.float32)
    equal[replaced] = 4
    scores = ScoreMap(part, times, equal, detail, overall, has_cut)
    return find_changes(scores, learn_usual([scores.detail], [scores.overall], [scores.has_cut]))


def test_a_faint_change_of_the_detail_within_shots_is_found():
    """A longer shot with less detail differs as much as the edit, but begins and ends with a cut."""
    detail = np.random.default_rng(5).normal(0, 0.02, (120, 6, 16)).astype(np.float32)
    detail[60:90] -= 0.18
    detail[10:22] -= 0.18

    found = find_in_detail(detail, cuts=(30, 60, 90))

    assert [(change.first, change.last, change.step.measure) for change in found if not change.is_weak] == [
        (10, 22, "detail")
    ]


def test_a_place_with_most_of_the_detail_is_no_change_of_the_whole_picture():
    detail = np.random.default_rng(5).normal(0, 0.01, (120, 6, 16)).astype(np.float32)
    detail[40:60, 2:5, 4:8] -= 2

    [place] = find_in_detail(detail)

    assert (place.first, place.last) == (40, 60)
    assert place.area == pytest.approx(12 / 96)


def test_other_footage_is_no_border_of_a_softer_shot_beside_it():
    detail = np.random.default_rng(5).normal(0, 0.02, (120, 6, 16)).astype(np.float32)
    detail[30:50] += 1.2
    detail[50:75] += 0.19

    found = find_in_detail(detail, cuts=(50, 75), replaced=slice(30, 50))

    assert not any(change.first < 48 and change.last > 52 for change in found)
