"""Clip vectors of the hosted model, for tests of search and comparisons."""

from collections.abc import Sequence

from tests.sage.providers.twelvelabs_server import axis
from videos.models import Embedding, Video

MODEL = "twelvelabs:marengo3.0"


def add_hosted_clips(video: Video, axes: Sequence[int], model: str = MODEL) -> None:
    """Add one clip of 2 s along each axis, and a vector of the whole video along the first."""
    shared = {"video": video, "model": model, "dimensions": 512}
    for number, index in enumerate(axes):
        start = 2.0 * number
        Embedding.objects.create(**shared, scope="clip", start=start, end=start + 2, vector=axis(index))
    Embedding.objects.create(**shared, scope="video", vector=axis(axes[0]))
