"""A short film, edited in known ways, and the comparison of two clips."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tests import footage
from videos.analysis import compare_files
from videos.diff.recut import recut

RATE = 25


@cache
def film() -> footage.Frames:
    """Eight seconds in five shots."""
    return footage.film(5, 40)


def of(name: str, frames: footage.Frames, suffix: str = ".mp4", **how: Any) -> Path:
    return footage.clip(f"film-{name}", lambda: frames, suffix, **how)


def original() -> Path:
    return of("original", film())


def stranger(count: int, seed: int = 40) -> footage.Frames:
    """Footage that the film does not have."""
    return footage.scene(count, seed)


def marked(where: slice, box: tuple[slice, slice], colour: tuple[int, int, int] = (250, 230, 20)) -> footage.Frames:
    frames = film().copy()
    frames[where, box[0], box[1]] = colour
    return frames


def spliced(*pieces: footage.Frames) -> footage.Frames:
    return np.concatenate(pieces)


def script(a: Path, b: Path, **how: Any) -> dict[str, Any]:
    """As it is shown: segments as the calibrated threshold joins them."""
    return recut(stored(a, b, **how))


def stored(a: Path, b: Path, **how: Any) -> dict[str, Any]:
    """As it is kept, cut as finely as distances can be told apart."""
    return compare_files(str(a), str(b), **{"progress": lambda share: None, **how}).script


def told(a: Path, b: Path) -> list[tuple[str, list[float] | None, list[float] | None]]:
    """(op, a, b) of each segment, in hundredths of a second."""
    return [
        (segment["op"], *(span and [round(moment, 2) for moment in span] for span in (segment["a"], segment["b"])))
        for segment in script(a, b)["segments"]
    ]


def facts(found: dict[str, Any], swapped: bool = False) -> list[tuple]:
    """(op, a, b, distance) of each segment in an order that swapping the sides does not change; swapped back."""
    one, other = "ba" if swapped else "ab"
    names = {"inserted": "deleted", "deleted": "inserted"} if swapped else {}
    return sorted(
        (names.get(segment["op"], segment["op"]), segment[one] or [], segment[other] or [], segment["distance"] or 0)
        for segment in found["segments"]
    )
