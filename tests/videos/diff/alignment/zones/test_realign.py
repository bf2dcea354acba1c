from pathlib import Path

import numpy as np
import pytest

from tests.footage import Frames, scene
from tests.videos.diff import edits
from tests.videos.diff.alignment.test_missed_runs import calibrated, learn, rounded
from tests.videos.diff.alignment.zones.test_offsets import lose_footage
from tests.videos.diff.edits import film, list_segments, original, other_footage, render_clip, script, splice
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones import realign
from videos.diff.alignment.zones.offsets import Rival
from videos.diff.alignment.zones.realign import realign_zones
from videos.diff.alignment.zones.suspects import PAD_SECONDS


def test_shots_that_a_run_has_swallowed_become_runs():
    swallowed = [Run(0.0, 8.0, TimeMap())]

    aligned = realign_zones(calibrated(0, 2, 1, 3, 4).mismatch_cost, swallowed)

    assert rounded(aligned) == [(0.0, 1.6, 0.0), (1.6, 3.2, 1.6), (3.2, 4.8, -1.6), (4.8, 8.0, 0.0)]


def test_a_short_piece_between_two_deletions_becomes_a_run():
    pieces = splice(film()[:60], film()[85:97], film()[140:])
    pair = learn(original(), render_clip(pieces))

    aligned = realign_zones(pair.mismatch_cost, [Run(0.0, 2.4, TimeMap()), Run(5.6, 8.0, TimeMap(-2.72))])

    assert [run.time_map.offset for run in aligned] == pytest.approx([0.0, -1.0, -2.72], abs=0.03)
    assert (aligned[1].start, aligned[1].end) == pytest.approx((3.4, 3.88), abs=0.09)


def test_runs_that_explain_everything_stay():
    known = [Run(0.0, 3.2, TimeMap()), Run(4.8, 8.0, TimeMap(-1.6))]

    assert realign_zones(calibrated(0, 1, 3, 4).mismatch_cost, known) == known


def test_what_a_run_shows_badly_is_free_to_another_zone():
    goes_on_too_long = [Run(0.0, 1.6, TimeMap()), Run(4.8, 8.0, TimeMap(-3.2))]

    aligned = realign_zones(calibrated(0, 3, 1).mismatch_cost, goes_on_too_long)

    assert rounded(aligned) == [(0.0, 1.6, 0.0), (1.6, 3.2, 1.6), (4.8, 6.4, -3.2)]


def test_a_zone_that_has_changed_is_aligned_again(monkeypatch):
    whole = [Run(0.0, 8.0, TimeMap())]
    halves = [Run(0.0, 4.0, TimeMap()), Run(4.0, 8.0, TimeMap(0.4))]
    thirds = [Run(0.0, 3.0, TimeMap()), Run(3.0, 5.0, TimeMap(1.0)), Run(5.0, 8.0, TimeMap(1.4))]
    answers, seen = [halves, None, thirds, None], []

    def align(match, runs, span, other_side):
        seen.append((span, runs))
        return answers[len(seen) - 1]

    monkeypatch.setattr(realign, "map_parallel", lambda work, items, tick: [work(item) for item in items])
    monkeypatch.setattr(realign, "find_zone_spans", lambda match, runs, suspects: [(0.0, 8.0), (8.0, 9.0)])
    monkeypatch.setattr(realign, "find_rivals", lambda match, runs, confirmed: [])
    monkeypatch.setattr(realign, "_align_zone", align)
    assert realign_zones(calibrated(0, 1, 3, 4).mismatch_cost, whole) == thirds
    assert seen == [((0.0, 8.0), whole), ((8.0, 9.0), whole), ((0.0, 8.0), halves), ((0.0, 8.0), thirds)]


