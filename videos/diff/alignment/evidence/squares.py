"""Compare frames of A with those of B at several offsets, in all cells of luma."""

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.pairing import read_shared_luma
from videos.diff.alignment.time_map import TimeMap
from videos.diff.noise.medians import find_medians
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo

MAX_CELL_LEVELS = 6.0  # levels at which the difference of a cell is clipped: a box must not outweigh the rest
FRAMES_PER_BLOCK = 64  # frames that are compared at once, with all of B between them


def measure_squares_beside(
    a: SampledVideo,
    b: SampledVideo,
    in_a: Indexes,
    time_map: TimeMap,
    shifts: NDArray[np.floating],
    part: NDArray[np.bool_] | None = None,
) -> Floats:
    """Return mean squared differences (len(in_a), len(shifts)) of luma in levels from B beside a time map.

    Differences of a cell are clipped. Brightness is ignored: the mean of a frame or, if only the cells of a `part`
    (36, 64) count, the median difference of the still picture, of which a box changes little.
    """
    squares = np.empty((len(in_a), len(shifts)), np.float32)
    for start in range(0, len(in_a), FRAMES_PER_BLOCK):
        block = in_a[start : start + FRAMES_PER_BLOCK]
        times = time_map.times_to_b(a.fingerprint.times[block])
        in_b, places = np.unique(b.fingerprint.nearest(times[:, None] + shifts), return_inverse=True)
        places = places.reshape(len(block), len(shifts))
        frames_a, frames_b = read_shared_luma(a, block), read_shared_luma(b, in_b)
        if part is None:
            frames_a, frames_b = (luma - luma.mean(axis=1, keepdims=True) for luma in (frames_a, frames_b))
        else:
            still = frames_a[0]
            frames_a, frames_b = (
                luma[:, part.ravel()] - find_medians(luma - still)[:, None] for luma in (frames_a, frames_b)
            )
        differences = np.empty_like(frames_a)
        for place, shift in enumerate(shifts):
            frames_b.take(places[:, place], axis=0, out=differences, mode="clip")
            differences -= frames_a
            np.clip(differences, -MAX_CELL_LEVELS, MAX_CELL_LEVELS, out=differences)
            squares[start : start + len(block), place] = np.einsum("ij,ij->i", differences, differences)
            is_outside = (times + shift <= -b.fingerprint.step) | (times + shift >= b.fingerprint.duration)
            squares[start : start + len(block), place][is_outside] = frames_a.shape[1] * MAX_CELL_LEVELS**2
        squares[start : start + len(block)] /= frames_a.shape[1]
    return squares
