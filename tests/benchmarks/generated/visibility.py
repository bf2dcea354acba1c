"""Tell whether an edit of a box can still be seen in the encoded files.

An encoder removes a faint blur over smooth footage: then the box differs no more than the rest of the picture.
"""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

from tests.benchmarks.generated.bases import Frames
from tests.benchmarks.generated.cases import TrueSegment

REST_QUANTILE = 0.99  # over the pixels outside of the box, of the mean difference over time
MORE_LEVELS = 2.0  # levels above it from which a pixel stands out
MIN_SHARE = 0.02  # share of the pixels of a box that stand out, at least, if the edit can be seen
LOCAL_SHARE = 0.8  # share of the frame; a larger box is the whole picture
SLACK_SECONDS = 1e-3


def list_hidden(a: Path, b: Path, truth: Sequence[TrueSegment]) -> list[TrueSegment]:
    """Return the edits of a part of the picture that the files do not show."""
    local = [each for each in truth if each.box and each.a and each.b and each.box[2] * each.box[3] < LOCAL_SHARE]
    before, after = (_read_spans(path, [getattr(each, side) for each in local]) for path, side in ((a, "a"), (b, "b")))
    return [each for each, *sides in zip(local, before, after, strict=True) if not stands_out(*sides, each.box)]


def stands_out(before: Frames, after: Frames, box: tuple[float, float, float, float]) -> bool:
    """Return whether enough pixels of a box differ more than those outside of it. Frames are (n, height, width, 3)."""
    count = min(len(before), len(after))
    apart = np.abs(before[:count].astype(np.int16) - after[:count]).max(axis=3).mean(axis=0)
    height, width = apart.shape
    x, y, wide, high = box
    inside = np.zeros(apart.shape, bool)
    inside[round(y * height) : round((y + high) * height), round(x * width) : round((x + wide) * width)] = True
    limit = np.quantile(apart[~inside], REST_QUANTILE) + MORE_LEVELS
    return bool((apart[inside] > limit).mean() >= MIN_SHARE)


def _read_spans(path: Path, spans: list[tuple[float, float]]) -> list[Frames]:
    """Return the frames of each span, in seconds."""
    found: list[list[Frames]] = [[] for _ in spans]
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            places = [place for place, (start, end) in enumerate(spans) if start <= frame.time + SLACK_SECONDS < end]
            if places:
                pixels = frame.to_ndarray(format="rgb24")
                for place in places:
                    found[place].append(pixels)
    return [np.stack(frames) for frames in found]
