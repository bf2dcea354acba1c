"""Read and cut samples of speech: mono 16-bit PCM at 16 kHz without a header."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 16_000  # samples per second
OVERLAP_SECONDS = 30  # at the end of a chunk, in which the cut is placed


def open_samples(audio: Path) -> NDArray[np.int16]:
    """Map the samples of a file into memory."""
    return np.memmap(audio, np.int16, "r") if audio.stat().st_size else np.zeros(0, np.int16)


def find_cut(samples: NDArray[np.int16], start: int, seconds: int) -> int:
    """Return the end of the chunk that starts at `start` and takes at most `seconds`.

    It is the middle of the quietest 0.5 s in the last `OVERLAP_SECONDS`.
    """
    end = start + seconds * RATE
    if end >= len(samples):
        return len(samples)
    window = RATE // 2
    tail = to_float(samples[end - OVERLAP_SECONDS * RATE : end])
    loudness = np.square(tail[: len(tail) // window * window]).reshape(-1, window).mean(axis=1)
    return end - OVERLAP_SECONDS * RATE + int(loudness.argmin()) * window + window // 2


def to_float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return the samples between -1 and 1."""
    return np.asarray(samples, np.float32) / np.float32(32768)
