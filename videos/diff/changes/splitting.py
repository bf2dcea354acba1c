"""Split a change where one edit ends and another one begins.

Two edits of parts of the picture change different blocks. Of two of the whole picture, such as a grade that is followed
by other footage, one leaves the frames of the two sides alike but for their colours, and the other does not.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.descriptor import Floats

STABLE_OVERLAP = 0.6  # of the blocks of two adjacent bins, at least, before and after a split; an overlay may move
MAX_OVERLAP = 0.3  # of the blocks, and of their boxes, before and after a split
MIN_SPLIT_BINS = 2
SAME_CORRELATION, FOREIGN_CORRELATION = 0.85, 0.6  # medians of frames that are alike, at least, and of other footage

Blocks = NDArray[np.bool_]  # bins, rows, columns


def split_group(blocks: Blocks) -> list[tuple[int, int]]:
    """Return the first bin and the one after the last of each edit in a group; `blocks` are those that differ.

    Two edits that follow each other directly change different blocks, each of them the same ones for a while. The bin
    in which one edit ends and the other begins may belong to both.
    """
    count = len(blocks)
    borders = [0]
    for at in range(MIN_SPLIT_BINS, count - MIN_SPLIT_BINS):
        if at - borders[-1] >= MIN_SPLIT_BINS and _is_border(blocks, at):
            is_before = _measure_overlap(blocks[at], blocks[at - 1]) > _measure_overlap(blocks[at], blocks[at + 1])
            borders.append(at + is_before)
    return list(zip(borders, [*borders[1:], count], strict=True))


def split_by_likeness(correlation: Floats, least: int) -> list[tuple[int, int]]:
    """Return the first frame and the one after the last of each edit of the whole picture.

    `correlation` (frames,) is that of the two sides. Each edit has at least as many frames as `least`.
    """
    beside = np.pad(correlation >= (SAME_CORRELATION + FOREIGN_CORRELATION) / 2, least // 2, mode="edge")
    is_alike = np.convolve(beside, np.ones(least // 2 * 2 + 1), "valid") > least // 2  # as most frames around
    turns = [0, *(np.flatnonzero(is_alike[1:] != is_alike[:-1]) + 1), len(correlation)]
    pieces: list[tuple[int, int]] = []
    for first, last in pairwise(map(int, turns)):
        if pieces and (last - first < least or is_alike[pieces[-1][0]] == is_alike[first]):
            pieces[-1] = (pieces[-1][0], last)
        else:
            pieces.append((first, last))
    if len(pieces) > 1 and pieces[0][1] < least:
        pieces[:2] = [(0, pieces[1][1])]
    typical = [float(np.median(correlation[first:last])) for first, last in pieces]
    are_clear = all(each >= SAME_CORRELATION or each <= FOREIGN_CORRELATION for each in typical)
    are_turns = all((one >= SAME_CORRELATION) != (other >= SAME_CORRELATION) for one, other in pairwise(typical))
    return pieces if are_clear and are_turns else [(0, len(correlation))]


def _is_border(blocks: Blocks, at: int) -> bool:
    """Return whether one edit ends within bin `at` or just before it."""
    before, after = blocks[at - 1], blocks[at + 1]
    if not before.any() or not after.any():
        return False
    is_stable = (
        _measure_overlap(blocks[at - 2], before) >= STABLE_OVERLAP
        and _measure_overlap(after, blocks[min(at + 2, len(blocks) - 1)]) >= STABLE_OVERLAP
    )
    return (
        is_stable
        and _measure_overlap(before, after) < MAX_OVERLAP
        and _measure_overlap(_fill_box(before), _fill_box(after)) < MAX_OVERLAP
    )


def _measure_overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Return the share of common blocks in all blocks of either."""
    return float((one & other).sum() / max(1, int((one | other).sum())))


def _fill_box(blocks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the smallest box around the blocks."""
    filled = np.zeros_like(blocks)
    rows, columns = (np.flatnonzero(blocks.any(axis=axis)) for axis in (1, 0))
    filled[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    return filled
