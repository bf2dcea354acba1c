"""Rows that are worked out a block at a time when they are asked for, the latest blocks kept: memory stays flat."""

from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indexes = NDArray[np.intp]

BLOCK_ROWS = 1024
KEPT_BYTES = 1 << 26  # about as much as an hour of film needs, so that nothing of it is worked out twice
FEW = 32  # rows of a block that are worked out on their own, without the rest of it


class Blocks:
    """Behaves like an array (count, width) of which only a part is ever in memory; taken by indexes of any shape.

    Rows that follow each other come as a view, which cannot be written to.
    """

    def __init__(self, count: int, width: int, rows: Callable[[Indexes], Floats], kept: int = KEPT_BYTES) -> None:
        self._count, self._width, self._rows = count, width, rows
        self._kept: OrderedDict[int, Floats] = OrderedDict()
        self._most = max(1, kept // (BLOCK_ROWS * width * np.dtype(np.float32).itemsize))

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, wanted: Indexes) -> Floats:
        """(*wanted.shape, width)"""
        flat = wanted.ravel()
        low, high = (int(flat[0]), int(flat[-1]) + 1) if len(flat) else (0, 0)
        if high - low == len(flat) and (flat[1:] > flat[:-1]).all():
            out = self._stretch(low, high)
        else:
            out = np.empty((len(flat), self._width), np.float32)
            blocks = flat // BLOCK_ROWS
            for block in np.unique(blocks):
                mine = blocks == block
                out[mine] = self._scattered(int(block), flat[mine])
        return out.reshape(*wanted.shape, self._width)

    def _stretch(self, low: int, high: int) -> Floats:
        pieces = [np.empty((0, self._width), np.float32)]
        for block in range(low // BLOCK_ROWS, -(-high // BLOCK_ROWS)):
            start = block * BLOCK_ROWS
            first, last = max(low, start), min(high, start + BLOCK_ROWS)
            kept = self._block(block, last - first)
            pieces.append(self._rows(np.arange(first, last)) if kept is None else kept[first - start : last - start])
        return pieces[1] if len(pieces) == 2 else np.concatenate(pieces)

    def _scattered(self, block: int, wanted: Indexes) -> Floats:
        kept = self._block(block, len(wanted))
        return self._rows(wanted) if kept is None else kept[wanted - block * BLOCK_ROWS]

    def _block(self, block: int, wanted: int) -> Floats | None:
        """A whole block, or None where the rows that are wanted of it cost less alone."""
        if block in self._kept:
            self._kept.move_to_end(block)
        elif wanted < FEW:
            return None
        else:
            start = block * BLOCK_ROWS
            made = self._rows(np.arange(start, min(self._count, start + BLOCK_ROWS)))
            made.setflags(write=False)
            self._kept[block] = made
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return self._kept[block]
