"""Unusual pairs. Each gives a plausible script that covers both timelines."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import footage
from tests.videos.diff.edits import script
from tests.videos.diff.fingerprints import scenery, write_fingerprint
from tests.videos.diff.mixed_footage import blend, pull_down
from videos.diff.compare import compare

FILM = scenery(750)  # half a minute


def compare_arrays(
    folder: Path, a: np.ndarray, b: np.ndarray, rates: tuple[float, float] = (25.0, 25.0), **how: Any
) -> list[str]:
    """Check that the script covers both sides from start to end, and return the ops."""
    prints = [
        write_fingerprint(folder / name, luma, rate)
        for name, luma, rate in zip(("a.bin", "b.bin"), (a, b), rates, strict=True)
    ]
    script = compare(*prints, "nowhere", "nowhere", regions=False, **how)
    segments: Any = script["segments"]
    for side in "ab":
        spans = sorted(tuple(each[side]) for each in segments if each[side])
        assert spans[0][0] == 0.0
        assert spans[-1][1] == pytest.approx(script[f"duration_{side}"])
        assert all(before[1] == after[0] for before, after in pairwise(spans))
        assert all(start < end for start, end in spans)
    return [each["op"] for each in segments]


def test_nothing_in_common_is_one_replacement(tmp_path):
    assert compare_arrays(tmp_path, FILM, scenery(900, seed=9)) == ["changed"]


def test_two_recordings_of_one_room_have_nothing_in_common(tmp_path):
    room = scenery(1, seed=4).astype(int)
    takes = [(room + (scenery(600, seed=seed).astype(int) - 128) // 6).clip(0, 255).astype(np.uint8) for seed in (5, 6)]
    assert compare_arrays(tmp_path, *takes) == ["changed"]


@pytest.mark.parametrize("level", [0, 16, 128])
def test_a_side_of_one_colour_is_a_replacement(tmp_path, level):
    assert compare_arrays(tmp_path, FILM, np.full((500, 36, 64), level, np.uint8)) == ["changed"]


def test_a_side_that_is_a_still_of_the_other_has_few_segments(tmp_path):
    assert len(compare_arrays(tmp_path, FILM, np.repeat(FILM[300:301], 500, axis=0))) <= 3


def test_a_second_out_of_three_hours_is_found(tmp_path):
    hours = np.concatenate([scenery(400, seed=seed) for seed in range(27)])  # 10,800 frames, one per second
    short = np.repeat(hours[7003:7006], 25, axis=0)
    ops = compare_arrays(tmp_path, short, hours, (25.0, 1.0))
    assert ops.count("inserted") >= 1
    assert len(ops) <= 3


def test_an_unrelated_second_and_three_hours_are_one_replacement(tmp_path):
    hours = np.concatenate([scenery(400, seed=seed) for seed in range(27)])
    assert compare_arrays(tmp_path, scenery(25, seed=99), hours, (25.0, 1.0)) == ["changed"]


def test_a_time_lapse_equals_itself(tmp_path):
    lapse = scenery(3000)[::20]
    assert compare_arrays(tmp_path, lapse, lapse, (1.0, 1.0)) == ["equal"]


def test_a_cut_from_a_time_lapse_is_a_deletion(tmp_path):
    lapse = scenery(3000)[::20]
    assert compare_arrays(tmp_path, lapse, np.delete(lapse, slice(60, 80), 0), (1.0, 1.0)) == [
        "equal",
        "deleted",
        "equal",
    ]


def test_progress_is_reported_often_and_never_decreases(tmp_path):
    shares: list[float] = []
    compare_arrays(tmp_path, FILM, FILM, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert max(later - earlier for earlier, later in pairwise([0.0, *shares])) < 0.4


def test_the_progress_callback_may_stop_the_comparison(tmp_path):
    class Cancelled(Exception):
        pass

    def cancel(share: float) -> None:
        if share > 0.02:
            raise Cancelled

    with pytest.raises(Cancelled):
        compare_arrays(tmp_path, FILM, FILM, progress=cancel)


def test_an_interlaced_copy_of_fast_motion_is_no_difference():
    shots = footage.pixels("bikes", 320, 240)[::2]  # fifty per second, which doubles the speed
    shots = shots[: len(shots) // 2 * 2]
    woven = footage.cached("woven-bikes", lambda path: footage.interlaced(path, shots))
    mixed = shots[::2].copy()
    mixed[:, 1::2] = shots[1::2, 1::2]
    unmarked = footage.clip("woven-bikes-unmarked", lambda: mixed, rate=25)
    for name, frames, rate in (("50p", shots, 50), ("25p", shots[::2], 25)):
        original = footage.clip(f"bikes-{name}", lambda frames=frames: frames, rate=rate)
        assert [segment["op"] for segment in script(original, woven)["segments"]] == ["equal"]
        assert [segment["op"] for segment in script(original, unmarked)["segments"]] == ["equal"]


CONVERSIONS = {"pulldown": (pull_down, 15), "blend": (lambda frames: blend(frames, 13 / 12), 13)}


@pytest.mark.parametrize("name", CONVERSIONS)
def test_a_conversion_that_mixes_frames_of_fast_motion_is_no_difference(name):
    convert, rate = CONVERSIONS[name]
    original = footage.clip("mixed-bikes", bikes, rate=12)
    converted = footage.clip(f"mixed-bikes-{name}", lambda: convert(bikes()), rate=rate)
    assert [segment["op"] for segment in script(original, converted)["segments"]] == ["equal"]
    assert [segment["op"] for segment in script(converted, original)["segments"]] == ["equal"]


@pytest.mark.parametrize("name", CONVERSIONS)
def test_edits_are_found_beneath_a_conversion_that_mixes_frames(name):
    convert, rate = CONVERSIONS[name]
    frames = bikes().copy()
    frames[60:108, 20:60, 30:90] = (250, 230, 20)
    frames = np.delete(frames, slice(150, 186), 0)
    original = footage.clip("mixed-bikes", bikes, rate=12)
    converted = footage.clip(f"mixed-bikes-edited-{name}", lambda: convert(frames), rate=rate)
    found = [(each["op"], each["a"]) for each in script(original, converted)["segments"] if each["op"] != "equal"]
    assert found == [("changed", pytest.approx([5, 9], abs=0.1)), ("deleted", pytest.approx([12.5, 15.5], abs=0.1))]


def bikes() -> footage.Frames:
    return footage.pixels("bikes", 320, 180)[:248]
