"""Which pairs of frames show what is usual for two videos, where an edit of the whole frame lasts for most of them.

What is usual is learnt from medians, and so from the edit itself where that lasts for more than half. But such an edit,
a change of hue or a grade, sets its pairs plainly apart from the others, as no encoder does.
"""

import numpy as np
from numpy.typing import NDArray

from videos.diff.descriptor import Floats, Indexes, Sampled

FEWEST = 0.12  # of all pairs, that may be the usual ones
EDITED_LEVELS = 4.0  # by which a pair that is set apart differs at least
APART = 3.0  # times what the usual ones differ by
PAD_LEVELS = 0.5


def usual(a: Sampled, b: Sampled, in_a: Indexes, in_b: Indexes) -> NDArray[np.bool_]:
    """(pairs,) all, but where an edit of the whole frame lasts for more than half: then those that it leaves."""
    luma = np.median(np.abs(b.luma(in_b) - a.luma(in_a)), axis=(1, 2))
    chroma = np.median(np.abs(b.chroma(in_b) - a.chroma(in_a)).max(axis=1), axis=(1, 2))
    kept = _lesser(luma) & _lesser(chroma)
    return kept if kept.mean() >= FEWEST else np.ones(len(in_a), bool)


def _lesser(levels: Floats) -> NDArray[np.bool_]:
    """Which are of the lesser kind, where there are two; all where there are not."""
    ordered = np.sort(levels)
    first, half = round(FEWEST * len(ordered)), len(ordered) // 2 + 1
    low, high = ordered[first:half] + PAD_LEVELS, ordered[first + 1 : half + 1] + PAD_LEVELS
    gaps = np.where(high >= EDITED_LEVELS, high / low, 0)
    if not len(gaps) or gaps.max() < APART:
        return np.ones(len(levels), bool)
    return levels <= ordered[first + int(gaps.argmax())]
