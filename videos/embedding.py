"""Vectors of videos: kept once a video and model, read back as arrays."""

import numpy as np

from sage.providers.base import Clips
from videos.diff.interval import Embedded
from videos.models import Embedding, Video

ROWS_AT_ONCE = 2000


def store(video: Video, clips: Clips) -> None:
    """Put a video's vectors of one model in place of older ones. Call it in a transaction."""
    Embedding.objects.filter(video=video, model=clips.model).delete()
    same = {"video": video, "model": clips.model, "dimensions": len(clips.whole)}
    rows = [Embedding(**same, scope=Embedding.Scope.VIDEO, vector=clips.whole)]
    rows += [
        Embedding(**same, scope=Embedding.Scope.CLIP, start=start, end=end, vector=vector)
        for start, end, vector in zip(clips.starts.tolist(), clips.ends.tolist(), clips.vectors, strict=True)
    ]
    Embedding.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)


def clips_of(video: Video, model: str) -> Embedded | None:
    """A video's clips by a model as arrays, or None where it has none."""
    found = Embedding.objects.filter(video=video, model=model, scope=Embedding.Scope.CLIP).order_by("start")
    rows = list(found.values_list("start", "vector"))
    if not rows:
        return None
    vectors = np.stack([np.asarray(vector, np.float32) for _, vector in rows])
    return Embedded(video.duration or 0.0, np.array([start for start, _ in rows]), vectors)
