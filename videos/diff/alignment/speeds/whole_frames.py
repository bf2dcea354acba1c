"""Measure by how much the frames of a retimed part lag behind its speed, because they are whole frames.

At 1.1 times the speed, one of 11 frames is dropped, and at 0.9 times, one of 10 is doubled. Software shows either the
last frame before the time, or the nearest one. The first way drops and doubles frames half a period later than the
second one, and the pictures do not tell which it was. The mean of both is taken.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from videos.diff.alignment.speeds.path import weight_cells
from videos.diff.sampling.descriptor import Indexes, SampledVideo

LAG_PERIODS = 0.25  # mean of 0, if the nearest frame is shown, and of 0.5, if it is the last one
HELD_SHARE = 0.32  # of the usual difference between adjacent frames, below which a frame repeats the previous one
AROUND_FRAMES = 5  # on either side of a frame, whose differences are the usual ones
PHASES = 8  # in which repeated frames may begin


def measure_lag(one: tuple[SampledVideo, Indexes], other: tuple[SampledVideo, Indexes]) -> float:
    """Return the frames of the first side by which a retimed part starts later than its frames suggest.

    Each side is a video with its frames of that part. If one of them has more frames because it was slowed down, it
    repeats some. Otherwise the other one was sped up and lacks them, and the part starts earlier.
    """
    steps = abs(len(one[1]) - len(other[1]))
    if not steps:
        return 0.0  # all frames are on both sides: their times tell the speed
    lag = LAG_PERIODS * len(one[1]) / steps
    if lag < 1:
        return 0.0
    longer = max(one, other, key=lambda side: len(side[1]))
    return lag if measure_repeats(*longer, steps) < HELD_SHARE else -lag


def measure_repeats(video: SampledVideo, frames: Indexes, count: int) -> float:
    """Return by what share of the usual difference `count` frames at equal distances differ from the previous ones.

    What moves most counts most: the noise of still cells is the same in repeated frames.
    """
    steps = np.abs(np.diff(video.pooled_luma[frames], axis=0)) @ weight_cells(video, frames)
    around = sliding_window_view(np.pad(steps, AROUND_FRAMES, mode="reflect"), 2 * AROUND_FRAMES + 1)
    shares = np.pad(steps / (np.median(around, axis=1) + 1e-6), 1, constant_values=np.inf)
    least = np.minimum(np.minimum(shares[:-2], shares[2:]), shares[1:-1])  # places are right within a frame
    places = (np.arange(count) + np.arange(0, 1, 1 / PHASES)[:, None]) / count * (len(least) - 1)
    return float(np.median(least[np.rint(places).astype(np.intp)], axis=1).min())
