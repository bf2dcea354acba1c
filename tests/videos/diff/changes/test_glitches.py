"""Changes of one or a few frames, in real footage of a calm room and of fast motion."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests import footage
from tests.videos.diff.edits import list_segments
from tests.videos.diff.fingerprints import sampled, scenery
from tests.videos.diff.mixed_footage import blend
from videos.diff.alignment.outline import MatchedPart
from videos.diff.alignment.time_map import TimeMap
from videos.diff.changes.glitches import find_glitches

RATE = 25
CALM, FAST = 60, 131  # frames


def film() -> footage.Frames:
    return np.concatenate([footage.pixels("carphone_pristine")[:80], footage.pixels("bikes")[:120]])


def add_flash(first: int, count: int, level: int) -> footage.Frames:
    frames = film()
    frames[first : first + count] = level
    return frames


def list_changed_spans(a: Path, b: Path) -> list[list[float]]:
    return [span for op, span, _ in list_segments(a, b) if op == "changed" and span]


@pytest.mark.parametrize("level", [5, 250])
@pytest.mark.parametrize("first", [CALM, FAST])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_flash_is_found_to_the_frame(count, first, level):
    found = list_changed_spans(footage.render_clip(film()), footage.render_clip(add_flash(first, count, level)))
    assert found == [[pytest.approx(first / RATE), pytest.approx((first + count) / RATE)]]


def convert_rate(frames: footage.Frames, rate: Fraction) -> footage.Frames:
    return frames[(np.arange(int(len(frames) / RATE * rate)) * RATE / float(rate) + 0.001).astype(int)]


def test_two_conversions_of_one_film_do_not_differ():
    rates = Fraction(24), Fraction(30000, 1001)
    bikes = footage.pixels("bikes")
    paths = [footage.render_clip(convert_rate(bikes, rate), rate=rate) for rate in rates]
    assert list_changed_spans(*paths) == []


def test_a_flash_is_found_in_a_copy_at_half_the_rate():
    slower = film()[::2]
    slower[30] = 250
    half = Fraction(RATE, 2)
    assert list_changed_spans(footage.render_clip(film()), footage.render_clip(slower, rate=half)) == [[2.4, 2.48]]


def test_a_flash_that_fills_a_frame_of_a_slower_copy_is_found():
    slower = footage.render_clip(film()[::2], rate=Fraction(RATE, 2))
    assert list_changed_spans(slower, footage.render_clip(add_flash(CALM, 2, 250))) == [[2.4, 2.48]]


def test_a_flash_that_a_slower_copy_lacks_is_found():
    slower = footage.render_clip(film()[::2], rate=Fraction(RATE, 2))
    assert list_changed_spans(slower, footage.render_clip(add_flash(CALM, 1, 250))) == [[2.4, 2.48]]


@pytest.mark.parametrize("count", [1, 3])
def test_a_frame_that_replaces_the_next_is_found(count):
    frames = film()
    frames[FAST : FAST + count] = frames[FAST - 1]
    found = list_changed_spans(footage.render_clip(film()), footage.render_clip(frames))
    assert found == [[pytest.approx(FAST / RATE), pytest.approx((FAST + count) / RATE)]]


def test_a_dropped_frame_and_its_repetition_at_a_constant_rate_are_no_difference():
    kept = np.setdiff1d(np.arange(200), [40, 90, 131, 170])
    filled = film()[np.repeat(kept, np.diff(np.append(kept, 200)))]
    lost = footage.render_clip(film()[kept], suffix=".mkv", times=tuple(kept / RATE))
    assert list_changed_spans(lost, footage.render_clip(filled)) == []


def test_a_blend_of_two_frames_is_no_glitch():
    frames = film()
    mixed = frames.copy()
    mixed[80] = frames[79:82:2].mean(axis=0).astype(np.uint8)  # at the cut
    assert list_changed_spans(footage.render_clip(frames), footage.render_clip(mixed)) == []


def test_each_of_several_glitches_is_found_at_its_frame():
    frames = film()
    frames[30, 40:90, 60:140] = 255
    frames[50:52, 90:] = 0
    frames[CALM] = frames[150]
    frames[FAST] = np.roll(frames[FAST], 90, axis=1)
    starts = [span[0] for span in list_changed_spans(footage.render_clip(film()), footage.render_clip(frames))]
    assert starts == [pytest.approx(frame / RATE) for frame in (30, 50, CALM, FAST)]


@pytest.mark.parametrize("is_other_side", [False, True])
def test_a_small_glitch_is_found_beside_larger_ones_that_repeat_a_frame(is_other_side):
    sides = [film(), film()]
    for first in (20, 45, 95, 170):
        sides[is_other_side][first : first + 2] = 0
    sides[1][FAST, 40:70, 60:95] = 255
    starts = [span[0] for span in list_changed_spans(*map(footage.render_clip, sides))]
    assert starts == [pytest.approx(frame / RATE) for frame in (20, 45, 95, FAST, 170)]


def test_a_small_glitch_is_found_in_calm_footage_of_which_a_copy_lacks_frames():
    frames = film()
    frames[CALM, 40:70, 60:95] = 255
    slower = convert_rate(film(), Fraction(20))
    found = list_changed_spans(footage.render_clip(frames), footage.render_clip(slower, rate=20))
    assert found == [[pytest.approx(CALM / RATE), pytest.approx((CALM + 1) / RATE)]]


@pytest.mark.parametrize("levels", [(0, 30), (255, 225, 195), (200, 255, 200), (0, 255)])
def test_a_flash_of_unequal_frames_is_one_glitch_in_fast_footage_of_which_a_copy_lacks_frames(levels):
    wide = np.kron(np.random.default_rng(4).integers(40, 160, (9, 60)), np.ones((4, 4)))
    film = np.stack([wide[:, 2 * step : 2 * step + 64] for step in range(80)]).astype(np.uint8)
    slower = film[np.arange(len(film)) % 11 != 10]
    film[46 : 46 + len(levels)] = np.array(levels)[:, None, None]
    part = MatchedPart((0.0, len(film) / RATE), (0.0, len(slower) / RATE), TimeMap(0.0, 10 / 11))
    assert [each.a for each in find_glitches(sampled(film), sampled(slower), part)] == [(46, 46 + len(levels))]


def test_the_last_frame_of_a_fast_shot_that_a_faster_copy_lacks_is_no_glitch():
    """But a flash in that shot is one."""
    still, after = scenery(1)[0] // 5, scenery(88, seed=5) // 3
    rise = np.stack([still + 40 * step for step in range(6)]).clip(0, 255)
    film = np.concatenate([np.repeat(still[None], 60, axis=0), rise, after]).astype(np.uint8)
    faster = film[np.arange(len(film)) % 11 != 10]  # without frame 65, the last of the rise
    part = MatchedPart((0.0, len(film) / RATE), (0.0, len(faster) / RATE), TimeMap(0.0, 10 / 11))
    assert find_glitches(sampled(film), sampled(faster), part) == []
    film[61] = 250
    assert [each.a for each in find_glitches(sampled(film), sampled(faster), part)] == [(61, 62)]


@pytest.mark.parametrize("rate", [24, 30, 50])
def test_a_white_box_is_found_at_another_frame_rate(rate):
    shown = film()[(np.arange(8 * rate) * 25 / rate + 1e-9).astype(int)]
    at = 2 * rate
    shown[at, 40:90, 60:140] = 255
    other = footage.render_clip(shown, rate=rate)
    for one, two, side in ((footage.render_clip(film()), other, 2), (other, footage.render_clip(film()), 1)):
        [changed] = [segment for segment in list_segments(one, two) if segment[0] == "changed"]
        assert changed[side] == [pytest.approx(at / rate, abs=0.006), pytest.approx((at + 1) / rate, abs=0.006)]


@pytest.mark.parametrize("converted", ["a", "b"])
@pytest.mark.parametrize("flashing", ["a", "b"])
def test_a_flash_is_found_beside_frames_that_mix_others(converted, flashing):
    frames, rates = {"a": film(), "b": film()}, {"a": 25, "b": 25}
    frames[converted], rates[converted] = blend(film(), 30 / 25), 30
    at = round(FAST / RATE * rates[flashing])
    frames[flashing][at] = 250
    a, b = (footage.render_clip(frames[side], rate=rates[side]) for side in ("a", "b"))
    found = list_changed_spans(a, b)
    assert len(found) == 1
    assert found[0][0] <= FAST / RATE + 0.03
    assert found[0][1] >= FAST / RATE
