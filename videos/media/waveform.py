"""Measure the waveform of an audio track: the lowest and the highest sample of each of a few thousand slots.

The file has the format of BBC audiowaveform, data format version 2, 8 bits, one channel: six little-endian 32-bit
numbers (version, flags, sample rate, samples per slot, slots, channels), then a signed byte each for the lowest and the
highest sample of every slot. The slots cover the time from the first video frame to the end of the last.
"""

import struct
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.packet import Packet
from numpy.typing import NDArray

from videos.media.audio import GAP_SECONDS
from videos.media.demux import MAX_DURATION_SECONDS
from videos.media.errors import raise_if_out_of_memory

WAVEFORM_FILE = "waveform.dat"  # file name
MAX_SLOTS = 4096  # slots per file
INITIAL_SLOT_SAMPLES = 256  # samples per slot at first; doubled whenever there are too many slots
BATCH_SAMPLES = 1 << 15  # samples that are processed together
EMPTY_SLOT = 127, -128  # lowest and highest value of a slot without samples

_HEADER = struct.Struct("<iIiiIi")


class Waveform:
    """Measure one track packet by packet, in constant memory: when there are too many slots, neighbours are merged.

    Of several channels the extreme values count, so that channels do not cancel each other. Damaged packets are
    skipped.
    """

    def __init__(self, stream: AudioStream) -> None:
        self.stream = stream
        self._rate = 0  # samples a second of the first frame, by which slots are measured
        self._slot_samples = INITIAL_SLOT_SAMPLES
        self._first = 0  # the number of the first slot, counted from second 0
        self._slots = np.empty((2, 0), np.int8)  # lowest and highest
        self._waiting: list[NDArray[np.generic]] = []
        self._waiting_rate = 0
        self._waiting_samples = 0
        self._begin = self._end = 0.0  # seconds of what waits

    def add_packet(self, packet: "Packet[AudioStream]") -> None:
        """Decode a packet and add its samples."""
        try:
            for frame in packet.decode():
                self._add_frame(frame)
        except (av.error.FFmpegError, ValueError) as fault:
            raise_if_out_of_memory(fault)

    def write(self, path: Path, origin: float, duration: float) -> bool:
        """Write the file for a video that begins at `origin` seconds of the file's clock.

        Returns False, without a file, if there was no sound.
        """
        self._flush()
        if not self._rate:
            return False
        while duration > MAX_SLOTS * self._slot_seconds:
            self._halve_slot_count()
        count = max(1, int(np.ceil(duration / self._slot_seconds - 1e-9)))
        shift = self._first - round(origin / self._slot_seconds)
        slots = np.tile(np.array(EMPTY_SLOT, np.int8)[:, None], count)
        start, end = max(0, shift), min(count, shift + self._slots.shape[1])
        if end > start:
            slots[:, start:end] = self._slots[:, start - shift : end - shift]
        slots[:, slots[0] > slots[1]] = 0
        head = _HEADER.pack(2, 1, self._rate, self._slot_samples, count, 1)
        path.write_bytes(head + np.ascontiguousarray(slots.T).tobytes())
        return True

    @property
    def _slot_seconds(self) -> float:
        return self._slot_samples / self._rate

    def _add_frame(self, frame: AudioFrame) -> None:
        samples = _split_channels(frame)
        rate = frame.sample_rate
        if not samples.size or rate <= 0:
            return
        begin = self._end if frame.time is None else frame.time
        if abs(begin) > MAX_DURATION_SECONDS:
            return
        follows = self._waiting and rate == self._waiting_rate and abs(begin - self._end) < GAP_SECONDS
        alike = self._waiting and samples.shape[0] == self._waiting[0].shape[0]
        if not follows or not alike or self._waiting_samples >= BATCH_SAMPLES:
            self._flush()
            self._begin, self._waiting_rate = begin, rate
        self._rate = self._rate or rate
        self._waiting.append(samples)
        self._waiting_samples += samples.shape[1]
        self._end = self._begin + self._waiting_samples / rate

    def _flush(self) -> None:
        """Add the waiting samples to their slots."""
        if not self._waiting:
            return
        samples = np.concatenate(self._waiting, axis=1)
        self._waiting, self._waiting_samples = [], 0
        last = self._begin + (samples.shape[1] - 1) / self._waiting_rate
        if not self._slots.shape[1]:
            self._first = int(self._begin // self._slot_seconds)
        while last // self._slot_seconds - self._first >= MAX_SLOTS:
            self._halve_slot_count()
        start, end = int(self._begin // self._slot_seconds), int(last // self._slot_seconds) + 1
        edges = np.ceil((np.arange(start, end) * self._slot_seconds - self._begin) * self._waiting_rate).astype(int)
        edges = edges.clip(0, samples.shape[1] - 1)
        lowest = np.minimum.reduceat(samples.min(axis=0), edges)
        highest = np.maximum.reduceat(samples.max(axis=0), edges)
        self._merge_slots(start, np.stack([_quantise(lowest), _quantise(highest)]))

    def _merge_slots(self, start: int, slots: NDArray[np.int8]) -> None:
        """Merge slots from number `start` on into the existing ones; those before the first are dropped."""
        dropped = max(0, self._first - start)
        slots, start = slots[:, dropped:], max(start, self._first)
        place = start - self._first
        more = place + slots.shape[1] - self._slots.shape[1]
        if more > 0:
            self._slots = np.concatenate([self._slots, np.tile(np.array(EMPTY_SLOT, np.int8)[:, None], more)], axis=1)
        target = self._slots[:, place : place + slots.shape[1]]
        np.minimum(target[0], slots[0], out=target[0])
        np.maximum(target[1], slots[1], out=target[1])

    def _halve_slot_count(self) -> None:
        """Merge each two neighbouring slots."""
        ahead = self._first % 2
        behind = (ahead + self._slots.shape[1]) % 2
        even = np.pad(self._slots, ((0, 0), (ahead, behind)))
        even[:, :ahead], even[:, even.shape[1] - behind :] = (np.array(EMPTY_SLOT, np.int8)[:, None],) * 2
        pairs = even.reshape(2, -1, 2)
        self._slots = np.stack([pairs[0].min(axis=1), pairs[1].max(axis=1)])
        self._first //= 2
        self._slot_samples *= 2


def _split_channels(frame: AudioFrame) -> NDArray[np.generic]:
    """Return samples (channels, samples) in the frame's own number type."""
    samples = frame.to_ndarray()
    return samples if frame.format.is_planar else samples.reshape(-1, frame.layout.nb_channels).T


def _quantise(samples: NDArray[np.generic]) -> NDArray[np.int8]:
    """Return samples as signed bytes: integers relative to full scale, floats relative to 1."""
    kind = samples.dtype
    values = samples.astype(np.float64)
    if kind.kind == "u":
        values = values / 128 - 1
    elif kind.kind == "i":
        values /= 2.0 ** (8 * kind.itemsize - 1)
    return np.nan_to_num(np.rint(values * 127), nan=0.0, posinf=127, neginf=-128).clip(-128, 127).astype(np.int8)
