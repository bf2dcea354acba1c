"""Groups of changed blocks that are one edit, or several that follow each other."""

import numpy as np
import pytest

from tests.videos.diff.edits import film, marked, original, other_footage, render_clip, script
from videos.diff.changes.splitting import split_by_likeness, split_group

LOGO = (slice(20, 50), slice(30, 90))


def blocks(*spans: tuple[int, slice, slice]) -> np.ndarray:
    """Return (bins, 9, 16) from numbers of bins and the rows and columns that differ in them."""
    pieces = []
    for count, rows, columns in spans:
        piece = np.zeros((count, 9, 16), bool)
        piece[:, rows, columns] = True
        pieces.append(piece)
    return np.concatenate(pieces)


def test_one_edit_is_not_split():
    assert split_group(blocks((20, slice(1, 3), slice(2, 5)))) == [(0, 20)]


def test_a_logo_and_a_change_of_the_whole_picture_are_two():
    whole = slice(None)
    group = blocks((8, slice(1, 3), slice(2, 5)), (12, whole, whole))
    assert split_group(group) == [(0, 8), (8, 20)]


def test_the_bin_in_which_one_edit_becomes_the_next_may_belong_to_both():
    group = blocks((8, slice(1, 3), slice(2, 5)), (12, slice(4, 9), slice(6, 14)))
    group[8] |= group[7]
    [first, second] = split_group(group)
    assert first[1] == second[0]
    assert first[1] in {8, 9}


def test_a_grade_that_is_followed_by_other_footage_is_two_edits():
    correlation = np.repeat([0.97, 0.1, 0.99], [20, 15, 12]).astype(np.float32)
    correlation[[0, 6, 28, -1]] = 0.5, 0.5, 0.9, 0.5  # single frames that say otherwise
    assert split_by_likeness(correlation, 10) == [(0, 20), (20, 35), (35, 47)]


@pytest.mark.parametrize("neighbour_first", [False, True])
def test_a_faint_grade_keeps_its_distance_beside_other_footage(neighbour_first):
    faint = film().copy()
    faint[85:100] = (faint[85:100] * 0.85 + 30).astype(faint.dtype)  # within one shot
    beside = faint.copy()
    beside[slice(60, 85) if neighbour_first else slice(100, 125)] = other_footage(25)
    graded_second = 3.7

    def find_changes(frames):
        segments = script(original(), render_clip(frames))["segments"]
        return [each for each in segments if each["op"] == "changed"]

    [alone] = find_changes(faint)
    both = find_changes(beside)
    [graded] = [each for each in both if each["a"][0] < graded_second < each["a"][1]]
    assert [each["kind"] for each in both] == (
        ["replaced", "regraded"] if neighbour_first else ["regraded", "replaced"]
    )
    assert graded["distance"] == pytest.approx(alone["distance"], abs=0.03)
    assert graded["a"] == pytest.approx([3.4, 4.0], abs=0.05)


def test_an_edit_that_resembles_the_original_now_and_then_is_one():
    drifting = np.linspace(0.95, 0.2, 40, dtype=np.float32)
    short = np.repeat([0.97, 0.1], [35, 5]).astype(np.float32)
    assert split_by_likeness(drifting[5:], 10) == [(0, 35)]
    assert split_by_likeness(short, 10) == [(0, 40)]


@pytest.mark.parametrize("speed", [0.25, 0.5, 1])
def test_a_moving_overlay_is_not_split(speed):
    group = np.zeros((20, 9, 16), bool)
    for at in range(20):
        start = min(12, int(at * speed))
        group[at, 2:5, start : start + 4] = True
    assert split_group(group) == [(0, 20)]


def test_a_logo_that_a_regraded_shot_follows_is_a_segment_of_its_own():
    frames = marked(slice(45, 75), LOGO)
    frames[75:110] = (film()[75:110] * 0.6).astype(np.uint8)
    found = script(original(), render_clip(frames))["segments"]
    logo, grade = ((each["a"], each["regions"]) for each in found if each["op"] == "changed")
    assert (logo[0], grade[0]) == ([1.8, 3.0], [3.0, 4.4])
    [region] = logo[1]
    assert region["width"] * 320 == pytest.approx(60, abs=12)
