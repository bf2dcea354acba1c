import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.outline import MatchedPart
from videos.diff.changes.detection import find_changes
from videos.diff.changes.meter import ChangeMeter
from videos.diff.changes.score_maps import ScoreMap, compute_score_maps
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
