from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.benchmarks.generated.cases import case
from tests.videos.diff import edits
from videos.diff.alignment.missed_runs import SearchedRuns, note_repeats, search_other_side
from videos.diff.alignment.outline import MatchedPart, OneSidedPart
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.script.rethreshold import rethreshold
from videos.diff.stages import MonotonicProgress, align_pair, calibrate

SHOT = 40  # frames of each shot of the film, 1.6 seconds


def shots(*numbers):
    return edits.splice(*(edits.film()[SHOT * number : SHOT * (number + 1)] for number in numbers))


@cache
def calibrated(*numbers):
    """Return what the engine knows of the film and a clip of these of its shots."""
    return learn(edits.original(), edits.render_clip(shots(*numbers)))


def learn(*paths):
    a, b = (edits.sample(path) for path in paths)
    return calibrate(align_pair(a, b, MonotonicProgress(lambda share: None)))


def search(pair, runs):
    return search_other_side(pair.mismatch_cost, pair.limits, runs)


def rounded(runs):
    return [(round(run.start, 1), round(run.end, 1), round(run.time_map.offset, 1)) for run in runs]


def test_a_moved_shot_that_the_alignment_missed_is_found():
    kept = [Run(0.0, 1.6, TimeMap()), Run(3.2, 6.4, TimeMap(-1.6)), Run(6.4, 8.0, TimeMap())]

    searched = search(calibrated(0, 2, 3, 1, 4), kept)

    assert rounded(searched.runs) == [(0.0, 1.6, 0.0), (1.6, 3.2, 3.2), (3.2, 6.4, -1.6), (6.4, 8.0, 0.0)]


def test_a_wrong_run_gives_way_to_an_exact_one():
    wrong = [Run(0.0, 3.2, TimeMap()), Run(3.2, 6.4, TimeMap(-1.6)), Run(6.4, 8.0, TimeMap())]

    searched = search(calibrated(0, 2, 3, 1, 4), wrong)

    assert (1.6, 3.2, 3.2) in rounded(searched.runs)
    assert not any(run.start < 2.4 < run.end and abs(run.time_map.offset) < 1 for run in searched.runs)


def test_complete_runs_stay_as_they_are():
    complete = [Run(0.0, 8.0, TimeMap())]

    searched = search(calibrated(0, 1, 2, 3, 4), complete)

    assert (searched.runs, searched.repeats) == (complete, [])


def test_footage_that_the_other_side_lacks_is_not_found():
    kept = [Run(0.0, 1.6, TimeMap()), Run(3.2, 8.0, TimeMap(-1.6))]

    searched = search(calibrated(0, 2, 3, 4), kept)

    assert (searched.runs, searched.repeats) == (kept, [])


@pytest.mark.parametrize("side", ["a", "b"])
def test_a_one_sided_part_knows_where_the_other_side_shows_it(side):
    part = OneSidedPart(side, (10.0, 12.0))
    repeat = Run(10.5, 12.0, TimeMap(20.0)) if side == "a" else Run(30.5, 32.0, TimeMap(-20.0))

    [noted, other] = note_repeats([part, MatchedPart((0.0, 1.0), (0.0, 1.0))], [repeat])

    assert noted == replace(part, also_at=30.5)
    assert isinstance(other, MatchedPart)


def test_a_short_repeat_does_not_count():
    part = OneSidedPart("a", (10.0, 13.0))

    assert note_repeats([part], [Run(10.0, 11.0, TimeMap(20.0))]) == [part]


def test_a_deleted_repeat_is_not_called_absent():
    twice = edits.render_clip(shots(0, 1, 2, 1, 3, 4))
    once = edits.render_clip(shots(0, 2, 1, 3, 4))

    segments = edits.script(twice, once)["segments"]

    [deleted] = [segment for segment in segments if segment["op"] == "deleted"]
    assert deleted["a"] == pytest.approx([1.6, 3.2], abs=0.05)
    assert deleted["also_at"] == pytest.approx(3.2, abs=0.1)


def test_black_that_was_removed_and_added_elsewhere_has_not_moved():
    black = np.zeros_like(shots(0))
    paths = [
        edits.render_clip(edits.splice(shots(0), black, shots(1, 2, 3))),
        edits.render_clip(edits.splice(shots(0, 1, 2), black, shots(3))),
    ]
    kept = [Run(0.0, 1.6, TimeMap()), Run(3.2, 6.4, TimeMap(-1.6)), Run(6.4, 8.0, TimeMap())]

    searched = search(learn(*paths), kept)

    assert (searched.runs, searched.repeats) == (kept, [])


def test_a_moved_piece_of_slow_footage_is_not_called_deleted():
    """A logo, a deletion and a move of two seconds lie close together in slides, most of which never change."""
    recut = case("slides-1", "recut", 2)

    shown = rethreshold(edits.stored(recut.a, recut.b))

    found = {segment["op"]: segment["a"] or segment["b"] for segment in shown["segments"] if segment["op"] != "equal"}
    truth = {segment.op: segment.a for segment in recut.truth}
    assert set(found) == {"changed", "deleted", "moved"}
    for op, span in found.items():
        assert span == pytest.approx(truth[op], abs=0.25)


@pytest.mark.parametrize("is_swapped", [False, True])
def test_a_shot_that_was_moved_over_another_is_found_in_both_directions(is_swapped):
    before = edits.original()
    after = edits.render_clip(shots(0, 4, 2, 3))

    segments = edits.script(*((after, before) if is_swapped else (before, after)))["segments"]

    [moved] = [segment for segment in segments if segment["op"] == "moved"]
    assert moved["b" if is_swapped else "a"] == pytest.approx([6.4, 8.0], abs=0.1)
    assert moved["a" if is_swapped else "b"] == pytest.approx([1.6, 3.2], abs=0.1)


def test_settled_boundaries_that_lose_most_of_a_run_that_was_found_are_not_taken():
    found = Run(2.0, 4.0, TimeMap(2.0))
    runs = [Run(0.0, 2.0, TimeMap()), found, Run(6.0, 8.0, TimeMap(2.0))]
    searched = SearchedRuns(runs, [], [found])
    lost = [Run(0.0, 4.4, TimeMap()), Run(6.0, 8.0, TimeMap(2.0))]
    kept = [Run(0.0, 2.1, TimeMap()), Run(2.1, 4.0, TimeMap(2.0)), Run(6.0, 8.0, TimeMap(2.0))]
    assert searched.choose(lost) == runs
    assert searched.choose(kept) == kept
