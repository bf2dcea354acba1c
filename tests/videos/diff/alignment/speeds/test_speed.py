import pytest

from videos.diff.alignment.outline import MatchedPart
from videos.diff.alignment.speeds.speed import describe_speed, find_typical_slope, mark_retimed
from videos.diff.alignment.time_map import TimeMap

SLOW, FAST = TimeMap(0.0, 1.0), TimeMap(0.4, 0.9)


def kept(start: float, end: float, time_map: TimeMap = SLOW) -> MatchedPart:
    return MatchedPart((start, end), (time_map.to_b(start), time_map.to_b(end)), time_map)


def test_the_typical_slope_is_that_of_the_large_majority_of_seconds():
    assert find_typical_slope([kept(0, 4), kept(4, 6, FAST), kept(6, 9)]) == 1.0
    assert find_typical_slope([kept(0, 0.5), kept(0.5, 9, FAST)]) == 0.9
    assert find_typical_slope([kept(0, 4), kept(4, 9, FAST)]) == 1.0
    assert find_typical_slope([]) == 1.0


def test_a_speed_is_relative_to_a():
    assert describe_speed(1 / 1.1, 60, 0.04) == [{"kind": "speed", "value": 1.1}]
    assert describe_speed(25 / 24, 60, 0.04) == [{"kind": "speed", "value": 0.96}]


def test_a_drift_of_one_frame_is_not_a_speed():
    assert describe_speed(1.0, 3600, 0.04) == []
    assert describe_speed(1 + 0.04 / 60, 60, 0.04) == []


def test_adjacent_parts_at_another_speed_are_one_part():
    parts = mark_retimed([kept(0, 4), kept(4, 5, FAST), kept(5, 6, FAST), kept(6, 9)], 1.0)
    assert [(part.kind, part.a) for part in parts] == [("kept", (0, 4)), ("retimed", (4, 6)), ("kept", (6, 9))]
    assert parts[1].b == pytest.approx((4.0, 5.8))
