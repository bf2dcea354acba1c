import numpy as np
import pytest

from videos.diff.sampling.warp import Warp, find_warped_cells, map_box, warp_planes

TURNED = Warp(angle=0.1, zoom=0.05, x=0.01, y=-0.02, lens=0.06, lens_2=0.01)


def test_points_are_mapped_there_and_back():
    points = np.array([[0.2, 0.3], [0.5, 0.5], [0.85, 0.7]])
    assert TURNED.map_back(TURNED.map_points(points)) == pytest.approx(points, abs=1e-4)


def test_a_rotation_is_clockwise_in_pixels():
    right = Warp(angle=np.pi / 2, aspect=1.0).map_points(np.array([[1.0, 0.5]]))
    assert right == pytest.approx(np.array([[0.5, 1.0]]))


def test_a_box_is_mapped_to_the_box_around_it():
    x, y, width, height = map_box((0.4, 0.4, 0.2, 0.2), Warp(angle=np.radians(10), aspect=1.0))
    assert (x + width / 2, y + height / 2) == pytest.approx((0.5, 0.5))
    assert width == pytest.approx(0.2 * (np.cos(np.radians(10)) + np.sin(np.radians(10))))


def test_a_ramp_is_shifted():
    ramp = np.tile(np.arange(64, dtype=np.float32), (36, 1))
    shifted = warp_planes(ramp[None], Warp(x=2 / 64), (36, 64), 0.6)
    assert shifted[0, 18, 10:50] == pytest.approx(ramp[18, 12:52], abs=0.05)


def test_cells_outside_the_other_frame_are_not_supported():
    inside = find_warped_cells(Warp(x=0.25), (36, 64), (36, 64), 0.51)
    assert inside[1:-1, 1:47].all()
    assert not inside[:, 49:].any()


def test_the_outermost_cells_are_not_supported():
    inside = find_warped_cells(Warp(zoom=-0.1), (36, 64), (36, 64), 0.51)
    assert inside.sum() == 34 * 62


def test_no_frames_can_be_warped():
    assert warp_planes(np.zeros((0, 36, 64), np.float32), TURNED, (36, 64), 0.6).shape == (0, 36, 64)
