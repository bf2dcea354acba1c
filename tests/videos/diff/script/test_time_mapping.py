"""Times of A are mapped to times of B along a script."""

import pytest

from videos.diff.script.time_mapping import TimeMapping

REGION = {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}


def build_mapping(*rows, threshold=0.05):
    segments = [
        {
            "op": op,
            "a": list(a) if a else None,
            "b": list(b) if b else None,
            "distance": distance[0] if distance else None,
            "severity": None,
            "regions": [REGION] if distance else [],
        }
        for op, a, b, *distance in rows
    ]
    script = {
        "duration_a": max(row[1][1] for row in rows if row[1]),
        "duration_b": max((row[2][1] for row in rows if row[2]), default=0.0),
        "transforms": [],
        "threshold": 0.05,
        "similarity_percent": 0.0,
        "total_segments": len(segments),
        "differing_segments": 0,
        "segments": segments,
    }
    return TimeMapping(script, threshold)


RECUT = build_mapping(
    ("inserted", None, (0, 2)),
    ("equal", (0, 10), (2, 12)),
    ("deleted", (10, 20), None),
    ("changed", (20, 30), (12, 22), 0.12),
    ("inserted", None, (22, 25)),
    ("equal", (40, 60), (25, 45)),
    ("moved", (30, 40), (45, 55), 0.01),
)


@pytest.mark.parametrize(
    ("second", "state", "start"),
    [
        (0, "unchanged", 2),
        (9.999, "unchanged", 11.999),
        (10, "deleted", None),
        (19.999, "deleted", None),
        (20, "changed", 12),
        (30, "moved", 45),
        (40, "unchanged", 25),
        (60, "unchanged", 45),
        (60.1, "deleted", None),
        (-0.1, "deleted", None),
    ],
)
def test_a_moment_at_a_cut_belongs_to_the_footage_that_begins_there(second, state, start):
    mapped = RECUT.map_moment(second)

    assert (mapped.state, mapped.end) == (state, None)
    assert mapped.start == (None if start is None else pytest.approx(start))


@pytest.mark.parametrize(
    ("span", "state", "place", "is_shortened"),
    [
        ((2, 4), "unchanged", (4, 6), False),
        ((8, 12), "unchanged", (10, 12), True),  # its end was deleted
        ((8, 22), "changed", (10, 14), True),  # its middle was deleted
        ((11, 19), "deleted", None, False),
        ((28, 32), "changed", (20, 22), True),  # both halves are as long: the earlier one is kept
        ((29, 36), "moved", (45, 51), True),
        ((39, 43), "unchanged", (25, 28), True),
        ((24, 46), "moved", (45, 55), True),  # footage was inserted between the other two parts
        ((58, 70), "unchanged", (43, 45), True),
        ((60, 62), "deleted", None, False),
    ],
)
def test_a_range_keeps_its_longest_part_that_is_there(span, state, place, is_shortened):
    mapped = RECUT.map_range(*span)

    assert mapped.state == state
    assert (mapped.start, mapped.end) == (place and pytest.approx(place[0]), place and pytest.approx(place[1]))
    assert mapped.is_shortened == is_shortened


def test_parts_that_meet_when_the_footage_between_them_moves_stay_one_range():
    mapping = build_mapping(("equal", (0, 10), (0, 10)), ("equal", (14, 30), (10, 26)), ("moved", (10, 14), (26, 30)))

    mapped = mapping.map_range(5, 20)

    assert (mapped.state, mapped.start, mapped.end, mapped.is_shortened) == ("unchanged", 5, 16, True)


def test_a_change_of_speed_maps_linearly():
    mapping = build_mapping(("equal", (0, 10), (0, 10)), ("equal", (10, 20), (10, 15)), ("equal", (20, 30), (15, 25)))

    assert mapping.map_moment(14).start == pytest.approx(12)
    mapped = mapping.map_range(8, 22)
    assert (mapped.state, mapped.start, mapped.end) == ("unchanged", pytest.approx(8), pytest.approx(17))


def test_a_range_that_reaches_a_frame_into_a_change_is_unchanged():
    mapping = build_mapping(("equal", (0, 10), (0, 10)), ("changed", (10, 20), (10, 20), 0.2))

    assert mapping.map_range(8, 10.04).state == "unchanged"
    assert mapping.map_range(8, 10.2).state == "changed"
    assert mapping.map_range(9.99, 10.03).state == "changed"  # most of it is


def test_the_threshold_decides_what_is_changed():
    rows = [("equal", (0, 10), (0, 10), 0.02), ("changed", (10, 20), (10, 20), 0.12)]

    assert build_mapping(*rows).map_moment(15).state == "changed"
    assert build_mapping(*rows, threshold=0.2).map_moment(15).state == "unchanged"


def test_the_segment_says_what_differs():
    assert RECUT.map_moment(25).segment["regions"] == [REGION]
    assert RECUT.map_range(8, 22).segment["distance"] == 0.12
    assert RECUT.map_moment(15).segment["op"] == "deleted"


def test_a_video_that_was_replaced_entirely_has_no_times():
    mapping = build_mapping(("deleted", (0, 10), None), ("inserted", None, (0, 4)))

    assert mapping.map_moment(3).state == mapping.map_range(3, 5).state == "deleted"
