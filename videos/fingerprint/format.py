"""Read and write fingerprint files: for every frame a small picture, its chroma, and a measure of detail.

A file is a header of 64 bytes, one record of fixed size per frame, and the time of every frame as little-endian
float64. Records are written as frames are decoded and read through a memory map, so memory does not grow with duration.
"""

import mmap
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from videos.fingerprint.version import FINGERPRINT_VERSION
from videos.media.errors import MediaError

LUMA_SHAPE = (36, 64)  # rows and columns of the stored luma
CHROMA_SHAPE = (2, 9, 16)  # planes (Cb and Cr), rows and columns of the stored chroma
DETAIL_SHAPE = (18, 32)  # rows and columns of the stored detail
SMALL_SIZE = (256, 144)  # width and height in pixels to which a frame is scaled before its record is computed
BUFFER_BYTES = 1 << 18  # bytes of the write buffer
DETAIL_STEPS = 16  # steps of stored detail per doubling of the variance

RECORD = np.dtype([("luma", "u1", LUMA_SHAPE), ("chroma", "u1", CHROMA_SHAPE), ("detail", "u1", DETAIL_SHAPE)])

# Magic, version, record bytes, frames, duration, origin, rate, width, height, colour matrix and range. Older files
# have 0 as the matrix, because the rest of the header was empty.
_HEADER = struct.Struct("<8sIIQdddIIBB")
_HEADER_BYTES = 64
_MAGIC = b"SAGEFP\r\n"


class FingerprintWriter:
    """Write frames to a fingerprint file. The header is filled in when the writer closes without an error."""

    def __init__(
        self, path: Path, width: int, height: int, rate: float, origin: float, colours: tuple[int, int] = (0, 0)
    ) -> None:
        self._path = path
        self._facts = (rate, width, height, *colours)
        self._origin = origin
        self.times: list[float] = []
        self.duration = 0.0
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        self._file = self._path.open("wb", BUFFER_BYTES)
        self._file.write(bytes(_HEADER_BYTES))
        return self

    def add(self, times: Sequence[float], records: NDArray[np.void]) -> None:
        """Append frames, given their times in seconds and their records (frames,)."""
        assert self._file is not None  # noqa: S101  for the type checker
        self._file.write(records.tobytes())
        self.times.extend(times)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None  # noqa: S101  for the type checker
        with self._file as file:
            if problem is not None:
                return
            file.write(np.asarray(self.times, "<f8").tobytes())
            rate, *facts = self._facts
            head = (_MAGIC, FINGERPRINT_VERSION, RECORD.itemsize, len(self.times), self.duration, self._origin)
            file.seek(0)
            file.write(_HEADER.pack(*head, rate, *facts))


SCATTERED_CHUNK = 32  # scattered frames that are read together
MIN_SCATTER = 8  # frames between two frames on average, from which they count as scattered


@dataclass(frozen=True)
class Fingerprint:
    """The fingerprint of one video.

    `times` are seconds from the first frame. `records` is read from disk as needed, through the memory map `mapped`.
    `matrix` is the tag of the colour matrix as numbered in ITU-T H.273, 0 if it was not read, and `color_range`
    FFmpeg's number.
    """

    records: NDArray[np.void]
    times: NDArray[np.float64]
    duration: float
    origin: float
    frame_rate: float
    width: int
    height: int
    matrix: int = 0
    color_range: int = 0
    mapped: mmap.mmap | None = None

    def __len__(self) -> int:
        return len(self.times)

    @cached_property
    def step(self) -> float:
        """Return the typical seconds between frames."""
        return float(np.median(np.diff(self.times))) if len(self) > 1 else max(self.duration, 1e-3)

    @property
    def mean_step(self) -> float:
        """Return the mean seconds per frame, which exceeds the typical step if frames were dropped."""
        return self.duration / len(self)

    @cached_property
    def borders(self) -> NDArray[np.float64]:
        """Return the time of every frame and the duration: the moments at which a segment may begin or end."""
        return np.append(self.times, self.duration)

    def read(self, field: str, frames: NDArray[np.intp] | slice) -> NDArray[Any]:
        """Return one field of some frames.

        Scattered frames are read in small chunks, because each one loads its surroundings into memory.
        """
        records = self.records[field]
        if isinstance(frames, slice) or len(frames) <= SCATTERED_CHUNK or np.ptp(frames) < MIN_SCATTER * len(frames):
            return records[frames]
        values = np.empty((len(frames), *records.shape[1:]), records.dtype)
        for low in range(0, len(frames), SCATTERED_CHUNK):
            values[low : low + SCATTERED_CHUNK] = records[frames[low : low + SCATTERED_CHUNK]]
            self.release()
        return values

    def release(self) -> None:
        """Release the pages that were read from disk, so that memory stays constant. They are read again on demand."""
        if self.mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            self.mapped.madvise(mmap.MADV_DONTNEED)

    def nearest(self, times: NDArray[np.floating]) -> NDArray[np.intp]:
        """Return the index of the frame nearest in time to each of `times`."""
        return _find_nearest(self.times, times)

    def nearest_borders(self, times: NDArray[np.floating]) -> NDArray[np.intp]:
        """Return the index of the border nearest to each of `times`."""
        return _find_nearest(self.borders, times)


def _find_nearest(ordered: NDArray[np.float64], values: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return the place of the number in ascending order that is nearest to each of the values, the first of two."""
    last = len(ordered) - 1
    # `np.clip` is slow for the few values of most calls.
    after = np.minimum(np.maximum(np.searchsorted(ordered, values), 1), max(1, last))
    before = after - 1
    after = np.minimum(after, last)
    return np.where(values - ordered[before] <= ordered[after] - values, before, after)


def read_fingerprint(path: str) -> Fingerprint:
    """Return the fingerprint stored at `path`, mapped into memory.

    Raises MediaError if the file is not a fingerprint, has another version, or is truncated.
    """
    file = Path(path)
    with file.open("rb") as handle:
        head = handle.read(_HEADER_BYTES)
    if len(head) < _HEADER_BYTES or not head.startswith(_MAGIC):
        raise MediaError("This fingerprint is damaged. Analyse the video again.")
    _, version, size, count, duration, origin, rate, width, height, matrix, color_range = _HEADER.unpack_from(head)
    if version != FINGERPRINT_VERSION or size != RECORD.itemsize:
        raise MediaError("This fingerprint was made by another version of Sage. Analyse the video again.")
    if count < 1 or file.stat().st_size != _HEADER_BYTES + count * (size + 8):
        raise MediaError("This fingerprint is damaged. Analyse the video again.")
    with file.open("rb") as handle:
        mapped = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
    records = np.frombuffer(mapped, RECORD, count, _HEADER_BYTES)  # reading parts of it is quicker than of np.memmap
    times = np.fromfile(file, "<f8", count, offset=_HEADER_BYTES + count * size)
    return Fingerprint(records, times, duration, origin, rate, width, height, matrix, color_range, mapped)
