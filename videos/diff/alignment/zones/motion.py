"""Find the small part of a zone that moves while the rest of the picture stands still, as a speaker beside a slide.

The still part matches at every offset, so only the moving part tells which one is right.
"""

import numpy as np
from numpy.typing import NDArray

from videos.diff.noise.medians import find_medians
from videos.diff.sampling.descriptor import SampledVideo

MOTION_SECONDS = 0.4  # seconds between the frames that are compared
MAX_COMPARED_FRAMES = 150  # of a zone
MIN_MOVING_LEVELS = 1.0  # levels by which a cell differs after that time in most frames, if it moves
MIN_MOVING_RATIO = 3.0  # the same against the median of all cells
MIN_MOVING_CELLS = 6  # of 2304
MAX_MOVING_SHARE = 0.25  # share of cells; if more of them move, the whole picture tells the offset


def find_moving_part(video: SampledVideo, first: int, last: int) -> NDArray[np.bool_] | None:
    """Return the cells (36, 64) that move in frames from `first` up to `last`, None if there is no such part."""
    apart = max(1, round(MOTION_SECONDS / video.fingerprint.step))
    frames = np.arange(first, last - apart, max(1, (last - first) // MAX_COMPARED_FRAMES))
    if not len(frames):
        return None
    steps = np.abs(video.read_luma(frames + apart) - video.read_luma(frames))
    levels = find_medians(steps.transpose(1, 2, 0))
    moving: NDArray[np.bool_] = levels > max(MIN_MOVING_LEVELS, MIN_MOVING_RATIO * float(find_medians(levels.ravel())))
    return moving if MIN_MOVING_CELLS <= moving.sum() <= MAX_MOVING_SHARE * moving.size else None
