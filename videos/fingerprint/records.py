"""Convert frames to fingerprint records: scale each frame as it comes, and sum several at once.

NumPy's overhead per call exceeds the work on one small frame, and large temporary arrays are slow to allocate. The sums
of several frames are therefore computed together, in buffers that are allocated once.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from videos.fingerprint.format import CHROMA_SHAPE, DETAIL_STEPS, LUMA_SHAPE, RECORD, SMALL_SIZE
from videos.media import scaling
from videos.media.interlacing import FieldSelector
from videos.media.stills import quarter_turns

Words = NDArray[Any]  # of uint32 or uint64
Records = NDArray[np.void]
OnFrame = Callable[[float, VideoFrame, NDArray[np.uint8]], None]  # seconds, frame, small luma (144, 256)

FRAMES_PER_BATCH = 8  # frames whose records are computed together
SMALL_WIDTH, SMALL_HEIGHT = SMALL_SIZE
# Pixels of the small picture per cell of luma.
BLOCK_PIXELS = (SMALL_HEIGHT // LUMA_SHAPE[0]) * (SMALL_WIDTH // LUMA_SHAPE[1])
# Pixels of the small chroma planes per cell of chroma.
CHROMA_PIXELS = (SMALL_HEIGHT // 2 // CHROMA_SHAPE[1]) * (SMALL_WIDTH // 2 // CHROMA_SHAPE[2])

# Two neighbours share one wider number. For each number type: the mask of the lower one, the shift of the upper one.
_NEIGHBOUR_MASKS: dict[Any, tuple[Any, Any]] = {
    np.dtype(np.uint64): (np.uint64(0xFFFFFFFF), np.uint64(32)),
    np.dtype(np.uint32): (np.uint32(0xFFFF), np.uint32(16)),
}
_EVEN_BYTES, _BYTE = np.uint64(0x00FF00FF00FF00FF), np.uint64(8)


def summarise_frames(
    frames: Iterable[tuple[float, VideoFrame]], on_frame: OnFrame, interlaced: bool = False
) -> Iterator[tuple[list[float], Records]]:
    """Yield times and records of at most `FRAMES_PER_BATCH` frames at a time.

    `on_frame` is called with each frame as it comes. If `interlaced` is true, frames that are not marked as interlaced
    are treated as interlaced too.
    """
    batch, times = _FrameBatch(interlaced), list[float]()
    for time, frame in frames:
        on_frame(time, frame, batch.scale_frame(frame, len(times)))
        times.append(time)
        if len(times) == FRAMES_PER_BATCH:
            yield times, batch.build_records(FRAMES_PER_BATCH)
            times = []
    if times:
        yield times, batch.build_records(len(times))


class _FrameBatch:
    """Buffers for a few small pictures, and the scaler that is kept between frames."""

    def __init__(self, interlaced: bool) -> None:
        self._scaler = VideoReformatter()
        self._field = FieldSelector(interlaced)
        self._luma = np.zeros((FRAMES_PER_BATCH, SMALL_HEIGHT, SMALL_WIDTH), np.uint8)
        self._chroma = np.zeros((FRAMES_PER_BATCH, 2, SMALL_HEIGHT // 2, SMALL_WIDTH // 2), np.uint8)
        self._summary = RecordBuilder(FRAMES_PER_BATCH)

    def scale_frame(self, frame: VideoFrame, place: int) -> NDArray[np.uint8]:
        """Scale a frame into its buffer and return its luma (144, 256), upright."""
        turns = quarter_turns(frame)
        wide, high = SMALL_SIZE[::-1] if turns % 2 else SMALL_SIZE
        # One thread, because distributing slices of so small a picture costs more than it saves.
        field = self._field.select_field(frame)
        small = self._scaler.reformat(field, wide, high, format="yuv420p", interpolation=scaling.AREA, threads=1)
        self._luma[place] = _read_plane(small, 0, (high, wide), turns)
        for index, chroma in enumerate(self._chroma[place], start=1):
            chroma[:] = _read_plane(small, index, (high // 2, wide // 2), turns)
        return self._luma[place]

    def build_records(self, count: int) -> Records:
        """Return the records of the first `count` pictures."""
        return self._summary.build(self._luma, self._chroma)[:count].copy()


def _read_plane(frame: VideoFrame, index: int, size: tuple[int, int], turns: int) -> NDArray[np.uint8]:
    """Return one plane of a frame, upright and without padding."""
    plane = frame.planes[index]
    pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: size[0], : size[1]]
    return np.rot90(pixels, turns) if turns else pixels


class RecordBuilder:
    """Compute the records of `count` small pictures in buffers that are allocated once.

    The luma of a record is the mean of each 4 x 4 block. Detail is the variance inside each block, averaged over 2 x 2
    blocks, on a logarithmic scale. It shows a blur, which the small picture alone does not. All sums are of integers,
    several to a machine word.
    """

    def __init__(self, count: int) -> None:
        rows, columns = LUMA_SHAPE
        self._bytes = np.empty((2, count, SMALL_HEIGHT, SMALL_WIDTH // 8), np.uint64)
        self._squares = np.empty((count, SMALL_HEIGHT, SMALL_WIDTH), np.uint16)
        self._pairs = np.empty((2, count, SMALL_HEIGHT, SMALL_WIDTH // 2), np.uint32)
        self._lines = np.empty((count, rows, SMALL_WIDTH // 8), np.uint64)
        self._square_lines = np.empty((count, rows, SMALL_WIDTH // 2), np.uint32)
        self._sums = np.empty((2, count, rows, columns), np.uint32)
        self._square_sums = np.empty((2, count, rows, columns), np.uint64)
        self._records = np.zeros(count, RECORD)

    def build(self, luma: NDArray[np.uint8], chroma: NDArray[np.uint8]) -> Records:
        """Return records (count,) of luma (count, 144, 256) and chroma (count, 2, 72, 128).

        The result is overwritten by the next call.
        """
        sums = self._sum_blocks(luma).astype(np.float32)
        squares = self._sum_squares(luma).astype(np.float32)
        squares -= np.square(sums) / np.float32(BLOCK_PIXELS)  # exact: both have at most 24 bits
        sums /= np.float32(BLOCK_PIXELS)
        self._records["luma"] = np.rint(sums, out=sums)
        rows = squares[:, 0::2] + squares[:, 1::2]
        detail = (rows[..., 0::2] + rows[..., 1::2]).astype(np.float64) / (4 * BLOCK_PIXELS)
        self._records["detail"] = np.rint(DETAIL_STEPS * np.log2(1 + detail))
        self._records["chroma"] = np.rint(_sum_chroma(chroma) / np.float32(CHROMA_PIXELS))
        return self._records

    def _sum_blocks(self, luma: NDArray[np.uint8]) -> Words:
        """Return the sums (count, 36, 64) of 4 x 4 blocks."""
        words = luma.view(np.uint64)
        upper, lower = self._bytes
        np.right_shift(words, _BYTE, out=upper)
        upper &= _EVEN_BYTES
        upper += np.bitwise_and(words, _EVEN_BYTES, out=lower)
        lines = _add_four_rows(upper, self._lines).view(np.uint32)
        return _add_neighbours(lines, *self._sums)

    def _sum_squares(self, luma: NDArray[np.uint8]) -> Words:
        """Return the sums (count, 36, 64) of the squares in 4 x 4 blocks."""
        self._squares[:] = luma
        self._squares *= self._squares
        pairs = _add_neighbours(self._squares.view(np.uint32), *self._pairs)
        lines = _add_four_rows(pairs, self._square_lines).view(np.uint64)
        return _add_neighbours(lines, *self._square_sums)


def _add_neighbours(pairs: Words, sums: Words, buffer: Words) -> Words:
    """Write the sum of the two numbers in each word to `sums` and return it."""
    mask, shift = _NEIGHBOUR_MASKS[pairs.dtype]
    np.right_shift(pairs, shift, out=sums)
    sums += np.bitwise_and(pairs, mask, out=buffer)
    return sums


def _add_four_rows(cells: Words, sums: Words) -> Words:
    """Write the sums of each four rows to `sums` (count, rows / 4, columns) and return it."""
    lines = cells.reshape(len(cells), -1, 4, cells.shape[-1])
    np.add(lines[:, :, 0], lines[:, :, 1], out=sums)
    sums += lines[:, :, 2]
    sums += lines[:, :, 3]
    return sums


def _sum_chroma(chroma: NDArray[np.uint8]) -> Words:
    """Return the sums (count, 2, 9, 16) of 8 x 8 blocks."""
    words = chroma.view(np.uint64)
    pairs = ((words >> _BYTE) & _EVEN_BYTES) + (words & _EVEN_BYTES)
    lines = pairs.reshape(len(chroma), 2, CHROMA_SHAPE[1], 8, -1).sum(axis=3).view(np.uint32)
    fours = (lines & np.uint32(0xFFFF)) + (lines >> np.uint32(16))
    words = fours.view(np.uint64)
    return (words & np.uint64(0xFFFFFFFF)) + (words >> np.uint64(32))
