from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.videos.diff.prints import fingerprint, scenery
from videos.diff.align import Run
from videos.diff.line import Line
from videos.diff.outline import Part, outline

A, B = fingerprint(scenery(250)), fingerprint(scenery(300), 30.0)  # ten seconds each


def parts(*runs: Run) -> list[tuple]:
    return [(part.kind, part.a, part.b) for part in outline(A, B, list(runs))]


def spans(found: list[Part], side: str) -> list[tuple[float, float]]:
    return sorted(span for part in found if (span := getattr(part, side)))


def test_nothing_in_common_is_one_replacement():
    assert parts() == [("replaced", (0.0, 10.0), (0.0, 10.0))]


def test_all_in_common_is_one_kept_part():
    assert parts(Run(0, 10, Line(0))) == [("kept", (0.0, 10.0), (0.0, 10.0))]


def test_a_gap_on_one_side_is_an_insertion_or_a_deletion():
    assert [kind for kind, *_ in parts(Run(0, 4, Line(0)), Run(4, 8, Line(2)))] == [
        "kept",
        "inserted",
        "kept",
        "deleted",
    ]


def test_a_gap_on_both_sides_is_a_replacement():
    assert parts(Run(0, 4, Line(0)), Run(6, 10, Line(0)))[1] == ("replaced", (4.0, 6.0), (4.0, 6.0))


def test_what_stands_out_of_order_has_moved():
    found = parts(Run(0, 2, Line(0)), Run(2, 4, Line(4)), Run(4, 8, Line(-2)), Run(8, 10, Line(0)))
    assert [kind for kind, *_ in found] == ["kept", "kept", "moved", "kept"]
    assert found[2] == ("moved", (2.0, 4.0), (6.0, 8.0))


def test_what_stands_out_of_order_for_less_than_a_second_was_taken_out_and_put_in():
    found = parts(Run(0, 2, Line(0)), Run(2, 2.8, Line(4)), Run(2.8, 6.8, Line(-0.8)), Run(6.8, 10, Line(0)))
    kinds = [kind for kind, *_ in found]
    assert kinds == ["kept", "deleted", "kept", "inserted", "kept"]
    assert found[1] == ("deleted", (2.0, 2.8), None)


def test_a_deletion_stands_after_its_neighbour_in_a():
    found = parts(Run(0, 3, Line(0)), Run(5, 10, Line(-2)))
    assert [kind for kind, *_ in found] == ["kept", "deleted", "kept", "inserted"]


def test_rounding_between_rates_leaves_no_sliver():
    found = parts(Run(0, 3.96, Line(0.01)), Run(4, 9.96, Line(0.01)))
    assert [kind for kind, *_ in found] == ["kept", "kept"]
    assert found[-1][1:] == ((4.0, 10.0), (found[0][2][1], 10.0))


moments = st.floats(0, 10).map(lambda value: round(value, 2))


@given(st.lists(st.tuples(moments, moments, moments), max_size=6))
def test_any_runs_cover_both_timelines_once(drawn):
    cuts = sorted({moment for start, end, _ in drawn for moment in (start, end)})
    wanted = [shift for *_, shift in drawn]
    runs = [
        Run(start, end, Line(max(-start, min(10 - end, shift - 5))))
        for (start, end), shift in zip(pairwise(cuts), wanted, strict=False)
    ]
    found = outline(A, B, runs)
    for side in "ab":
        covered = spans(found, side)
        assert covered[0][0] == 0.0
        assert covered[-1][1] == pytest.approx(10.0)
        assert all(before[1] == after[0] for before, after in pairwise(covered))
        assert all(start < end for start, end in covered)
    places = [part.b[0] for part in found if part.b]
    assert places == sorted(places)
