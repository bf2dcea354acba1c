from dataclasses import replace

import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.outline import MatchedPart, OneSidedPart, ReplacedPart
from videos.diff.alignment.single_frames.groups import FrameGrid, find_grid, find_groups
from videos.diff.alignment.time_map import TimeMap

RATE = 25.0
FILM = sampled(scenery(200))
GRID = FrameGrid(0.0, 0.0, 1 / RATE)


def part(first: int, end: int, shift: int = 0, **options) -> MatchedPart:
    """Return a part from frame `first` to `end` of A, which B shows `shift` frames later."""
    in_a = (first / RATE, end / RATE)
    in_b = ((first + shift) / RATE, (end + shift) / RATE)
    return MatchedPart(in_a, in_b, **{"time_map": TimeMap(shift / RATE), **options})


def groups_of(*parts) -> list[tuple[int, int]]:
    return [(group.low, group.high) for group in find_groups(FILM, parts, GRID)]


def test_sides_of_one_rate_share_a_grid():
    grid = find_grid(FILM, sampled(scenery(90)))
    assert grid is not None
    assert grid.step == pytest.approx(1 / RATE)
    assert (grid.start_a, grid.start_b) == (0, 0)


@pytest.mark.parametrize(("count", "rate"), [(90, 24.0), (90, 25.1), (47, RATE)])
def test_other_rates_and_short_videos_share_none(count, rate):
    assert find_grid(FILM, sampled(scenery(count), rate)) is None


def test_a_variable_rate_has_no_grid():
    even = sampled(scenery(90))
    times = even.fingerprint.times.copy()
    times[40:50] += 0.6 / RATE
    assert find_grid(FILM, replace(even, fingerprint=replace(even.fingerprint, times=times))) is None


@pytest.mark.parametrize("shift", [-4, 0, 7])
def test_a_shift_and_its_time_map_agree(shift):
    moved = part(20, 60, shift)
    assert GRID.find_shift(moved, 1.0) == shift
    assert (GRID.find_shifts(moved, np.arange(20, 60) / RATE) == shift).all()
    assert GRID.make_time_map(shift).to_b(1.0) == pytest.approx(moved.time_map.to_b(1.0))


def test_parts_a_few_frames_apart_are_one_group_with_the_shift_of_each_frame():
    parts = [part(0, 50), OneSidedPart("b", (50 / RATE, 51 / RATE)), part(50, 120, 1)]
    [group] = find_groups(FILM, parts, GRID)
    assert (group.low, group.high, group.first) == (0, 3, 0)
    assert group.shifts.tolist() == [0] * 50 + [1] * 70
    assert not group.is_doubtful.any()


@pytest.mark.parametrize(
    "parts",
    [
        (part(0, 50), part(53, 120)),  # three frames are missing
        (part(0, 50), part(50, 120, 4)),  # the offset steps by four frames
        (part(0, 50), part(40, 120, 1)),  # they overlap
        (part(0, 50), part(0, 50, 100, kind="moved"), part(50, 120)),  # a moved shot is between them
    ],
)
def test_cuts_separate_groups(parts):
    assert groups_of(*parts) == [(0, 1), (len(parts) - 1, len(parts))]


def test_a_replaced_frame_joins_what_is_beside_it():
    replaced = ReplacedPart((50 / RATE, 51 / RATE), (50 / RATE, 51 / RATE))
    assert groups_of(part(0, 50), replaced, part(51, 120)) == [(0, 3)]


def test_moved_and_retimed_parts_are_left_alone():
    assert groups_of(part(0, 90, kind="moved"), part(90, 180, kind="retimed")) == []


def test_a_mild_speed_is_doubtful_and_a_higher_one_is_left_alone():
    mild = part(0, 100, time_map=TimeMap(0.0, 1.02))
    [group] = find_groups(FILM, [mild], GRID)
    assert group.is_doubtful.all()
    assert groups_of(part(0, 100, time_map=TimeMap(0.0, 1.1))) == []
