"""What changed inside the frame while the footage stayed: when, where, and how clearly.

What stands out of a track is grouped in space and time.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.fingerprint import LUMA_SHAPE
from videos.diff.tracks import Scores, Track

GROW = 0.6  # share of the threshold down to which a change extends around its core
GRID = (9, 16)  # cells at which changes are grouped
PRESENT = 0.25  # share of the way from outside to inside at which a change is there
EVIDENT_SECONDS = 0.6  # a change that lasts so long need not exceed the threshold further
SMALL_CELLS = 24  # of 2304; so small a change must be clearer
SMALL_NEEDS = 1.25
CLEARLY_OVER = 1.2
BLINK_BINS = 2  # a pause this short does not end a change

Cell = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A group of cells that differ from bin `first` up to `last` of a track; `cells` is (36, 64) of bool.

    `strength` is the highest score, which ends where a cell is plainly gone; `levels` is by how many levels the cells
    differ on average, 0 where nobody measured it, and `foreign` footage is no edit of the other at all.
    """

    track: Track
    first: int
    last: int
    cells: NDArray[np.bool_]
    strength: float
    levels: float = 0.0
    foreign: bool = False


def changes(track: Track) -> list[Change]:
    """Groups that touch in space and time, each with at least one cell over the threshold."""
    return [change for change in gathered(track, in_blocks(track), 1.0) if _evident(change)]


def in_blocks(track: Track) -> Scores:
    """(bins, 9, 16): the highest score in each block of cells."""
    rows, columns = LUMA_SHAPE[0] // GRID[0], LUMA_SHAPE[1] // GRID[1]
    bits = track.score.view(np.uint16)  # which order halves from 0 on as they are, and are compared many at a time
    high = bits.reshape(-1, GRID[0], rows, LUMA_SHAPE[1]).max(axis=2)
    blocks = high[..., 0::columns].copy()
    for column in range(1, columns):
        np.maximum(blocks, high[..., column::columns], out=blocks)
    return blocks.view(np.float16)


def gathered(track: Track, blocks: Scores, level: float) -> list[Change]:
    """Groups of blocks that touch in space and time, each with at least one over a level."""
    rows, columns = LUMA_SHAPE[0] // GRID[0], LUMA_SHAPE[1] // GRID[1]
    found: list[Change] = []
    for group in _groups(blocks > GROW * level, blocks > level):
        bins, down, across = (np.array(axis) for axis in zip(*group, strict=True))
        first, last = int(bins.min()), int(bins.max()) + 1
        allowed = np.zeros(GRID, bool)
        allowed[down, across] = True
        mask = np.kron(allowed, np.ones((rows, columns), bool))
        mean = track.score[first:last].astype(np.float32).mean(axis=0)
        cells = mask & (mean > GROW * min(level, float(mean[mask].max())))
        first, last = _while_present(track, cells, first, last)
        found.append(Change(track, first, last, cells, float(blocks[bins, down, across].max())))
    return _joined(found)


def _evident(change: Change) -> bool:
    """Whether a change is strong enough for how short and how small it is."""
    times = change.track.times
    seconds = (change.last - change.first) * (float(times[1] - times[0]) if len(times) > 1 else EVIDENT_SECONDS)
    needed = CLEARLY_OVER * max(1.0, float(np.sqrt(EVIDENT_SECONDS / seconds)))
    return change.strength >= needed * (SMALL_NEEDS if change.cells.sum() < SMALL_CELLS else 1.0)


def _while_present(track: Track, cells: NDArray[np.bool_], first: int, last: int) -> tuple[int, int]:
    """The bins over which cells stay nearer to how they are in the group than to how they are outside it."""
    level = np.minimum(track.score[:, cells], np.float16(4)).astype(np.float32).mean(axis=1)
    outside = np.concatenate([level[: max(0, first - 2)], level[last + 2 :]])
    within = float(np.median(level[first:last]))
    without = min(float(np.median(outside)) if len(outside) else 0.0, within)
    present = np.flatnonzero(level > without + PRESENT * (within - without))
    core = present[(present >= first) & (present < last)]
    if not len(core):
        return first, last
    low, high = int(core[0]), int(core[-1])
    for place in present[present > high]:
        if place - high > BLINK_BINS:
            break
        high = int(place)
    for place in present[present < low][::-1]:
        if low - place > BLINK_BINS:
            break
        low = int(place)
    return low, high + 1


def _joined(found: list[Change]) -> list[Change]:
    """Changes whose boxes meet while both are to be seen made one, such as the parts of a tinted picture."""
    joined: list[Change] = []
    for change in sorted(found, key=lambda each: -each.strength):
        for place, other in enumerate(joined):
            shared = min(change.last, other.last) - max(change.first, other.first)
            if shared * 2 > min(change.last - change.first, other.last - other.first) and _boxes_meet(change, other):
                joined[place] = replace(
                    other,
                    first=min(other.first, change.first),
                    last=max(other.last, change.last),
                    cells=other.cells | change.cells,
                )
                break
        else:
            joined.append(change)
    return joined if len(joined) == len(found) else _joined(joined)


def _boxes_meet(one: Change, other: Change) -> bool:
    for axis in (0, 1):
        mine, theirs = (np.flatnonzero(change.cells.any(axis=axis)) for change in (one, other))
        if mine[0] > theirs[-1] + 1 or theirs[0] > mine[-1] + 1:
            return False
    return True


def _groups(weak: NDArray[np.bool_], strong: NDArray[np.bool_]) -> list[list[Cell]]:
    """Connected cells (bin, row, column) of `weak` that hold a cell of `strong`; diagonals and short pauses connect."""
    left = {(int(t), int(y), int(x)) for t, y, x in np.argwhere(weak)}
    groups = []
    for seed in map(tuple, np.argwhere(strong).tolist()):
        if seed not in left:
            continue
        left.discard(seed)
        group, todo = [], [seed]
        while todo:
            t, y, x = todo.pop()
            group.append((t, y, x))
            for dt in range(-BLINK_BINS, BLINK_BINS + 1):
                for dy in (-1, 0, 1):
                    for dx in (-1, 0, 1):
                        cell = (t + dt, y + dy, x + dx)
                        if cell in left:
                            left.discard(cell)
                            todo.append(cell)
        groups.append(group)
    return groups
