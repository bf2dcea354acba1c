"""Group the cells of a score map that stand out, by connected components in space and time."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.changes.bin_scores import Scores
from videos.diff.changes.change import Change
from videos.diff.changes.motion import average_strongest, count_moving_cells
from videos.diff.changes.score_maps import ScoreMap
from videos.diff.changes.splitting import split_group
from videos.diff.sampling.descriptor import Floats
from videos.fingerprint.format import LUMA_SHAPE

GROWTH = 0.6  # share of the threshold down to which a change extends around its core
MIN_CORE_SHARE = 0.05  # share of the bins of a change that have a core
BLOCKS = (9, 16)  # rows and columns of the blocks in which cells are grouped
BLOCK_ROWS, BLOCK_COLUMNS = LUMA_SHAPE[0] // BLOCKS[0], LUMA_SHAPE[1] // BLOCKS[1]  # cells
PRESENCE = 0.25  # share of the way from the level outside to the level inside at which a change is present
PAUSE_BINS = 2  # bins; a pause this short does not end a change
MAX_PRESENCE_SCORE = np.float16(4)  # score; higher ones count as this for the presence of a change

Cell = tuple[int, int, int]  # bin, row, column


def pool_blocks(score_map: ScoreMap) -> Scores:
    """Return (bins, 9, 16): the highest score in each block of cells."""
    bits = score_map.score.view(np.uint16)  # non-negative halves sort like their bits, and integers compare faster
    high = bits.reshape(-1, BLOCKS[0], BLOCK_ROWS, LUMA_SHAPE[1]).max(axis=2)
    blocks = high[..., 0::BLOCK_COLUMNS].copy()
    for column in range(1, BLOCK_COLUMNS):
        np.maximum(blocks, high[..., column::BLOCK_COLUMNS], out=blocks)
    return blocks.view(np.float16)


def group_changes(score_map: ScoreMap, blocks: Scores, level: float) -> list[Change]:
    """Return the groups of blocks that touch in space and time, each with at least one block over `level`."""
    changes: list[Change] = []
    for group in _connect_cells(blocks > GROWTH * level, blocks > level):
        bins, down, across = (np.array(axis) for axis in zip(*group, strict=True))
        start = int(bins.min())
        allowed = np.zeros((int(bins.max()) + 1 - start, *BLOCKS), bool)
        allowed[bins - start, down, across] = True
        low, high = _find_core(allowed & (blocks[start : start + len(allowed)] > level))
        is_brief = high - low < len(allowed)
        allowed, start = allowed[low:high], start + low
        pieces = [
            _make_change(score_map, blocks, allowed[low:high], start + low, level) for low, high in split_group(allowed)
        ]
        changes += pieces if is_brief else _connect_pieces(pieces)
    return _join_touching(changes)


def _find_core(over: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the bins of a group: all, or only those from the first to the last over the threshold, if these are few.

    Blocks (bins, 9, 16) that are `over` it for a moment say nothing of weaker ones for many seconds.
    """
    core = np.flatnonzero(over.any(axis=(1, 2)))
    if len(core) >= MIN_CORE_SHARE * len(over):
        return 0, len(over)
    return int(core[0]), int(core[-1]) + 1


def _make_change(score_map: ScoreMap, blocks: Scores, allowed: NDArray[np.bool_], first: int, level: float) -> Change:
    """Return the change of the blocks (bins, 9, 16) that differ from bin `first` on."""
    last = first + len(allowed)
    strength = float(blocks[first:last][allowed].max())
    score = score_map.score[first:last]
    places: NDArray[np.bool_] = score > GROWTH * level
    places &= allowed.repeat(BLOCK_ROWS, axis=1).repeat(BLOCK_COLUMNS, axis=2)
    if moving := count_moving_cells(places):
        return Change(score_map, first, last, np.logical_or.reduce(places), strength, moving_cells=moving)
    mask = np.kron(allowed.any(axis=0), np.ones((BLOCK_ROWS, BLOCK_COLUMNS), bool))
    mean = score.astype(np.float32).mean(axis=0)
    cells = mask & (mean > GROWTH * min(level, float(mean[mask].max())))
    return Change(score_map, first, last, cells, strength)


def _connect_pieces(pieces: list[Change]) -> list[Change]:
    """Return the changes of a group, each at the bins in which it is present, and with the cells of its neighbours."""
    if len(pieces) == 1:
        [only] = pieces
        first, last = _find_presence(only)
        return [replace(only, first=first, last=last)]
    beside = [None, *(piece.cells for piece in pieces), None]
    return [
        replace(piece, cells_before=before, cells_after=after)
        for piece, before, after in zip(pieces, beside, beside[2:], strict=False)
    ]


def measure_presence(change: Change, first: int, last: int) -> Floats:
    """Return the mean score (last - first,) of the cells of a change in bins of its part."""
    scores = np.minimum(change.score_map.score[first:last, change.cells], MAX_PRESENCE_SCORE).astype(np.float32)
    return average_strongest(scores, change.moving_cells)


def _find_presence(change: Change) -> tuple[int, int]:
    """Return the bins around a group in which its cells are closer to their level inside than to that outside."""
    first, last = change.first, change.last
    level = measure_presence(change, 0, len(change.score_map.score))
    outside = np.concatenate([level[: max(0, first - 2)], level[last + 2 :]])
    within = float(np.median(level[first:last]))
    without = min(float(np.median(outside)) if len(outside) else 0.0, within)
    present = np.flatnonzero(level > without + PRESENCE * (within - without))
    core = present[(present >= first) & (present < last)]
    if not len(core):
        return first, last
    low, high = int(core[0]), int(core[-1])
    for place in present[present > high]:
        if place - high > PAUSE_BINS:
            break
        high = int(place)
    for place in present[present < low][::-1]:
        if low - place > PAUSE_BINS:
            break
        low = int(place)
    return low, high + 1


def _join_touching(changes: list[Change]) -> list[Change]:
    """Join changes whose boxes touch while both are present, such as the parts of a tinted picture."""
    joined: list[Change] = []
    for change in sorted(changes, key=lambda each: -each.strength):
        for place, other in enumerate(joined):
            shared = min(change.last, other.last) - max(change.first, other.first)
            if shared * 2 > min(change.last - change.first, other.last - other.first) and _boxes_touch(change, other):
                joined[place] = replace(
                    other,
                    first=min(other.first, change.first),
                    last=max(other.last, change.last),
                    cells=other.cells | change.cells,
                )
                break
        else:
            joined.append(change)
    return joined if len(joined) == len(changes) else _join_touching(joined)


def _boxes_touch(one: Change, other: Change) -> bool:
    for axis in (0, 1):
        mine, theirs = (np.flatnonzero(change.cells.any(axis=axis)) for change in (one, other))
        if mine[0] > theirs[-1] + 1 or theirs[0] > mine[-1] + 1:
            return False
    return True


def _connect_cells(weak: NDArray[np.bool_], strong: NDArray[np.bool_]) -> list[list[Cell]]:
    """Return the connected components of `weak` that hold a cell of `strong`.

    Cells connect diagonally and over short pauses.
    """
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
            for dt in range(-PAUSE_BINS, PAUSE_BINS + 1):
                for dy in (-1, 0, 1):
                    for dx in (-1, 0, 1):
                        cell = (t + dt, y + dy, x + dx)
                        if cell in left:
                            left.discard(cell)
                            todo.append(cell)
        groups.append(group)
    return groups
