"""What lasts a frame or a few, in real footage of a calm room and of quick motion."""

import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import footage
from tests.videos.diff.versions import told
from videos.diff.descriptor import Sampled
from videos.diff.fingerprint import Fingerprint, read_fingerprint
from videos.diff.glitches import frozen
from videos.diff.ingest import ingest
from videos.diff.line import Line
from videos.diff.outline import Part

RATE = 25
CALM, QUICK = 60, 131  # frames


def film() -> footage.Frames:
    return np.concatenate([footage.pixels("carphone_pristine")[:80], footage.pixels("bikes")[:120]])


def shot(name: str, frames: footage.Frames, **how: Any) -> Path:
    return footage.clip(f"glitches-{name}", lambda: frames, **how)


def flashed(first: int, count: int, level: int) -> footage.Frames:
    frames = film()
    frames[first : first + count] = level
    return frames


def through_24() -> footage.Frames:
    """The film at 24 frames a second, made 25 again: every twenty-fifth frame is the last one once more."""
    return film()[np.arange(200) * 24 // 25 * 25 // 24]


def taken_in(path: Path) -> Fingerprint:
    with tempfile.TemporaryDirectory() as folder:
        ingest(str(path), folder, lambda share: None)
        return read_fingerprint(f"{folder}/fingerprint.bin")


def changed(a: Path, b: Path) -> list[list[float]]:
    return [span for op, span, _ in told(a, b) if op == "changed" and span]


@pytest.mark.parametrize("level", [5, 250])
@pytest.mark.parametrize("first", [CALM, QUICK])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_flash_is_found_to_the_frame(count, first, level):
    found = changed(shot("film", film()), shot(f"{count}-{first}-{level}", flashed(first, count, level)))
    assert found == [[pytest.approx(first / RATE), pytest.approx((first + count) / RATE)]]


def test_a_flash_is_found_in_a_copy_at_half_the_rate():
    slower = film()[::2]
    slower[30] = 250
    half = Fraction(RATE, 2)
    assert changed(shot("film", film()), shot("slower-flash", slower, rate=half)) == [[2.4, 2.48]]


def test_a_flash_that_fills_a_frame_of_a_slower_copy_is_found():
    slower = shot("slower", film()[::2], rate=Fraction(RATE, 2))
    assert changed(slower, shot("2-60-250", flashed(CALM, 2, 250))) == [[2.4, 2.48]]


def test_a_flash_that_may_have_fallen_between_two_frames_is_no_difference():
    slower = shot("slower", film()[::2], rate=Fraction(RATE, 2))
    assert changed(slower, shot("1-60-250", flashed(CALM, 1, 250))) == []


@pytest.mark.parametrize("count", [1, 3])
def test_a_frame_shown_again_in_place_of_the_next_is_found(count):
    frames = film()
    frames[QUICK : QUICK + count] = frames[QUICK - 1]
    found = changed(shot("film", film()), shot(f"frozen-{count}", frames))
    assert found == [[pytest.approx(QUICK / RATE), pytest.approx((QUICK + count) / RATE)]]


def test_frames_are_no_edit_where_many_are_shown_again():
    a, b = (Sampled(taken_in(shot(name, frames))) for name, frames in (("film", film()), ("24-as-25", through_24())))
    whole = Part("kept", (0.0, 8.0), (0.0, 8.0), Line(0.0))
    assert not len(frozen(a, b, whole)[0])


def test_a_frame_that_a_variable_rate_left_out_and_a_constant_one_repeats_is_no_difference():
    kept = np.setdiff1d(np.arange(200), [40, 90, 131, 170])
    filled = film()[np.repeat(kept, np.diff(np.append(kept, 200)))]
    lost = shot("lost", film()[kept], suffix=".mkv", times=tuple(kept / RATE))
    assert changed(lost, shot("filled", filled)) == []


def test_a_mix_of_two_frames_is_no_glitch():
    frames = film()
    mixed = frames.copy()
    mixed[80] = frames[79:82:2].mean(axis=0).astype(np.uint8)  # at the cut
    assert changed(shot("film", frames), shot("mixed", mixed)) == []
