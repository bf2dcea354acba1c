"""Compute rows of a large array on demand, in blocks, and cache the most recently used blocks."""

from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indexes = NDArray[np.intp]

BLOCK_ROWS = 1024  # rows that are computed and cached together
CACHE_BYTES = 1 << 26  # bytes of cached blocks; an hour of film fits, so that no block of it is computed twice
MIN_BLOCK_REQUEST = 32  # rows; a request for fewer rows of an uncached block computes only these rows
SHORT_ROWS = 4096  # rows of an array of which most blocks are needed sooner or later


class RowCache:
    """A read-only array of shape (count, width) that computes its rows when they are indexed.

    `rows` maps (n,) indexes to (n, width) float32. At most `cache_bytes` of computed blocks are kept, so memory stays
    constant. Indexes may have any shape. Consecutive rows of one block are returned as a view that cannot be written
    to.
    """

    def __init__(
        self, count: int, width: int, rows: Callable[[Indexes], Floats], cache_bytes: int = CACHE_BYTES
    ) -> None:
        self._count, self._width, self._compute_rows = count, width, rows
        self._blocks: OrderedDict[int, Floats] = OrderedDict()
        self._max_blocks = max(1, cache_bytes // (BLOCK_ROWS * width * np.dtype(np.float32).itemsize))

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, wanted: Indexes) -> Floats:
        """Return the rows at the indexes `wanted`, shape (*wanted.shape, width)."""
        flat = wanted.ravel()
        low, high = (int(flat[0]), int(flat[-1]) + 1) if len(flat) else (0, 0)
        if high - low == len(flat) and (flat[1:] > flat[:-1]).all():
            out = self._read_range(low, high)
        else:
            out = np.empty((len(flat), self._width), np.float32)
            blocks = flat // BLOCK_ROWS
            for block in np.unique(blocks):
                in_block = blocks == block
                out[in_block] = self._read_scattered(int(block), flat[in_block])
        return out.reshape(*wanted.shape, self._width)

    def _read_range(self, low: int, high: int) -> Floats:
        """Return the rows from `low` up to `high`."""
        pieces = [np.empty((0, self._width), np.float32)]
        for block in range(low // BLOCK_ROWS, -(-high // BLOCK_ROWS)):
            start = block * BLOCK_ROWS
            first, last = max(low, start), min(high, start + BLOCK_ROWS)
            cached = self._load_block(block, last - first)
            pieces.append(
                self._compute_rows(np.arange(first, last)) if cached is None else cached[first - start : last - start]
            )
        return pieces[1] if len(pieces) == 2 else np.concatenate(pieces)

    def _read_scattered(self, block: int, wanted: Indexes) -> Floats:
        """Return rows of one block in any order."""
        cached = self._load_block(block, len(wanted))
        return self._compute_rows(wanted) if cached is None else cached[wanted - block * BLOCK_ROWS]

    def _load_block(self, block: int, wanted: int) -> Floats | None:
        """Return a whole block, or None if it is not cached and too few of its rows are wanted."""
        if block in self._blocks:
            self._blocks.move_to_end(block)
        elif wanted < MIN_BLOCK_REQUEST and self._count > SHORT_ROWS:
            return None
        else:
            start = block * BLOCK_ROWS
            computed = self._compute_rows(np.arange(start, min(self._count, start + BLOCK_ROWS)))
            computed.setflags(write=False)
            self._blocks[block] = computed
            if len(self._blocks) > self._max_blocks:
                self._blocks.popitem(last=False)
        return self._blocks[block]
