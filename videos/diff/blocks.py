"""Rows that are worked out a block at a time when they are asked for, the latest blocks kept: memory stays flat."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indexes = NDArray[np.intp]

BLOCK_ROWS = 1024
KEPT_BLOCKS = 40
FEW = 32  # rows of a block that are worked out on their own, without the rest of it


class Blocks:
    """Behaves like an array (count, width) of which only a part is ever in memory; taken by indexes of any shape."""

    def __init__(self, count: int, width: int, rows: Callable[[Indexes], Floats]) -> None:
        self._count, self._width, self._rows = count, width, rows
        self._kept: OrderedDict[int, Floats] = OrderedDict()
        self._lock = Lock()  # several threads look at different stretches at once

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, wanted: Indexes) -> Floats:
        """(*wanted.shape, width)"""
        with self._lock:
            return self._taken(wanted)

    def _taken(self, wanted: Indexes) -> Floats:
        flat = wanted.ravel()
        blocks = flat // BLOCK_ROWS
        first = int(blocks[0]) if len(flat) else 0
        if len(flat) and (blocks == first).all():
            out = self._from(first, flat)
        else:
            out = np.empty((len(flat), self._width), np.float32)
            for block in np.unique(blocks):
                mine = blocks == block
                out[mine] = self._from(int(block), flat[mine])
        return out.reshape(*wanted.shape, self._width)

    def _from(self, block: int, wanted: Indexes) -> Floats:
        if block in self._kept:
            self._kept.move_to_end(block)
        elif len(wanted) < FEW:
            return self._rows(wanted)
        else:
            start = block * BLOCK_ROWS
            self._kept[block] = self._rows(np.arange(start, min(self._count, start + BLOCK_ROWS)))
            if len(self._kept) > KEPT_BLOCKS:
                self._kept.popitem(last=False)
        found: Floats = self._kept[block][wanted - block * BLOCK_ROWS]
        return found
