import pytest

from videos.diff.alignment.time_map import IDENTITY_TIME_MAP, TimeMap


def test_a_time_map_and_its_inverse_agree():
    time_map = TimeMap(3.0, 0.9)
    assert time_map.to_b(10.0) == pytest.approx(12.0)
    assert time_map.to_a(time_map.to_b(10.0)) == pytest.approx(10.0)
    assert time_map.inverse.to_b(12.0) == pytest.approx(10.0)


def test_time_maps_are_near_if_both_ends_are():
    assert IDENTITY_TIME_MAP.is_near(TimeMap(0.01), (0, 100), 0.02)
    assert not IDENTITY_TIME_MAP.is_near(TimeMap(0.0, 1.001), (0, 100), 0.02)