def test_what_a_run_loses_to_another_one_is_aligned_again(monkeypatch):
    disputed = [Run(0.0, 4.0, TimeMap()), Run(4.0, 8.0, TimeMap(0.4))]
    settled = [Run(0.0, 3.0, TimeMap()), disputed[1]]
    seen = []

    def align(match, runs, span, other_side):
        seen.append((span, runs))

    monkeypatch.setattr(realign, "map_parallel", lambda work, items, tick: [work(item) for item in items])
    monkeypatch.setattr(realign, "find_zone_spans", lambda match, runs, suspects: [(2.0, 5.0), (6.0, 9.0)])
    monkeypatch.setattr(realign, "settle_disputes", lambda match, runs: settled)
    monkeypatch.setattr(realign, "find_rivals", lambda match, runs, confirmed: [])
    monkeypatch.setattr(realign, "_align_zone", align)

    assert realign_zones(calibrated(0, 1, 2, 3, 4).mismatch_cost, disputed) == settled
    assert seen == [((2.0, 5.0), disputed), ((6.0, 9.0), disputed), ((2.0, 5.0), settled)]


def test_a_rival_gets_a_zone_that_may_follow_it(monkeypatch):
    rival = Rival(Run(2.0, 4.0, TimeMap(0.4)), TimeMap())
    seen = []

    def align(match, runs, span, other_side):
        seen.append((span, other_side.rival_runs))

    monkeypatch.setattr(realign, "find_rivals", lambda match, runs, confirmed: [rival])
    monkeypatch.setattr(realign, "_align_zone", align)
    realign_zones(calibrated(0, 1, 2, 3, 4).mismatch_cost, [Run(0.0, 8.0, TimeMap())])

    assert seen == [(pytest.approx((2.0 - PAD_SECONDS, 4.0 + PAD_SECONDS)), [rival.run])] * 2


def test_a_run_that_goes_on_too_long_in_slow_footage_ends_where_the_other_one_begins():
    assert rounded(realign_zones(lose_footage(), [Run(0.8, 8.0, TimeMap(-0.6))])) == [(0.0, 3.2, 0.0), (3.8, 8.0, -0.6)]


def test_a_zone_grows_with_a_run_that_continues_beyond_it(monkeypatch):
    pair = learn(original(), render_clip(splice(film()[:100], film()[125:])))
    too_early = [Run(0.0, 2.0, TimeMap()), Run(5.0, 8.0, TimeMap(-1.0))]
    monkeypatch.setattr(realign, "find_zone_spans", lambda match, runs, suspects: [(1.4, 2.6)])

    assert rounded(realign_zones(pair.mismatch_cost, too_early)) == [(0.0, 4.0, 0.0), (5.0, 8.0, -1.0)]


def test_a_zone_that_grows_to_its_limit_keeps_what_lies_beyond_it(monkeypatch):
    pair = calibrated(0, 1, 3, 4)
    runs = [Run(0.0, 1.0, TimeMap()), Run(6.0, 8.0, TimeMap(-1.6))]
    monkeypatch.setattr(realign, "EXTENSION_SECONDS", 0.2)
    monkeypatch.setattr(realign, "find_zone_spans", lambda match, runs, suspects: [(0.5, 1.5)])

    aligned = realign_zones(pair.mismatch_cost, runs)

    assert rounded(aligned)[-1] == (6.0, 8.0, -1.6)
    assert aligned[0].end == pytest.approx(1.5 + realign.MAX_EXTENSIONS * 0.2, abs=0.05)


def test_footage_that_was_replaced_is_no_run():
    new = splice(film()[:80], other_footage(40), film()[120:])
    pair = learn(original(), render_clip(new))
    known = [Run(0.0, 3.2, TimeMap()), Run(4.8, 8.0, TimeMap())]

    assert realign_zones(pair.mismatch_cost, known) == known


def test_a_graded_shot_beside_a_deletion_stays_in_its_place():
    graded = (film()[40:80] * 0.6 + 60).astype(film().dtype)
    created = render_clip(splice(film()[:40], graded, film()[120:]))

    assert [op for op, *_ in list_segments(original(), created)] == ["equal", "changed", "deleted", "equal"]


