"""Changes of one or a few frames, in real footage of a calm room and of fast motion."""

import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests import footage
from tests.videos.diff.edits import list_segments
from tests.videos.diff.mixed_footage import blend
from videos.diff.alignment.outline import MatchedPart
from videos.diff.alignment.time_map import TimeMap
from videos.diff.changes.glitches import find_repeated_frames
from videos.diff.sampling.descriptor import SampledVideo
from videos.fingerprint.decode_pass import run_decode_pass
from videos.fingerprint.format import Fingerprint, read_fingerprint

RATE = 25
CALM, FAST = 60, 131  # frames


def film() -> footage.Frames:
    return np.concatenate([footage.pixels("carphone_pristine")[:80], footage.pixels("bikes")[:120]])


def add_flash(first: int, count: int, level: int) -> footage.Frames:
    frames = film()
    frames[first : first + count] = level
    return frames


def convert_through_24_fps() -> footage.Frames:
    """Convert the film to 24 frames per second and back to 25, so that each twenty-fifth frame is repeated."""
    return film()[np.arange(200) * 24 // 25 * 25 // 24]


def read_video(path: Path) -> Fingerprint:
    with tempfile.TemporaryDirectory() as folder:
        run_decode_pass(str(path), folder, lambda share: None)
        return read_fingerprint(f"{folder}/fingerprint.bin")


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


def test_frames_that_repeat_regularly_are_no_edit():
    a, b = (SampledVideo(read_video(footage.render_clip(frames))) for frames in (film(), convert_through_24_fps()))
    whole = MatchedPart((0.0, 8.0), (0.0, 8.0), TimeMap(0.0))
    assert not len(find_repeated_frames(a, b, whole)[0])


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
