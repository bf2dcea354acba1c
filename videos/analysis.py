"""The one decode pass over a video, with everything that is made in it. Runs in the sandbox: no Django here."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sage.providers.local import PerceptualEmbedder
from videos.diff.ingest import ingest

CLIPS_FILE = "clips.npz"


def analyse(path: str, folder: str, progress: Callable[[float], None]) -> dict[str, object]:
    """What `ingest` makes of the video at `path`, and `clips.npz` beside it: see `Clips.save`."""
    embedder = PerceptualEmbedder()

    def see(seconds: float, record: NDArray[np.void]) -> None:
        embedder.add(seconds, record["luma"], record["chroma"], record["detail"])

    facts = ingest(path, folder, progress, see)
    duration = facts["duration"]
    assert isinstance(duration, float)  # noqa: S101  for the type checker
    embedder.clips(duration).save(Path(folder) / CLIPS_FILE)
    return facts