def test_edits_that_touch_are_found_in_both_directions():
    new = splice(film()[:50], other_footage(20), film()[50:62], film()[90:])
    created = render_clip(new)

    there, back = list_segments(original(), created), list_segments(created, original())

    assert [op for op, *_ in there] == ["equal", "inserted", "equal", "deleted", "equal"]
    assert [op for op, *_ in back] == ["equal", "deleted", "equal", "inserted", "equal"]
    assert there[3][1] == pytest.approx([62 / edits.RATE, 90 / edits.RATE], abs=0.05)


def test_a_swap_of_two_shots_is_one_move():
    swapped = splice(film()[:40], film()[80:110], film()[40:80], film()[110:])
    segments = script(original(), render_clip(swapped))["segments"]

    assert [segment["op"] for segment in segments if segment["op"] != "equal"] == ["moved"]


def talk_beside_slide(every: int) -> Frames:
    """Return eight seconds of a slide that stands still, with a speaker in a corner, a scene of which is `every` th."""
    frames = np.repeat(other_footage(1, seed=7), 200, axis=0)
    speaker = scene(200, 3)[:, ::every, ::every]
    frames[:, -speaker.shape[1] :, -speaker.shape[2] :] = speaker
    return frames


def test_a_deletion_beside_which_only_a_small_speaker_moves_is_found_to_the_frame():
    talk = talk_beside_slide(every=16)
    whole, shorter = (render_clip(each) for each in (talk, np.delete(talk, slice(90, 105), 0)))

    assert list_differences(whole, shorter) == [("deleted", pytest.approx([3.6, 4.2], abs=0.05), None)]
    assert list_differences(shorter, whole) == [("inserted", None, pytest.approx([3.6, 4.2], abs=0.05))]


def test_what_is_beside_a_deletion_is_free_where_only_a_small_part_moves(monkeypatch):
    talk, seen = talk_beside_slide(every=8), []
    match = learn(render_clip(talk), render_clip(np.delete(talk, slice(80, 120), 0))).mismatch_cost
    runs = [Run(0.0, 3.2, TimeMap()), Run(4.8, 8.0, TimeMap(-1.6))]
    monkeypatch.setattr(realign, "_align_zone", lambda match, runs, span, other_side: seen.append(other_side.free))

    realign_zones(match, runs)
    monkeypatch.setattr(realign, "find_moving_part", lambda video, first, last: None)
    realign_zones(match, runs)

    assert seen == [[pytest.approx((2.6, 3.8))], []]


def test_a_title_that_comes_later_beside_a_speaker_is_no_move():
    early, late = talk_beside_slide(every=6), talk_beside_slide(every=6)
    early[50:80, 20:50, 40:140] = late[110:140, 20:50, 40:140] = (240, 220, 30)

    found = list_differences(render_clip(early), render_clip(late))

    assert [op for op, *_ in found] == ["changed", "changed"]
    assert found[0][1] == pytest.approx([2.0, 3.2], abs=0.05)
    assert found[1][1] == pytest.approx([4.4, 5.6], abs=0.05)


def list_differences(a: Path, b: Path) -> list[tuple]:
    return [each for each in list_segments(a, b) if each[0] != "equal"]


def test_a_graded_piece_between_two_deletions_becomes_a_run():
    graded = (film()[90:115] * 0.8 + 20).astype(film().dtype)
    match = learn(original(), render_clip(splice(film()[:60], graded, film()[140:]))).mismatch_cost

    aligned = realign_zones(match, [Run(0.0, 2.4, TimeMap()), Run(5.6, 8.0, TimeMap(-2.2))])

    assert [run.time_map.offset for run in aligned] == pytest.approx([0.0, -1.2, -2.2], abs=0.03)


def test_a_zone_may_follow_a_run_that_was_dropped(monkeypatch):
    dropped, seen = Run(2.0, 4.0, TimeMap(0.4)), []

    def align(match, runs, span, other_side):
        seen.append(other_side.rival_runs)

    monkeypatch.setattr(realign, "_align_zone", align)
    realign_zones(calibrated(0, 1, 3, 4).mismatch_cost, [Run(0.0, 8.0, TimeMap())], dropped=[dropped])

    assert seen
    assert all(dropped in rivals for rivals in seen)
