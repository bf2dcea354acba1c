"""What a provider promises, and what it returns."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

CLIPS_FILE = "clips.npz"  # what `Clips.save` writes


@dataclass(frozen=True, slots=True)
class Clips:
    """Vectors of a video's clips by one model, in order, and one of the whole video that is never mixed with them.

    `starts` and `ends` are seconds, (clips,) float64, half-open; `vectors` is (clips, dimensions) float32, `whole`
    (dimensions,). Vectors of two models cannot be compared.
    """

    model: str
    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    vectors: NDArray[np.float32]
    whole: NDArray[np.float32]

    def save(self, path: Path) -> None:
        """Write them where `load` finds them, as one `.npz` file."""
        np.savez(path, **asdict(self))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read them back, taking nothing on trust. Raises ValueError where they are no vectors of one video."""
        with np.load(path, allow_pickle=False) as held:
            made = cls(
                str(held["model"]),
                _checked(held["starts"], np.float64, 1),
                _checked(held["ends"], np.float64, 1),
                _checked(held["vectors"], np.float32, 2),
                _checked(held["whole"], np.float32, 1),
            )
        lengths = {len(made.starts), len(made.ends), len(made.vectors)}
        if len(lengths) > 1 or made.vectors.shape[1] != len(made.whole) or (made.starts >= made.ends).any():
            raise ValueError("these vectors do not fit together")
        return made


def _checked(values: NDArray[Any], kind: type, axes: int) -> NDArray[Any]:
    if values.dtype != kind or values.ndim != axes or not np.isfinite(values).all():
        raise ValueError("these are no vectors")
    return values


class ClipEmbedder(Protocol):
    """Makes one vector for each clip of a fixed length while a video is decoded, a few frames at a time."""

    model: str
    dimensions: int
    clip_seconds: float

    def add(
        self,
        seconds: NDArray[np.float64],
        luma: NDArray[np.uint8],
        chroma: NDArray[np.uint8],
        detail: NDArray[np.uint8],
    ) -> None:
        """Take the next frames, one at least, at rising `seconds` (frames,): luma (frames, 36, 64), chroma
        (frames, 2, 9, 16) and detail (frames, 18, 32) as a fingerprint keeps them."""

    def clips(self, duration: float) -> Clips:
        """Everything there is after the last frame, up to `duration` in seconds."""
