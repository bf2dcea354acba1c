"""Find medians of many rows of numbers."""

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.descriptor import Floats


def find_medians(values: Floats) -> Floats:
    """Return the medians (...) over the last axis of values (..., n), of which none is NaN.

    They equal those of `np.median`, which takes several times as long because it sorts around three places.
    """
    half = values.shape[-1] // 2
    ordered: NDArray[np.float32] = np.partition(values, half, axis=-1)
    upper = ordered[..., half]
    if values.shape[-1] % 2:
        return upper
    middle: Floats = (ordered[..., :half].max(axis=-1) + upper) / np.float32(2)
    return middle
