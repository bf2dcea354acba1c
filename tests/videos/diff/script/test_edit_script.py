import pytest

from videos.diff.script.edit_script import (
    Keyframe,
    MatchedSegment,
    OneSidedSegment,
    Region,
    Script,
    Segment,
    join_keyframes,
    parse_region,
    restore_times,
)


def script(*segments: Segment, a: float = 100.0, b: float = 100.0) -> dict:
    return Script(a, b, 0.1, segments).as_dict()


@pytest.mark.parametrize(
    ("distance", "severity"), [(0.1, "low"), (0.149, "low"), (0.15, "medium"), (0.299, "medium"), (0.3, "high")]
)
def test_the_severity_of_a_change_depends_on_its_distance(distance, severity):
    segment = MatchedSegment("changed", (0, 1), (0, 1), distance)
    assert script(segment)["segments"][0]["severity"] == severity


@pytest.mark.parametrize(("seconds", "severity"), [(1.9, "low"), (2, "medium"), (9.9, "medium"), (10, "high")])
@pytest.mark.parametrize("op", ["inserted", "deleted", "moved"])
def test_the_severity_of_a_cut_depends_on_its_duration(op, seconds, severity):
    span = (0, seconds)
    moved = MatchedSegment("moved", span, span)
    segment = {"inserted": OneSidedSegment("b", span), "deleted": OneSidedSegment("a", span)}.get(op, moved)
    assert script(segment)["segments"][0]["severity"] == severity


def test_an_equal_segment_has_no_severity():
    assert script(MatchedSegment("equal", (0, 1), (0, 1), 0.01))["segments"][0]["severity"] is None


def test_similarity_is_the_share_of_both_timelines_that_is_equal():
    stored = script(MatchedSegment("equal", (0, 60), (0, 60)), OneSidedSegment("a", (60, 100)), a=100, b=60)
    assert stored["similarity_percent"] == 75.0
    assert (stored["total_segments"], stored["differing_segments"]) == (2, 1)


def test_similarity_is_below_100_percent_if_anything_differs():
    stored = script(
        MatchedSegment("equal", (0, 3600), (0, 3600)), OneSidedSegment("b", (3600, 3600.04)), a=3600, b=3600.04
    )
    assert (stored["similarity_percent"], stored["differing_segments"]) == (99.99, 1)
    assert script(MatchedSegment("equal", (0, 3600), (0, 3600)), a=3600, b=3600)["similarity_percent"] == 100.0


def test_numbers_are_rounded():
    region = Region(1 / 3, 0, 1, 1)
    stored = script(MatchedSegment("changed", (1 / 3, 2 / 3), (0, 1), 0.123456789, (region,)))
    assert stored["segments"][0]["a"] == [0.333333, 0.666667]
    assert stored["segments"][0]["regions"][0]["x"] == 0.3333
    assert "picture_at" not in stored["segments"][0]


MOVING = join_keyframes([Keyframe(2.0, Region(0.1, 0.2, 0.2, 0.1)), Keyframe(4.0, Region(0.5, 0.1, 0.2, 0.1))])


def test_a_region_with_keyframes_is_their_union_and_is_stored_with_them():
    stored = MOVING.as_dict()
    assert [round(stored[side], 4) for side in ("x", "y", "width", "height")] == [0.1, 0.1, 0.6, 0.2]
    assert stored["keyframes"] == [[2.0, 0.1, 0.2, 0.2, 0.1], [4.0, 0.5, 0.1, 0.2, 0.1]]
    assert parse_region(stored).as_dict() == stored


def test_keyframes_get_the_times_of_b():
    segment = MatchedSegment("changed", (2, 4), (2, 4), 0.5, regions=(MOVING,))
    restored = restore_times(segment, (1.0, 0.5))
    assert isinstance(restored, MatchedSegment)
    assert [each.seconds for each in restored.regions[0].keyframes] == [4.0, 8.0]
