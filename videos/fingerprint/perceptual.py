"""Compute clip embeddings locally, without a key or a network."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.fingerprint.version import PERCEPTUAL_MODEL

Floats = NDArray[np.float32]
Levels = NDArray[np.uint8]

FLAT_LEVELS = 3.0  # levels of contrast at which a normalised picture has 1/sqrt(2) of its full length
COLOUR_LEVELS = 12.0  # levels of chroma that count as one unit
MOTION_LEVELS = 12.0  # levels of motion that count as one unit
DETAIL_STEPS = 48.0  # steps of stored detail that count as one unit: three doublings of the variance
WEIGHTS = {"picture": 1.0, "colour": 0.8, "motion": 0.35, "detail": 0.3}  # weights of the parts of a vector
BIAS = 0.05  # constant component, so that the vector of a black clip is not zero


@dataclass(frozen=True, slots=True)
class ClipVectors:
    """Vectors of a video's clips in order, and one of the whole video.

    `starts` and `ends` are seconds (clips,) float64, half-open. `vectors` is (clips, dimensions) float32 and `whole`
    (dimensions,) float32.
    """

    model: str
    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    vectors: Floats
    whole: Floats


class PerceptualEmbedder:
    """Embed clips by appearance, not by meaning: layout of luma, colour, motion and fine detail.

    Re-encoding hardly changes a vector; other footage has a distant one. The parts are averages over the clip on a grid
    of 9 x 16 cells or fewer. Each is divided by its own scale. They are joined and normalised to unit length.
    """

    model = PERCEPTUAL_MODEL
    clip_seconds = 2.0
    dimensions = 144 + 2 * 72 + 144 + 72 + 2

    def __init__(self) -> None:
        self._vectors: list[Floats] = []
        self._begin_clip()
        self._last: Levels | None = None  # (1, 36, 64)

    def _begin_clip(self) -> None:
        self._count = 0
        self._luma = np.zeros((36, 64), np.uint32)
        self._motion = np.zeros((36, 64), np.uint32)
        self._chroma = np.zeros((2, 9, 16), np.uint32)
        self._detail = np.zeros((18, 32), np.uint32)

    def add(self, seconds: NDArray[np.float64], luma: Levels, chroma: Levels, detail: Levels) -> None:
        """Add the next frames at rising `seconds` (frames,).

        Shapes as in a fingerprint: luma (frames, 36, 64), chroma (frames, 2, 9, 16), detail (frames, 18, 32).
        """
        before = np.concatenate([luma[:1] if self._last is None else self._last, luma[:-1]])
        motion = np.maximum(luma, before) - np.minimum(luma, before)
        self._last = luma[-1:].copy()
        start = 0
        while start < len(seconds):
            self._close_clips_until(seconds[start])
            end = int(np.searchsorted(seconds, self._clip_end))
            for sums, values in (
                (self._luma, luma), (self._motion, motion), (self._chroma, chroma), (self._detail, detail)
            ):  # fmt: skip
                sums += values[start:end].sum(axis=0, dtype=np.uint32)
            self._count += end - start
            start = end

    def clips(self, duration: float) -> ClipVectors:
        """Return the vectors of all clips, after the last frame; `duration` in seconds."""
        count = max(1, int(np.ceil(duration / self.clip_seconds - 1e-6)))
        self._close_clips_until(count * self.clip_seconds)
        starts = np.arange(count, dtype=np.float64) * self.clip_seconds
        vectors = np.stack(self._vectors[:count])
        ends = np.minimum(starts + self.clip_seconds, duration)
        return ClipVectors(self.model, starts, ends, vectors, _normalise(vectors.mean(axis=0)))

    @property
    def _clip_end(self) -> float:
        return (len(self._vectors) + 1) * self.clip_seconds - 1e-6

    def _close_clips_until(self, seconds: float) -> None:
        """End every clip that is over at `seconds`. A clip without a frame repeats the last vector."""
        while seconds >= self._clip_end:
            if self._count or not self._vectors:
                self._vectors.append(self._build_vector())
                self._begin_clip()
            else:
                self._vectors.append(self._vectors[-1])

    def _build_vector(self) -> Floats:
        """Return the vector (dimensions,) of the current clip."""
        count = np.float32(max(1, self._count))
        luma = _average_blocks(self._luma / count, 4, 4)
        mean = luma.mean()
        contrast = np.sqrt(np.square(luma - mean).mean() + np.float32(FLAT_LEVELS**2))
        detail = _average_blocks(self._detail / count, 2, 4)
        parts = {
            "picture": (luma - mean) / contrast / 12,
            "colour": _average_blocks(self._chroma / count - np.float32(128), 1, 2) / np.float32(COLOUR_LEVELS) / 12,
            "motion": np.sqrt(_average_blocks(self._motion / count, 4, 4) / np.float32(MOTION_LEVELS)) / 12,
            "detail": (detail - detail.mean()) / np.float32(DETAIL_STEPS) / np.float32(np.sqrt(72)),
        }
        joined = [np.float32(WEIGHTS[name]) * part.ravel() for name, part in parts.items()]
        return _normalise(np.concatenate([*joined, [(mean - 128) / 512, BIAS]]).astype(np.float32))


def _average_blocks(cells: NDArray[np.floating], high: int, wide: int) -> Floats:
    """Return the means of blocks of `high` x `wide` cells on the last two axes."""
    *rest, rows, columns = cells.shape
    blocks = cells.reshape(*rest, rows // high, high, columns // wide, wide)
    return blocks.mean(axis=(-3, -1)).astype(np.float32)


def _normalise(vector: Floats) -> Floats:
    """Return the vector at unit length."""
    unit: Floats = vector / np.float32(np.linalg.norm(vector))
    return unit
