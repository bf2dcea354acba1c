"""Single frames that one side dropped, doubled or swapped, in synthetic footage and in files."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests import footage
from tests.videos.diff.edits import script
from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.outline import MatchedPart, OneSidedPart
from videos.diff.alignment.single_frames.settle import settle_frame_steps
from videos.diff.alignment.time_map import TimeMap
from videos.diff.script import wording

RATE = 25
FILM = scenery(200)


def noisy(luma: np.ndarray, seed: int = 3, levels: float = 1.0) -> np.ndarray:
    return (luma + np.random.default_rng(seed).normal(0, levels, luma.shape)).clip(0, 255).astype(np.uint8)


def settle(
    before: np.ndarray, after: np.ndarray, rate: float = RATE, time_map: TimeMap | None = None, noise: float = 1.0
) -> list:
    """Return the parts for two videos of which one part over all was known."""
    a, b = sampled(before), sampled(noisy(after, levels=noise), rate)
    whole = MatchedPart((0.0, a.fingerprint.duration), (0.0, b.fingerprint.duration), time_map or TimeMap())
    return settle_frame_steps(a, b, [whole])


def list_events(parts: list) -> list[tuple[str, int, int | None]]:
    """Return (side or moved, frame, frame of B) of each part that is not kept."""
    events = []
    for part in parts:
        if isinstance(part, OneSidedPart):
            assert part.span[1] - part.span[0] == pytest.approx(1 / RATE)
            events.append((part.side, round(part.span[0] * RATE), None))
        elif part.kind == "moved":
            events.append(("moved", round(part.a[0] * RATE), round(part.b[0] * RATE)))
    return events


def list_titles(one: Path, other: Path) -> list[str]:
    return [wording.title(row) for row in script(one, other)["segments"] if row["op"] != "equal"]


def test_a_dropped_frame_is_missing_in_b():
    assert list_events(settle(FILM, np.delete(FILM, 90, 0))) == [("a", 90, None)]


def test_a_doubled_frame_is_additional_in_b():
    [(side, frame, _)] = list_events(settle(FILM, np.insert(FILM, 90, FILM[90], 0)))
    assert side == "b"
    assert frame in {90, 91}


def test_two_swapped_frames_are_one_move():
    order = np.arange(200)
    order[[90, 91]] = 91, 90
    assert list_events(settle(FILM, FILM[order])) == [("moved", 90, 91)]


def test_two_swapped_frames_of_a_small_part_that_moves_are_one_move():
    speaker = np.repeat(FILM[:1], 200, 0)
    speaker[:, 8:22, 16:30] = FILM[:, 8:22, 16:30]
    order = np.arange(200)
    order[[90, 91]] = 91, 90
    assert list_events(settle(speaker, speaker[order], noise=0.5)) == [("moved", 90, 91)]
    assert list_events(settle(speaker, speaker, noise=0.5)) == []


def test_several_events_are_found_and_the_parts_cover_both_sides():
    order = np.delete(np.insert(np.arange(200), 150, 150), 40)
    order[[99, 100]] = order[[100, 99]]
    parts = settle(FILM, FILM[order])
    assert [side for side, *_ in list_events(parts)] == ["a", "moved", "b"]
    for side in "ab":
        spans = [
            part.span if isinstance(part, OneSidedPart) else getattr(part, side)
            for part in parts
            if not isinstance(part, OneSidedPart) or part.side == side
        ]
        ends = sorted(spans)
        assert all(one[1] == pytest.approx(other[0]) for one, other in pairwise(ends))


def test_steps_explain_a_slightly_different_speed_better():
    order = np.sort(np.append(np.arange(200), [60, 130]))
    time_map = TimeMap(0.0, 202 / 200)
    assert [side for side, *_ in list_events(settle(FILM, FILM[order], time_map=time_map))] == ["b", "b"]


def test_a_dropped_frame_of_a_still_picture_is_not_reported():
    still = np.repeat(FILM[:1], 200, 0)
    assert list_events(settle(noisy(still, 5), still[:199])) == []


@pytest.mark.parametrize(("share", "is_lag"), [(0.3, True), (1.0, False)])
def test_slow_footage_that_lags_behind_from_a_still_picture_to_a_cut_has_lost_no_frames(share, is_lag):
    still = np.repeat(FILM[50:51], 40, 0)
    moving = (still + share * (FILM[51:91] - still.astype(float))).round().astype(np.uint8)
    before = np.concatenate([FILM[:50], still, moving, FILM[130:190]])
    order = np.arange(len(before))
    order[90:130] -= 1
    assert (list_events(settle(before, before[order])) == []) is is_lag


def test_a_re_encode_has_no_events():
    assert list_events(settle(FILM, FILM)) == []


def test_frames_that_are_dropped_and_doubled_regularly_are_a_conversion():
    assert list_events(settle(FILM, FILM[np.arange(200) * 24 // 25 * 25 // 24])) == []


def test_another_frame_rate_has_no_events():
    at = (np.arange(240) * 25 / 30).astype(int)
    assert list_events(settle(FILM, FILM[at], rate=30)) == []


def test_dropped_doubled_and_swapped_frames_of_files_are_found_and_counted_in_both_directions():
    shot = footage.pixels("bikes")[:200]
    order = [*range(60), *range(62, 120), 120, 120, *range(121, 170), 171, 170, *range(172, 200)]
    one = footage.clip("frame-steps", lambda: shot, rate=Fraction(RATE))
    other = footage.clip("frame-steps-edited-2", lambda: shot[order], rate=Fraction(RATE))
    assert list_titles(one, other) == [
        "2 frames dropped, 0.08 s",
        "1 frame doubled, 0.04 s",
        "1 frame moved, 0.04 s",
    ]
    assert sorted(list_titles(other, one)) == [
        "1 frame dropped, 0.04 s",
        "1 frame moved, 0.04 s",
        "2 frames inserted, 0.08 s",
    ]
