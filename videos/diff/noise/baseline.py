"""Select the frame pairs that show the typical difference of two videos.

The typical difference is learned from medians. An edit of the whole frame that lasts for more than half of the video
would dominate them. Such an edit, for example a grade or a change of hue, separates its pairs clearly from the others,
which no encoder does.
"""

import numpy as np
from numpy.typing import NDArray

from videos.diff.noise.medians import find_medians
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo

MIN_TYPICAL_SHARE = 0.12  # share of all pairs; a smaller group cannot be the typical one
MIN_EDIT_LEVELS = 4.0  # levels by which an edited pair differs at least
MIN_EDIT_RATIO = 3.0  # ratio of the difference of edited pairs to that of typical pairs
PAD_LEVELS = 0.5  # levels added to both differences before their ratio is taken


def select_typical_pairs(a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes) -> NDArray[np.bool_]:
    """Return a mask (pairs,) of typical pairs.

    All pairs are typical unless an edit of the whole frame lasts for more than half of them. Then only the other pairs
    are.
    """
    luma = find_medians(np.abs(_read_some(b, in_b) - _read_some(a, in_a)).reshape(len(in_a), -1))
    chroma = find_medians(np.abs(b.read_chroma(in_b) - a.read_chroma(in_a)).max(axis=1).reshape(len(in_a), -1))
    typical = _select_lower_group(luma) & _select_lower_group(chroma)
    return typical if typical.mean() >= MIN_TYPICAL_SHARE else np.ones(len(in_a), bool)


def _read_some(video: SampledVideo, frames: Indexes) -> Floats:
    """Return every fourth cell of luma (frames, 18, 32), which are enough for a median."""
    return video.read_luma(frames)[:, ::2, ::2]


def _select_lower_group(levels: Floats) -> NDArray[np.bool_]:
    """Return a mask of the lower of two clearly separated groups, or of all values if there is one group."""
    ordered = np.sort(levels)
    first, half = round(MIN_TYPICAL_SHARE * len(ordered)), len(ordered) // 2 + 1
    low, high = ordered[first:half] + PAD_LEVELS, ordered[first + 1 : half + 1] + PAD_LEVELS
    gaps = np.where(high >= MIN_EDIT_LEVELS, high / low, 0)
    if not len(gaps) or gaps.max() < MIN_EDIT_RATIO:
        return np.ones(len(levels), bool)
    return levels <= ordered[first + int(gaps.argmax())]
