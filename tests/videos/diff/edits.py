"""A short film, functions that edit it, and functions that compare two clips."""

import hashlib
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import videos.fingerprint
import videos.media
from tests import footage
from tests.footage import render_clip
from videos.diff.compare import compare
from videos.diff.sampling.descriptor import SampledVideo
from videos.diff.script.rethreshold import rethreshold
from videos.diff.script.stored import StoredScript
from videos.fingerprint.decode_pass import run_decode_pass
from videos.fingerprint.format import read_fingerprint

RATE = 25


@cache
def film() -> footage.Frames:
    """Return eight seconds in five shots."""
    return footage.film(5, 40)


def original() -> Path:
    return render_clip(film())


def other_footage(count: int, seed: int = 40) -> footage.Frames:
    """Return footage that is not in the film."""
    return footage.scene(count, seed)


def marked(where: slice, box: tuple[slice, slice], colour: tuple[int, int, int] = (250, 230, 20)) -> footage.Frames:
    frames = film().copy()
    frames[where, box[0], box[1]] = colour
    return frames


def splice(*pieces: footage.Frames) -> footage.Frames:
    return np.concatenate(pieces)


def script(a: Path, b: Path, **how: Any) -> dict[str, Any]:
    """Compare two clips and return the script at the calibrated threshold, as it is shown."""
    return rethreshold(stored(a, b, **how))


def stored(a: Path, b: Path, **how: Any) -> StoredScript:
    """Compare two clips and return the script with all its segments, as it is stored."""
    return compare(str(fingerprint_of(a)), str(fingerprint_of(b)), str(a), str(b), **how)


def fingerprint_of(path: Path) -> Path:
    """Return the fingerprint of a clip. It is computed again when the clip or the code changes."""
    content = hashlib.sha256(path.read_bytes()).hexdigest()

    def compute(target: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            run_decode_pass(str(path), folder, lambda share: None)
            target.write_bytes((Path(folder) / "fingerprint.bin").read_bytes())

    return footage.cached(f"fingerprint-{code_digest()}-{content}", compute, ".bin")


def sample(path: Path) -> SampledVideo:
    """Return the frames of a clip as the engine samples them."""
    return SampledVideo(read_fingerprint(str(fingerprint_of(path))))


@cache
def code_digest() -> str:
    """Return a digest of the code that computes fingerprints."""
    sources = [*Path(videos.media.__path__[0]).glob("*.py"), *Path(videos.fingerprint.__path__[0]).glob("*.py")]
    return hashlib.sha256(b"".join(source.read_bytes() for source in sorted(sources))).hexdigest()


def list_segments(a: Path, b: Path) -> list[tuple[str, list[float] | None, list[float] | None]]:
    """Compare two clips and return (op, a, b) of each segment, with times rounded to hundredths of a second."""
    return [
        (segment["op"], *(span and [round(moment, 2) for moment in span] for span in (segment["a"], segment["b"])))
        for segment in script(a, b)["segments"]
    ]


def canonical_segments(found: dict[str, Any], swapped: bool = False) -> list[tuple]:
    """Return (op, a, b, distance) of each segment, sorted. With `swapped`, exchange the sides first."""
    one, other = "ba" if swapped else "ab"
    names = {"inserted": "deleted", "deleted": "inserted"} if swapped else {}
    return sorted(
        (names.get(segment["op"], segment["op"]), segment[one] or [], segment[other] or [], segment["distance"] or 0)
        for segment in found["segments"]
    )
