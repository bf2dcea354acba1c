import pytest

from tests.videos.diff import edits
from tests.videos.diff.alignment.test_missed_runs import calibrated, learn, rounded
from tests.videos.diff.edits import film, list_segments, original, other_footage, render_clip, script, splice
from videos.diff.alignment.realign import realign_zones
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run


def test_shots_that_a_run_has_swallowed_become_runs():
    swallowed = [Run(0.0, 8.0, TimeMap())]

    aligned = realign_zones(calibrated(0, 2, 1, 3, 4).mismatch_cost, swallowed)

    assert rounded(aligned) == [(0.0, 1.6, 0.0), (1.6, 3.2, 1.6), (3.2, 4.8, -1.6), (4.8, 8.0, 0.0)]


def test_a_short_piece_between_two_deletions_becomes_a_run():
    pieces = splice(film()[:60], film()[85:97], film()[140:])
    pair = learn(original(), render_clip("short-piece", pieces))

    aligned = realign_zones(pair.mismatch_cost, [Run(0.0, 2.4, TimeMap()), Run(5.6, 8.0, TimeMap(-2.72))])

    assert [run.time_map.offset for run in aligned] == pytest.approx([0.0, -1.0, -2.72], abs=0.03)
    assert (aligned[1].start, aligned[1].end) == pytest.approx((3.4, 3.88), abs=0.09)


def test_runs_that_explain_everything_stay():
    known = [Run(0.0, 3.2, TimeMap()), Run(4.8, 8.0, TimeMap(-1.6))]

    assert realign_zones(calibrated(0, 1, 3, 4).mismatch_cost, known) == known


def test_footage_that_was_replaced_is_no_run():
    new = splice(film()[:80], other_footage(40), film()[120:])
    pair = learn(original(), render_clip("replaced-middle", new))
    known = [Run(0.0, 3.2, TimeMap()), Run(4.8, 8.0, TimeMap())]

    assert realign_zones(pair.mismatch_cost, known) == known


def test_a_graded_shot_beside_a_deletion_stays_in_its_place():
    graded = (film()[40:80] * 0.6 + 60).astype(film().dtype)
    created = render_clip("graded-beside-cut", splice(film()[:40], graded, film()[120:]))

    assert [op for op, *_ in list_segments(original(), created)] == ["equal", "changed", "deleted", "equal"]


def test_edits_that_touch_are_found_in_both_directions():
    new = splice(film()[:50], other_footage(20), film()[50:62], film()[90:])
    created = render_clip("touching-edits", new)

    there, back = list_segments(original(), created), list_segments(created, original())

    assert [op for op, *_ in there] == ["equal", "inserted", "equal", "deleted", "equal"]
    assert [op for op, *_ in back] == ["equal", "deleted", "equal", "inserted", "equal"]
    assert there[3][1] == pytest.approx([62 / edits.RATE, 90 / edits.RATE], abs=0.05)


def test_a_swap_of_two_shots_is_one_move():
    swapped = splice(film()[:40], film()[80:110], film()[40:80], film()[110:])
    segments = script(original(), render_clip("swapped-shots", swapped))["segments"]

    assert [segment["op"] for segment in segments if segment["op"] != "equal"] == ["moved"]
