import numpy as np
import pytest

from tests.videos.diff.prints import sampled, scenery
from videos.diff.changes import Change, changes
from videos.diff.noise import learn
from videos.diff.outline import Part
from videos.diff.scores import thresholds
from videos.diff.spans import Surveyor, mark
from videos.diff.tracks import Track, tracks

WHOLE = Part("kept", (0.0, 8.0), (0.0, 8.0))
EVERY = np.arange(200)


def told(before: np.ndarray, after: np.ndarray) -> list[tuple]:
    """(start, end, count of changes) of each span that differs."""
    a, b = sampled(before), sampled(after)
    noise = learn(a, b, EVERY, EVERY)
    limits = thresholds(noise.residual(a, b, EVERY[::3], EVERY[::3]))
    found = changes(*tracks(a, b, noise, limits, [WHOLE], False))
    marked = mark(Surveyor(a, b, noise, limits, False), found)
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
    assert told(FILM, noisy(FILM, strength)) == []


def test_a_grade_of_the_whole_pair_is_its_own_usual():
    assert told(FILM, (FILM * 0.9 + 10).astype(np.uint8)) == []


def test_a_patch_is_found_to_the_frame():
    assert told(FILM, noisy(patched(FILM, slice(53, 111), *CORNER))) == [(2.12, 4.44, 1)]


def test_a_patch_from_the_first_to_the_last_frame_is_found():
    assert told(FILM, noisy(patched(FILM, slice(0, 200), *CORNER))) == [(0.0, 8.0, 1)]


def test_a_flash_is_as_long_as_it_is():
    white = FILM.copy()
    white[98:103] = 255
    assert told(FILM, white) == [(3.92, 4.12, 1)]


def test_a_short_pause_does_not_end_a_change():
    blinking = patched(patched(FILM, slice(50, 90), *CORNER), slice(94, 130), *CORNER)
    assert told(FILM, noisy(blinking)) == [(2.0, 5.2, 1)]


def test_two_patches_apart_are_two_changes():
    twice = patched(patched(FILM, slice(50, 100), *CORNER), slice(50, 100), slice(24, 32), slice(48, 60))
    assert told(FILM, noisy(twice)) == [(2.0, 4.0, 2)]


def test_borders_that_nearly_coincide_are_one():
    twice = patched(patched(FILM, slice(50, 100), *CORNER, by=90), slice(52, 103), slice(24, 32), slice(48, 60))
    assert len(told(FILM, noisy(twice))) == 1


def test_a_change_of_the_whole_frame_takes_in_what_else_changes_then():
    other = FILM.copy()
    other[50:100] = scenery(200, seed=9)[50:100]
    assert told(FILM, noisy(other)) == [(2.0, 4.0, 1)]


def test_a_part_shorter_than_a_bin_has_a_track():
    a = sampled(FILM[:2])
    part = Part("kept", (0.0, 0.08), (0.0, 0.08))
    noise = learn(a, a, np.arange(2), np.arange(2))
    [seen] = tracks(a, a, noise, thresholds(noise.residual(a, a, np.arange(2), np.arange(2))), [part], False)
    assert isinstance(seen, Track)
    assert changes(seen) == []


def test_changes_are_told_apart_by_which_they_are():
    scores = Track(Part("kept", (0.0, 2.0), (0.0, 2.0)), np.arange(10) / 5, np.zeros((10, 36, 64), np.float16))
    one, other = (Change(scores, 0, 5, np.zeros((36, 64), bool), 2.0) for _ in range(2))
    assert (one,) != (other,)
    assert (one,) == (one,)
