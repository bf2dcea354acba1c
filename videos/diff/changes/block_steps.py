"""Find places of the picture in which the detail steps up or down, at both ends of a span, too faintly for its cells.

A blurred or pixelated box over smooth footage changes little in each cell of a frame. But neighbouring blocks change
together from one moment to the next, and back again together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.changes.level_steps import BinSpan, UsualLevel, find_level_spans, find_usual_level
from videos.diff.changes.sharpness import GRID
from videos.diff.sampling.descriptor import Floats

MIN_STEP = 0.3  # typical deviations of the smallest step of a block's detail
MIN_BLOCKS = 3  # of 96, that step together
MIN_TOTAL = 3.2  # typical deviations, summed over the blocks of a place
SAME_TIME_BINS = 1  # bins by which the steps of neighbouring blocks may differ
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
    flat = [part.reshape(len(part), GRID[0] * GRID[1]) for part in parts]
    return [find_usual_level([part[:, block] for part in flat], MIN_STEP) for block in range(GRID[0] * GRID[1])]


def find_place_steps(detail: Floats, usual: Sequence[UsualLevel]) -> list[PlaceStep]:
    """Return the places in which the detail (bins, 6, 16) of a part steps at both ends of a span."""
    _, rows, columns = detail.shape
    spans = [
        _BlockSpan(bins, divmod(block, columns), level)
        for block, of_block in enumerate(usual)
        for bins, level in find_level_spans(detail[:, block // columns, block % columns], of_block)
    ]
    found = []
    left = set(range(len(spans)))
    while left:
        group = _pop_group(spans, left)
        together = [each for each in spans if each.is_at_same_time(spans[group[0]])]
        if len(group) < MIN_BLOCKS or len(together) - len(group) > MAX_ELSEWHERE * len(group):
            continue
        blocks = np.zeros((rows, columns), bool)
        for each in group:
            blocks[spans[each].place] = True
        first, last = (int(np.median([spans[each].bins[end] for each in group])) for end in (0, 1))
        level = float(np.mean([spans[each].level for each in group]))
        if abs(level) * len(group) >= MIN_TOTAL:
            found.append(PlaceStep((first, last), blocks, level))
    return found


def _pop_group(spans: list[_BlockSpan], left: set[int]) -> list[int]:
    """Take a group of spans out of `left` whose blocks touch and which step at the same time."""
    todo = [left.pop()]
    group = []
    while todo:
        at = todo.pop()
        group.append(at)
        beside = [each for each in left if spans[at].is_beside(spans[each]) and spans[at].is_at_same_time(spans[each])]
        left.difference_update(beside)
        todo += beside
    return group
