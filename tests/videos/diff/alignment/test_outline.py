from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.videos.diff.fingerprints import fingerprint, scenery
from videos.diff.alignment.outline import OneSidedPart, Part, ReplacedPart, outline_script
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run

A, B = fingerprint(scenery(250)), fingerprint(scenery(300), 30.0)  # ten seconds each


def describe(part: Part) -> tuple:
    """Return (kind, span of A, span of B)."""
    if isinstance(part, OneSidedPart):
        return ("deleted", part.span, None) if part.side == "a" else ("inserted", None, part.span)
    return ("replaced" if isinstance(part, ReplacedPart) else part.kind, part.a, part.b)


def parts(*runs: Run) -> list[tuple]:
    return [describe(part) for part in outline_script(A, B, list(runs))]


def test_unrelated_videos_are_one_replacement():
    assert parts() == [("replaced", (0.0, 10.0), (0.0, 10.0))]


def test_equal_videos_are_one_kept_part():
    assert parts(Run(0, 10, TimeMap(0))) == [("kept", (0.0, 10.0), (0.0, 10.0))]


def test_a_gap_on_one_side_is_an_insertion_or_a_deletion():
    assert [kind for kind, *_ in parts(Run(0, 4, TimeMap(0)), Run(4, 8, TimeMap(2)))] == [
        "kept",
        "inserted",
        "kept",
        "deleted",
    ]


def test_a_gap_on_both_sides_is_a_replacement():
    assert parts(Run(0, 4, TimeMap(0)), Run(6, 10, TimeMap(0)))[1] == ("replaced", (4.0, 6.0), (4.0, 6.0))


def test_a_part_out_of_order_has_moved():
    found = parts(Run(0, 2, TimeMap(0)), Run(2, 4, TimeMap(4)), Run(4, 8, TimeMap(-2)), Run(8, 10, TimeMap(0)))
    assert [kind for kind, *_ in found] == ["kept", "kept", "moved", "kept"]
    assert found[2] == ("moved", (2.0, 4.0), (6.0, 8.0))


def test_a_part_of_less_than_a_second_out_of_order_is_a_deletion_and_an_insertion():
    found = parts(
        Run(0, 2, TimeMap(0)), Run(2, 2.8, TimeMap(4)), Run(2.8, 6.8, TimeMap(-0.8)), Run(6.8, 10, TimeMap(0))
    )
    kinds = [kind for kind, *_ in found]
    assert kinds == ["kept", "deleted", "kept", "inserted", "kept"]
    assert found[1] == ("deleted", (2.0, 2.8), None)


def test_a_deletion_follows_its_neighbour_in_a():
    found = parts(Run(0, 3, TimeMap(0)), Run(5, 10, TimeMap(-2)))
    assert [kind for kind, *_ in found] == ["kept", "deleted", "kept", "inserted"]


def test_rounding_between_rates_leaves_no_sliver():
    found = parts(Run(0, 3.96, TimeMap(0.01)), Run(4, 9.96, TimeMap(0.01)))
    assert [kind for kind, *_ in found] == ["kept", "kept"]
    assert found[-1][1:] == ((4.0, 10.0), (found[0][2][1], 10.0))


moments = st.floats(0, 10).map(lambda value: round(value, 2))


@given(st.lists(st.tuples(moments, moments, moments), max_size=6))
def test_any_runs_cover_both_timelines_once(drawn):
    cuts = sorted({moment for start, end, _ in drawn for moment in (start, end)})
    wanted = [shift for *_, shift in drawn]
    runs = [
        Run(start, end, TimeMap(max(-start, min(10 - end, shift - 5))))
        for (start, end), shift in zip(pairwise(cuts), wanted, strict=False)
    ]
    outlined = parts(*runs)
    for side in (1, 2):
        covered = sorted(part[side] for part in outlined if part[side])
        assert covered[0][0] == 0.0
        assert covered[-1][1] == pytest.approx(10.0)
        assert all(before[1] == after[0] for before, after in pairwise(covered))
        assert all(start < end for start, end in covered)
    places = [b[0] for _, _, b in outlined if b]
    assert places == sorted(places)


def test_a_sliver_of_one_side_beside_longer_footage_of_the_other_belongs_to_the_part_before_it():
    found = parts(Run(0, 3.96, TimeMap(2)), Run(4, 5.5, TimeMap(-4)), Run(5.5, 8, TimeMap(2)))
    assert [kind for kind, *_ in found] == ["moved", "inserted", "kept", "inserted", "kept", "deleted"]
    assert found[2][1] == (0.0, 4.0)
