"""Find the stretches of a group in which another offset matches better, and align them again frame by frame."""

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.single_frames.costs import BATCH_FRAMES, compare_shifts
from videos.diff.alignment.single_frames.groups import FrameGroup
from videos.diff.alignment.single_frames.path import FrameStep, find_path, find_swaps, list_steps, place_steps
from videos.diff.sampling.descriptor import Floats, SampledVideo

REACH_FRAMES = 3  # frames beside the known offsets that are tried
BESIDE_FRAMES = 2  # frames beside the known offset that are compared to find where to look
SMALL_COST = 0.15  # cost of a frame up to which another offset is no better
SUSPECT_FRAMES = 6  # frames whose costs are added up,
SUSPECT_COST = 0.9  # and this sum of them is a reason to look
LONG_FRAMES, LONG_COST = 25, 1.5  # the same for slow footage
GROWTH_FRAMES = 96  # frames by which such a window grows while its end matches at another offset
PAD_FRAMES = 24  # frames around such a place that are aligned again

DELETED = -(1 << 30)  # instead of an offset: B lacks the frame


def find_windows(a: SampledVideo, b: SampledVideo, group: FrameGroup) -> list[tuple[int, int]]:
    """Return the ranges of the group's frames, from 0, around steps, swaps and where another offset matches better."""
    count = len(group.shifts)
    beside = range(-BESIDE_FRAMES, BESIDE_FRAMES + 1)
    costs = np.zeros((count, len(beside)), np.float32)
    for low in range(0, count, BATCH_FRAMES):
        rows = np.arange(low, min(count, low + BATCH_FRAMES))
        costs[rows], _ = compare_shifts(a, b, group.first + rows, group.shifts[rows], beside, True)
    excess = np.maximum(0, costs[:, BESIDE_FRAMES] - SMALL_COST)
    near = _sum_around(excess, SUSPECT_FRAMES) > SUSPECT_COST
    near |= _sum_around(excess, LONG_FRAMES) > LONG_COST
    near[find_swaps(costs, np.full(count, BESIDE_FRAMES))] = True
    marked = np.flatnonzero(near | group.is_doubtful | np.append(False, np.diff(group.shifts) != 0))
    windows: list[tuple[int, int]] = []
    for place in marked:
        low, high = max(0, int(place) - PAD_FRAMES), min(count, int(place) + PAD_FRAMES)
        if windows and low <= windows[-1][1]:
            windows[-1] = windows[-1][0], high
        else:
            windows.append((low, high))
    return windows


def _sum_around(values: Floats, count: int) -> Floats:
    """Return the sum of up to `count` values around each one."""
    total = np.append(0, np.cumsum(values, dtype=np.float64))
    places = np.arange(len(values))
    low, high = (places - count // 2).clip(0), (places + (count + 1) // 2).clip(None, len(values))
    return (total[high] - total[low]).astype(np.float32)


def align_window(
    a: SampledVideo, b: SampledVideo, group: FrameGroup, low: int, high: int
) -> tuple[NDArray[np.int64], list[FrameStep], list[int]]:
    """Return the shifts (high - low,) of a window's frames, the steps, and the first of each two swapped frames.

    Places count from the start of the window.
    """
    known = group.shifts[low:high]
    base = int(known.min())
    tried = range(-REACH_FRAMES, int(known.max()) - base + REACH_FRAMES + 1)
    in_a = group.first + np.arange(low, high)
    costs, differences = compare_shifts(a, b, in_a, np.full(len(in_a), base), tried, False)
    begin = None if low == 0 else int(known[0]) - base - tried[0]
    end = None if high == len(group.shifts) else int(known[-1]) - base - tried[0]
    path = place_steps(differences, find_path(costs, begin, end))
    shifts = np.where(path >= 0, path + tried[0] + base, DELETED)
    return shifts, list(list_steps(costs, path)), find_swaps(costs, path)


def grow_window(group: FrameGroup, low: int, high: int, shifts: NDArray[np.int64]) -> tuple[int, int]:
    """Return a longer window if its frames begin or end at another shift than the frames beside it."""
    count = len(group.shifts)
    if shifts[0] != group.shifts[low]:
        low = max(0, low - GROWTH_FRAMES)
    if shifts[-1] != group.shifts[high - 1]:
        high = min(count, high + GROWTH_FRAMES)
    return low, high
