"""Store the vectors of videos and load them as arrays."""

import numpy as np

from sage.providers.protocols import Clips
from videos.diff.interval import EmbeddedVideo
from videos.models import Embedding, Video

BATCH_SIZE = 2000  # rows per INSERT


def store_vectors(video: Video, clips: Clips) -> None:
    """Replace a video's vectors of one model. Call it in a transaction."""
    Embedding.objects.filter(video=video, model=clips.model).delete()
    shared = {"video": video, "model": clips.model, "dimensions": len(clips.whole)}
    rows = [Embedding(**shared, scope=Embedding.Scope.VIDEO, vector=clips.whole)]
    rows += [
        Embedding(**shared, scope=Embedding.Scope.CLIP, start=start, end=end, vector=vector)
        for start, end, vector in zip(clips.starts.tolist(), clips.ends.tolist(), clips.vectors, strict=True)
    ]
    Embedding.objects.bulk_create(rows, batch_size=BATCH_SIZE)


def load_clips(video: Video, model: str) -> EmbeddedVideo | None:
    """Return the clips of a video by one model. None if it has none."""
    clips = Embedding.objects.filter(video=video, model=model, scope=Embedding.Scope.CLIP).order_by("start")
    rows = list(clips.values_list("start", "vector"))
    if not rows:
        return None
    vectors = np.stack([np.asarray(vector, np.float32) for _, vector in rows])
    return EmbeddedVideo(video.duration or 0.0, np.array([start for start, _ in rows]), vectors)
