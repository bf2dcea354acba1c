"""From frames to records: each is scaled to a small picture as it comes, and several are summed up at once.

NumPy spends more on each call than on the few cells of one frame, and large temporary arrays cost the system more than
their contents; so the sums of some frames are made together, in room that is taken once.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from videos.diff.fingerprint import CHROMA_SHAPE, DETAIL_STEPS, LOOK_SIZE, LUMA_SHAPE, RECORD
from videos.media.fields import FirstField
from videos.media.stills import quarter_turns

Words = NDArray[Any]  # of uint32 or uint64
Records = NDArray[np.void]
Show = Callable[[float, VideoFrame, NDArray[np.uint8]], None]  # seconds, the frame, and its small luma (144, 256)

AT_ONCE = 8
WIDE, HIGH = LOOK_SIZE
BLOCK_PIXELS = (HIGH // LUMA_SHAPE[0]) * (WIDE // LUMA_SHAPE[1])
CHROMA_PIXELS = (HIGH // 2 // CHROMA_SHAPE[1]) * (WIDE // 2 // CHROMA_SHAPE[2])

# Two neighbours in one wider number: what keeps the lower one, and by how far the upper one lies up.
_NEIGHBOURS: dict[Any, tuple[Any, Any]] = {
    np.dtype(np.uint64): (np.uint64(0xFFFFFFFF), np.uint64(32)),
    np.dtype(np.uint32): (np.uint32(0xFFFF), np.uint32(16)),
}
_EVEN_BYTES, _BYTE = np.uint64(0x00FF00FF00FF00FF), np.uint64(8)


def summed_up(
    frames: Iterable[tuple[float, VideoFrame]], show: Show, woven: bool = False
) -> Iterator[tuple[list[float], Records]]:
    """Times and records of at most `AT_ONCE` frames at a time; `show` gets each frame as it comes.

    `woven` says that frames are interlaced though they do not say so.
    """
    looks, times = _Looks(woven), list[float]()
    for time, frame in frames:
        show(time, frame, looks.look(frame, len(times)))
        times.append(time)
        if len(times) == AT_ONCE:
            yield times, looks.records(AT_ONCE)
            times = []
    if times:
        yield times, looks.records(len(times))


class _Looks:
    """Room for a few small pictures; keeps the scaler between frames."""

    def __init__(self, woven: bool) -> None:
        self._scaler = VideoReformatter()
        self._field = FirstField(woven)
        self._luma = np.zeros((AT_ONCE, HIGH, WIDE), np.uint8)
        self._chroma = np.zeros((AT_ONCE, 2, HIGH // 2, WIDE // 2), np.uint8)
        self._summary = Summary(AT_ONCE)

    def look(self, frame: VideoFrame, place: int) -> NDArray[np.uint8]:
        """Scale a frame to its place and return its luma (144, 256) as shown."""
        turns = quarter_turns(frame)
        wide, high = LOOK_SIZE[::-1] if turns % 2 else LOOK_SIZE
        # One thread: for pictures this small, handing slices around costs more than it saves.
        moment = self._field.of(frame)
        small = self._scaler.reformat(moment, wide, high, format="yuv420p", interpolation="AREA", threads=1)
        self._luma[place] = _plane(small, 0, (high, wide), turns)
        for index, chroma in enumerate(self._chroma[place], start=1):
            chroma[:] = _plane(small, index, (high // 2, wide // 2), turns)
        return self._luma[place]

    def records(self, count: int) -> Records:
        return self._summary.of(self._luma, self._chroma)[:count].copy()


def _plane(frame: VideoFrame, index: int, size: tuple[int, int], turns: int) -> NDArray[np.uint8]:
    plane = frame.planes[index]
    pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: size[0], : size[1]]
    return np.rot90(pixels, turns) if turns else pixels


class Summary:
    """Sums up `count` small pictures in room that is taken once.

    The luma of a record is the mean of each 4 x 4 block. Detail is the variance inside each block, averaged over 2 x 2
    blocks, on a logarithmic scale: what a blur takes away, and what the small picture alone cannot show. Every sum is
    of whole numbers, several to a machine word.
    """

    def __init__(self, count: int) -> None:
        rows, columns = LUMA_SHAPE
        self._bytes = np.empty((2, count, HIGH, WIDE // 8), np.uint64)
        self._squares = np.empty((count, HIGH, WIDE), np.uint16)
        self._pairs = np.empty((2, count, HIGH, WIDE // 2), np.uint32)
        self._lines = np.empty((count, rows, WIDE // 8), np.uint64)
        self._square_lines = np.empty((count, rows, WIDE // 2), np.uint32)
        self._sums = np.empty((2, count, rows, columns), np.uint32)
        self._square_sums = np.empty((2, count, rows, columns), np.uint64)
        self._records = np.zeros(count, RECORD)

    def of(self, luma: NDArray[np.uint8], chroma: NDArray[np.uint8]) -> Records:
        """(count,) records, overwritten by the next, of luma (count, 144, 256) and chroma (count, 2, 72, 128)."""
        sums = self._summed(luma).astype(np.float32)
        squares = self._squared(luma).astype(np.float32)
        squares -= np.square(sums) / np.float32(BLOCK_PIXELS)  # exact: both have at most 24 bits
        sums /= np.float32(BLOCK_PIXELS)
        self._records["luma"] = np.rint(sums, out=sums)
        rows = squares[:, 0::2] + squares[:, 1::2]
        detail = (rows[..., 0::2] + rows[..., 1::2]).astype(np.float64) / (4 * BLOCK_PIXELS)
        self._records["detail"] = np.rint(DETAIL_STEPS * np.log2(1 + detail))
        self._records["chroma"] = np.rint(_chroma_sums(chroma) / np.float32(CHROMA_PIXELS))
        return self._records

    def _summed(self, luma: NDArray[np.uint8]) -> Words:
        """(count, 36, 64) sums of the blocks."""
        words = luma.view(np.uint64)
        upper, lower = self._bytes
        np.right_shift(words, _BYTE, out=upper)
        upper &= _EVEN_BYTES
        upper += np.bitwise_and(words, _EVEN_BYTES, out=lower)
        lines = _four_lines(upper, self._lines).view(np.uint32)
        return _neighbours(lines, *self._sums)

    def _squared(self, luma: NDArray[np.uint8]) -> Words:
        """(count, 36, 64) sums of the squares in the blocks."""
        self._squares[:] = luma
        self._squares *= self._squares
        pairs = _neighbours(self._squares.view(np.uint32), *self._pairs)
        lines = _four_lines(pairs, self._square_lines).view(np.uint64)
        return _neighbours(lines, *self._square_sums)


def _neighbours(pairs: Words, sums: Words, room: Words) -> Words:
    """`sums`, which become those of the two numbers in each word."""
    mask, shift = _NEIGHBOURS[pairs.dtype]
    np.right_shift(pairs, shift, out=sums)
    sums += np.bitwise_and(pairs, mask, out=room)
    return sums


def _four_lines(cells: Words, sums: Words) -> Words:
    """`sums` (count, rows / 4, columns), which become those of each four lines."""
    lines = cells.reshape(len(cells), -1, 4, cells.shape[-1])
    np.add(lines[:, :, 0], lines[:, :, 1], out=sums)
    sums += lines[:, :, 2]
    sums += lines[:, :, 3]
    return sums


def _chroma_sums(chroma: NDArray[np.uint8]) -> Words:
    """(count, 2, 9, 16) sums of blocks of 8 x 8."""
    words = chroma.view(np.uint64)
    pairs = ((words >> _BYTE) & _EVEN_BYTES) + (words & _EVEN_BYTES)
    lines = pairs.reshape(len(chroma), 2, CHROMA_SHAPE[1], 8, -1).sum(axis=3).view(np.uint32)
    fours = (lines & np.uint32(0xFFFF)) + (lines >> np.uint32(16))
    words = fours.view(np.uint64)
    return (words & np.uint64(0xFFFFFFFF)) + (words >> np.uint64(32))
