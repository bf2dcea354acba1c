import pytest

from videos.diff.line import Line
from videos.diff.outline import Part
from videos.diff.speed import paced, told, usual_slope

SLOW, FAST = Line(0.0, 1.0), Line(0.4, 0.9)


def kept(start: float, end: float, line: Line = SLOW) -> Part:
    return Part("kept", (start, end), (line.to_b(start), line.to_b(end)), line)


def test_the_usual_slope_is_that_of_most_seconds_by_far():
    assert usual_slope([kept(0, 4), kept(4, 6, FAST), kept(6, 9)]) == 1.0
    assert usual_slope([kept(0, 0.5), kept(0.5, 9, FAST)]) == 0.9
    assert usual_slope([kept(0, 4), kept(4, 9, FAST)]) == 1.0
    assert usual_slope([]) == 1.0


def test_a_speed_is_told_as_how_many_times_as_fast_b_runs():
    assert told(1 / 1.1, 60, 0.04) == [{"kind": "speed", "value": 1.1}]
    assert told(25 / 24, 60, 0.04) == [{"kind": "speed", "value": 0.96}]


def test_a_drift_of_a_frame_is_no_speed():
    assert told(1.0, 3600, 0.04) == []
    assert told(1 + 0.04 / 60, 60, 0.04) == []


def test_what_runs_at_another_speed_than_the_rest_is_one_part():
    parts = paced([kept(0, 4), kept(4, 5, FAST), kept(5, 6, FAST), kept(6, 9)], 1.0)
    assert [(part.kind, part.a) for part in parts] == [("kept", (0, 4)), ("paced", (4, 6)), ("kept", (6, 9))]
    assert parts[1].b == pytest.approx((4.0, 5.8))
