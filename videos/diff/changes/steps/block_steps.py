"""Find places of the picture in which the detail steps up or down, at both ends of a span, too faintly for its cells.

A blurred or pixelated box over smooth footage changes little in each cell of a frame. But neighbouring blocks change
together from one moment to the next, and back again together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.changes.steps.level_steps import (
    LEVEL_SHARE,
    MAX_PAUSE,
    MIN_BINS,
    BinSpan,
    UsualLevel,
    find_level_spans,
    find_usual_of_values,
    measure_borders,
)
from videos.diff.changes.steps.sharpness import GRID
from videos.diff.sampling.descriptor import Floats

MIN_STEP = 0.3  # typical deviations of the smallest step of a block's detail
MIN_BLOCKS = 3  # of 96, that step together
MIN_TOTAL = 3.2  # typical deviations, summed over the blocks of a place
SAME_TIME_BINS = 1  # bins by which the steps of neighbouring blocks may differ
ROUNDING = 1e-3  # share of a step that is certainly more than the error of its rounding
MAX_ELSEWHERE = 0.5  # blocks elsewhere that step at the same time, for each block of a place

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PlaceStep:
    """Blocks (6, 16) whose detail differs in a span of bins, and by how many typical deviations on average."""

    bins: BinSpan
    blocks: Mask
    level: float


@dataclass(frozen=True, slots=True)
class _BlockSpan:
    bins: BinSpan
    place: tuple[int, int]
    level: float

    def is_at_same_time(self, other: "_BlockSpan") -> bool:
        apart = (abs(one - two) for one, two in zip(self.bins, other.bins, strict=True))
        return self.level * other.level > 0 and all(bins <= SAME_TIME_BINS for bins in apart)

    def is_beside(self, other: "_BlockSpan") -> bool:
        return all(abs(one - two) <= 1 for one, two in zip(self.place, other.place, strict=True))


def find_usual_blocks(parts: Sequence[Floats]) -> list[UsualLevel]:
    """Learn what is usual in each block of a pair from the detail (bins, 6, 16) of all its parts."""
    by_row = (find_usual_of_values([part[:, row] for part in parts], MIN_STEP) for row in range(GRID[0]))
    return [usual for of_row in by_row for usual in of_row]


def find_place_steps(detail: Floats, usual: Sequence[UsualLevel]) -> list[PlaceStep]:
    """Return the places in which the detail (bins, 6, 16) of a part steps at both ends of a span."""
    count, rows, columns = detail.shape
    flat = detail.reshape(count, rows * columns)
    spans = [
        _BlockSpan(bins, divmod(int(block), columns), level)
        for block in _list_possible(flat, usual)
        for bins, level in find_level_spans(flat[:, block], usual[block])
    ]
    by_start: dict[int, list[int]] = {}
    for index, span in enumerate(spans):
        by_start.setdefault(span.bins[0], []).append(index)
    found = []
    left = set(range(len(spans)))
    while left:
        group = _pop_group(spans, by_start, left)
        together = _list_simultaneous(spans, by_start, group[0])
        level = float(np.mean([spans[each].level for each in group]))
        is_everywhere = len(together) - len(group) > MAX_ELSEWHERE * len(group)
        if len(group) < MIN_BLOCKS or is_everywhere or abs(level) * len(group) < MIN_TOTAL:
            continue
        blocks = np.zeros((rows, columns), bool)
        for each in group:
            blocks[spans[each].place] = True
        first, last = (int(np.median([spans[each].bins[end] for each in group])) for end in (0, 1))
        found.append(PlaceStep((first, last), blocks, level))
    return sorted(found, key=lambda each: each.bins)


def _list_possible(flat: Floats, usual: Sequence[UsualLevel]) -> NDArray[np.intp]:
    """Return the blocks of which bins (bins, blocks) stand out, and that step up and down; no others have spans."""
    median, step = (np.array(each, np.float32) for each in zip(*((one.median, one.step) for one in usual), strict=True))
    off = flat - median
    is_possible = (np.abs(off) > np.float32(LEVEL_SHARE) * step).sum(axis=0) >= MIN_BINS - MAX_PAUSE
    steps = measure_borders(off)
    is_possible &= np.minimum(steps.max(axis=0), -steps.min(axis=0)) >= (1 - ROUNDING) * step
    return np.flatnonzero(is_possible)


def _pop_group(spans: list[_BlockSpan], by_start: dict[int, list[int]], left: set[int]) -> list[int]:
    """Take a group of spans out of `left` whose blocks touch and which step at the same time."""
    todo = [left.pop()]
    group = []
    while todo:
        at = todo.pop()
        group.append(at)
        together = _list_simultaneous(spans, by_start, at)
        beside = [each for each in together if each in left and spans[at].is_beside(spans[each])]
        left.difference_update(beside)
        todo += beside
    return group


def _list_simultaneous(spans: list[_BlockSpan], by_start: dict[int, list[int]], at: int) -> list[int]:
    """Return the spans that step at the same time as one of them, itself included."""
    start = spans[at].bins[0]
    near = range(start - SAME_TIME_BINS, start + SAME_TIME_BINS + 1)
    return [each for first in near for each in by_start.get(first, []) if spans[at].is_at_same_time(spans[each])]
