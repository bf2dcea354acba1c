"""How loud a video is over its length: the lowest and the highest sample of each of a few thousand slots.

The file is that of BBC's audiowaveform, version 2 of its data format, 8 bits, one channel: six little-endian 32-bit
numbers (version, flags, sample rate, samples a slot, slots, channels), then a signed byte each for the lowest and the
highest of every slot. The slots run from the first frame of the picture to the end of its last.
"""

import struct
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.packet import Packet
from numpy.typing import NDArray

from videos.media.errors import pass_over
from videos.media.opening import MAX_DURATION_SECONDS
from videos.media.sound import GAP_SECONDS

WAVEFORM = "waveform.dat"
MOST_SLOTS = 4096
SLOT_SAMPLES = 256  # to begin with; doubled whenever there are too many
AT_ONCE = 1 << 15  # samples that are summed up together
EMPTY = 127, -128

_HEADER = struct.Struct("<iIiiIi")


class Waveform:
    """Hears one track packet by packet. However long it is, memory stays the same: slots double once they are too many.

    Of several channels the outermost counts, so that nothing cancels out. Damaged packets are passed over.
    """

    def __init__(self, stream: AudioStream) -> None:
        self.stream = stream
        self._rate = 0  # samples a second of the first frame, by which slots are measured
        self._slot_samples = SLOT_SAMPLES
        self._first = 0  # the number of the first slot, counted from second 0
        self._slots = np.empty((2, 0), np.int8)  # lowest and highest
        self._waiting: list[NDArray[np.generic]] = []
        self._waiting_rate = 0
        self._waiting_samples = 0
        self._begin = self._end = 0.0  # seconds of what waits

    def hear(self, packet: "Packet[AudioStream]") -> None:
        try:
            for frame in packet.decode():
                self._take(frame)
        except (av.error.FFmpegError, ValueError) as fault:
            pass_over(fault)

    def write(self, path: Path, origin: float, duration: float) -> bool:
        """Leave the file for a picture that begins at `origin` of the file's clock; False where nothing was heard."""
        self._sum_up()
        if not self._rate:
            return False
        while duration > MOST_SLOTS * self._slot_seconds:
            self._halve()
        count = max(1, int(np.ceil(duration / self._slot_seconds - 1e-9)))
        shift = self._first - round(origin / self._slot_seconds)
        made = np.tile(np.array(EMPTY, np.int8)[:, None], count)
        start, end = max(0, shift), min(count, shift + self._slots.shape[1])
        if end > start:
            made[:, start:end] = self._slots[:, start - shift : end - shift]
        made[:, made[0] > made[1]] = 0
        head = _HEADER.pack(2, 1, self._rate, self._slot_samples, count, 1)
        path.write_bytes(head + np.ascontiguousarray(made.T).tobytes())
        return True

    @property
    def _slot_seconds(self) -> float:
        return self._slot_samples / self._rate

    def _take(self, frame: AudioFrame) -> None:
        samples = _by_channel(frame)
        rate = frame.sample_rate
        if not samples.size or rate <= 0:
            return
        begin = self._end if frame.time is None else frame.time
        if abs(begin) > MAX_DURATION_SECONDS:
            return
        follows = self._waiting and rate == self._waiting_rate and abs(begin - self._end) < GAP_SECONDS
        alike = self._waiting and samples.shape[0] == self._waiting[0].shape[0]
        if not follows or not alike or self._waiting_samples >= AT_ONCE:
            self._sum_up()
            self._begin, self._waiting_rate = begin, rate
        self._rate = self._rate or rate
        self._waiting.append(samples)
        self._waiting_samples += samples.shape[1]
        self._end = self._begin + self._waiting_samples / rate

    def _sum_up(self) -> None:
        """Put what waits into its slots."""
        if not self._waiting:
            return
        samples = np.concatenate(self._waiting, axis=1)
        self._waiting, self._waiting_samples = [], 0
        last = self._begin + (samples.shape[1] - 1) / self._waiting_rate
        if not self._slots.shape[1]:
            self._first = int(self._begin // self._slot_seconds)
        while last // self._slot_seconds - self._first >= MOST_SLOTS:
            self._halve()
        start, end = int(self._begin // self._slot_seconds), int(last // self._slot_seconds) + 1
        edges = np.ceil((np.arange(start, end) * self._slot_seconds - self._begin) * self._waiting_rate).astype(int)
        edges = edges.clip(0, samples.shape[1] - 1)
        lowest = np.minimum.reduceat(samples.min(axis=0), edges)
        highest = np.maximum.reduceat(samples.max(axis=0), edges)
        self._merge(start, np.stack([_as_bytes(lowest), _as_bytes(highest)]))

    def _merge(self, start: int, slots: NDArray[np.int8]) -> None:
        """Slots from number `start` on, into those there are; what lies before the first is left out."""
        behind = max(0, self._first - start)
        slots, start = slots[:, behind:], max(start, self._first)
        place = start - self._first
        more = place + slots.shape[1] - self._slots.shape[1]
        if more > 0:
            self._slots = np.concatenate([self._slots, np.tile(np.array(EMPTY, np.int8)[:, None], more)], axis=1)
        room = self._slots[:, place : place + slots.shape[1]]
        np.minimum(room[0], slots[0], out=room[0])
        np.maximum(room[1], slots[1], out=room[1])

    def _halve(self) -> None:
        """Make one slot of each two."""
        ahead = self._first % 2
        behind = (ahead + self._slots.shape[1]) % 2
        even = np.pad(self._slots, ((0, 0), (ahead, behind)))
        even[:, :ahead], even[:, even.shape[1] - behind :] = (np.array(EMPTY, np.int8)[:, None],) * 2
        pairs = even.reshape(2, -1, 2)
        self._slots = np.stack([pairs[0].min(axis=1), pairs[1].max(axis=1)])
        self._first //= 2
        self._slot_samples *= 2


def _by_channel(frame: AudioFrame) -> NDArray[np.generic]:
    """(channels, samples) in the frame's own numbers."""
    samples = frame.to_ndarray()
    return samples if frame.format.is_planar else samples.reshape(-1, frame.layout.nb_channels).T


def _as_bytes(samples: NDArray[np.generic]) -> NDArray[np.int8]:
    """Whole numbers by their full scale, floating ones by 1."""
    kind = samples.dtype
    values = samples.astype(np.float64)
    if kind.kind == "u":
        values = values / 128 - 1
    elif kind.kind == "i":
        values /= 2.0 ** (8 * kind.itemsize - 1)
    return np.nan_to_num(np.rint(values * 127), nan=0.0, posinf=127, neginf=-128).clip(-128, 127).astype(np.int8)
