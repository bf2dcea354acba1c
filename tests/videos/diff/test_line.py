import pytest

from videos.diff.line import SAME_TIMES, Line


def test_a_line_leads_there_and_back():
    line = Line(3.0, 0.9)
    assert line.to_b(10.0) == pytest.approx(12.0)
    assert line.to_a(line.to_b(10.0)) == pytest.approx(10.0)
    assert line.inverse.to_b(12.0) == pytest.approx(10.0)


def test_lines_are_near_where_both_ends_are():
    assert SAME_TIMES.near(Line(0.01), (0, 100), 0.02)
    assert not SAME_TIMES.near(Line(0.0, 1.001), (0, 100), 0.02)
