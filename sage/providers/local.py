"""What Sage computes itself, with no key and no network."""

import numpy as np
from numpy.typing import NDArray

from sage.providers.base import Clips

Floats = NDArray[np.float32]
Levels = NDArray[np.uint8]

FLAT_LEVELS = 3.0  # contrast in levels of luma at which a picture counts as half as sure of its pattern
COLOUR_LEVELS = 12.0
MOTION_LEVELS = 12.0
DETAIL_STEPS = 48.0  # three doublings of variance
WEIGHTS = {"picture": 1.0, "colour": 0.8, "motion": 0.35, "detail": 0.3}
BIAS = 0.05  # keeps a clip that is black throughout from being no vector at all


class PerceptualEmbedder:
    """How the pictures of a clip look, not what they mean: layout of light, colour, motion and fine detail.

    Encoding a video again hardly moves its vectors, other footage lies far off. The parts are averages over the clip on
    a grid of 9 x 16 cells or fewer, each divided by a scale of its own, joined and brought to unit length.
    """

    model = "sage-perceptual-1"  # with another, raise FINGERPRINT_VERSION too: then videos are read again
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
        before = np.concatenate([luma[:1] if self._last is None else self._last, luma[:-1]])
        motion = np.maximum(luma, before) - np.minimum(luma, before)
        self._last = luma[-1:].copy()
        start = 0
        while start < len(seconds):
            self._close_until(seconds[start])
            end = int(np.searchsorted(seconds, self._clip_end))
            for sums, added in (
                (self._luma, luma), (self._motion, motion), (self._chroma, chroma), (self._detail, detail)
            ):  # fmt: skip
                sums += added[start:end].sum(axis=0, dtype=np.uint32)
            self._count += end - start
            start = end

    def clips(self, duration: float) -> Clips:
        count = max(1, int(np.ceil(duration / self.clip_seconds - 1e-6)))
        self._close_until(count * self.clip_seconds)
        starts = np.arange(count, dtype=np.float64) * self.clip_seconds
        vectors = np.stack(self._vectors[:count])
        ends = np.minimum(starts + self.clip_seconds, duration)
        return Clips(self.model, starts, ends, vectors, _unit(vectors.mean(axis=0)))

    @property
    def _clip_end(self) -> float:
        return (len(self._vectors) + 1) * self.clip_seconds - 1e-6

    def _close_until(self, seconds: float) -> None:
        """End every clip that is over by then. One without a frame shows what the last one showed."""
        while seconds >= self._clip_end:
            if self._count or not self._vectors:
                self._vectors.append(self._vector())
                self._begin_clip()
            else:
                self._vectors.append(self._vectors[-1])

    def _vector(self) -> Floats:
        count = np.float32(max(1, self._count))
        light = _pooled(self._luma / count, 4, 4)
        mean = light.mean()
        contrast = np.sqrt(np.square(light - mean).mean() + np.float32(FLAT_LEVELS**2))
        detail = _pooled(self._detail / count, 2, 4)
        parts = {
            "picture": (light - mean) / contrast / 12,
            "colour": _pooled(self._chroma / count - np.float32(128), 1, 2) / np.float32(COLOUR_LEVELS) / 12,
            "motion": np.sqrt(_pooled(self._motion / count, 4, 4) / np.float32(MOTION_LEVELS)) / 12,
            "detail": (detail - detail.mean()) / np.float32(DETAIL_STEPS) / np.float32(np.sqrt(72)),
        }
        joined = [np.float32(WEIGHTS[name]) * part.ravel() for name, part in parts.items()]
        return _unit(np.concatenate([*joined, [(mean - 128) / 512, BIAS]]).astype(np.float32))


def _pooled(cells: NDArray[np.floating], high: int, wide: int) -> Floats:
    """Means over blocks of `high` by `wide` cells on the last two axes."""
    *rest, rows, columns = cells.shape
    blocks = cells.reshape(*rest, rows // high, high, columns // wide, wide)
    return blocks.mean(axis=(-3, -1)).astype(np.float32)


def _unit(vector: Floats) -> Floats:
    unit: Floats = vector / np.float32(np.linalg.norm(vector))
    return unit
