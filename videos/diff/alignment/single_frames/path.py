"""Find the cheapest path over offsets in whole frames, its steps, and frames that are swapped.

Each frame costs by how much worse it matches than at its best offset, and each step of the offset has a price.
Rows of a matrix of costs or differences are frames of A, columns are offsets.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.single_frames.groups import MAX_STEP_FRAMES
from videos.diff.sampling.descriptor import Floats

STEP_COST = 1.5  # price of a step; a frame that matches at another offset costs up to 1
SKIPPED_COST = 0.25  # additional price of each frame that one side lacks
PLACED_FRAMES = 5  # frames around a step in which its exact place is searched
PLACE_FRAMES = 6  # frames by which a step is moved to find out whether its place is certain,
MIN_PLACE_COST, MAX_PLACE_COST = 1.5, 3.0  # which it is if that costs so much, for each frame of the step and at most
SWAPPED_COST = 0.2  # mean cost of two frames in order, relative to the swapped order, from which they are swapped,
MIN_SWAPPED_COST = 0.1  # and the least of each of them


@dataclass(frozen=True, slots=True)
class FrameStep:
    """A step of the offset: frames of A from `at`, and the frames that B lacks (less than 0) or has in addition."""

    at: int
    frames: int
    is_certain: bool


def find_path(costs: Floats, begin: int | None, end: int | None) -> NDArray[np.int64]:
    """Return the column of each row on the cheapest path, or -1 for a frame that B lacks.

    A step to a higher column skips frames of B; a step to a lower one skips as many rows. To begin or end at another
    column than `begin` or `end` costs a step.
    """
    rows, columns = costs.shape
    total = np.zeros((rows, columns))
    came_from = np.zeros((rows, columns), np.int64)
    elsewhere = [STEP_COST * (np.arange(columns) != place) if place is not None else 0 for place in (begin, end)]
    total[0] = costs[0] + elsewhere[0]
    prices = STEP_COST + SKIPPED_COST * np.arange(MAX_STEP_FRAMES + 1)
    for row in range(1, rows):
        best, source = total[row - 1].copy(), np.arange(columns)
        for step in range(1, min(MAX_STEP_FRAMES, columns - 1) + 1):
            up = total[row - 1, :-step] + prices[step]  # to a higher column
            better = up < best[step:]
            best[step:][better], source[step:][better] = up[better], np.arange(columns - step)[better]
            if row - 1 - step >= 0:
                down = total[row - 1 - step, step:] + prices[step]
                better = down < best[:-step]
                best[:-step][better], source[:-step][better] = down[better], np.arange(step, columns)[better]
        total[row], came_from[row] = best + costs[row], source
    path = np.full(rows, -1, np.int64)
    column = int((total[-1] + elsewhere[1]).argmin())
    row = rows - 1
    while row >= 0:
        path[row] = column
        source_column = int(came_from[row, column]) if row else column
        row -= 1 + max(0, source_column - column)
        column = source_column
    return path


def _list_neighbours(path: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return each two rows in succession that B does not lack."""
    matched: list[int] = np.flatnonzero(path >= 0).tolist()
    return list(pairwise(matched))


def place_steps(differences: Floats, path: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the path with each step at the place nearby at which the frames around it differ least.

    The cost of a path does not tell which frame is missing: one that B lacks matches badly at each of its offsets.
    """
    steps = [(one, other) for one, other in _list_neighbours(path) if path[one] != path[other]]
    path = path.copy()
    for one, other in steps:
        before, after, gone = int(path[one]), int(path[other]), other - one - 1
        low, high = one, other + 1
        while low > max(0, one + 1 - PLACED_FRAMES) and path[low - 1] == before:
            low -= 1
        while high < min(len(path), other + PLACED_FRAMES) and path[high] == after:
            high += 1
        until = np.append(0, np.cumsum(differences[low:high, before]))
        since = np.append(np.cumsum(differences[low:high, after][::-1])[::-1], 0)
        places = until[1 : len(until) - gone - 1] + since[gone + 1 : -1]
        if len(places):
            at = low + 1 + int(places.argmin())
            path[low:at], path[at : at + gone], path[at + gone : high] = before, -1, after
    return path


def list_steps(costs: Floats, path: NDArray[np.int64]) -> Iterator[FrameStep]:
    """Yield the steps of a path, each with whether another place for it would cost clearly more."""
    for one, other in _list_neighbours(path):
        before, after = int(path[one]), int(path[other])
        if before != after:
            earlier = range(max(0, one + 1 - PLACE_FRAMES), one + 1)
            later = range(other, min(len(path), other + PLACE_FRAMES))
            gain_before = sum(float(costs[row, after] - costs[row, before]) for row in earlier)
            gain_after = sum(float(costs[row, before] - costs[row, after]) for row in later)
            needed = min(MIN_PLACE_COST * abs(after - before), MAX_PLACE_COST)
            yield FrameStep(one + 1, after - before, min(gain_before, gain_after) >= needed)


def find_swaps(costs: Floats, path: NDArray[np.int64]) -> list[int]:
    """Return the first row of each two that match in the other order."""
    is_steady = (path[:-3] == path[1:-2]) & (path[1:-2] == path[2:-1]) & (path[2:-1] == path[3:])
    is_steady &= (path[1:-2] >= 1) & (path[1:-2] < costs.shape[1] - 1)
    rows = np.flatnonzero(is_steady) + 1
    columns = path[rows]
    gains = costs[rows, columns] - costs[rows, columns + 1], costs[rows + 1, columns] - costs[rows + 1, columns - 1]
    is_swapped = (np.minimum(*gains) >= MIN_SWAPPED_COST) & (sum(gains) >= 2 * SWAPPED_COST)
    found: list[int] = rows[is_swapped].tolist()
    return found
