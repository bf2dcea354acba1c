"""Single frames that break out of what is around them on one side only: a black frame, a flash, a frame of elsewhere.

They are shorter than what changes are looked for in, so every frame is asked, by its pooled luma alone.
"""

import numpy as np

from videos.diff.descriptor import Floats, Indexes, Sampled
from videos.diff.outline import Part
from videos.diff.pairing import partners

LEAST_LEVELS = 12.0  # by which a frame differs from both its neighbours
OVER_OTHER = 2.0  # times what the other side's frames do there
AT_ONCE = 4096


def glitches(a: Sampled, b: Sampled, part: Part) -> tuple[Indexes, Indexes]:
    """Frames of A and of B, paired, of which one breaks out; for videos whose frames come at the same times."""
    assert part.a is not None  # noqa: S101  for the type checker
    first, last = (int(np.searchsorted(a.print.times, moment - 1e-6)) for moment in part.a)
    found_a, found_b = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    for low in range(first, last, AT_ONCE):
        in_a = np.arange(low, min(last, low + AT_ONCE))
        in_b = partners(a, b, in_a, part.line, False)
        of_a, of_b = _breaks(a, in_a), _breaks(b, in_b)
        odd = _only(of_a, of_b) | _only(of_b, of_a)
        found_a.append(in_a[odd])
        found_b.append(in_b[odd])
    return np.concatenate(found_a), np.concatenate(found_b)


def _breaks(video: Sampled, frames: Indexes) -> Floats:
    """Levels by which frames differ from whichever neighbour is more alike; a cut is alike on one side."""
    end = len(video.print) - 1
    at = video.pooled[frames]
    before, after = (np.abs(at - video.pooled[(frames + by).clip(0, end)]).mean(axis=1) for by in (-1, 1))
    breaks: Floats = np.minimum(before, after)
    return breaks


def _only(breaks: Floats, others: Floats) -> np.ndarray:
    """Where one side breaks out and the other, there and a frame around, does not."""
    padded = np.pad(others, 1, mode="edge")
    around = np.maximum(np.maximum(padded[:-2], padded[2:]), others)
    only: np.ndarray = (breaks > LEAST_LEVELS) & (breaks > OVER_OTHER * around)
    return only
