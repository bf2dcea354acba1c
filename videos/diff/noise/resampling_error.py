"""Estimate the difference that resampling alone causes where the cells of two videos do not coincide.

A crop is never known exactly, so two corresponding cells cover slightly different parts of an edge. The tolerance is
proportional to the local contrast.
"""

import numpy as np

from videos.diff.sampling.descriptor import Floats, SampledVideo
from videos.diff.sampling.neighbourhood import measure_range_around

# Share of the local range that is tolerated where both sides interpolate.
INTERPOLATED_SHARE = 0.25
EXTRAPOLATED_SHARE = 0.5  # share of the local range that is tolerated where one side extrapolates


def estimate_resampling_error(a: SampledVideo, b: SampledVideo, planes_a: Floats, planes_b: Floats) -> Floats:
    """Return the levels by which cells of two planes (..., rows, columns) may differ because of resampling."""
    size = planes_a.shape[-2], planes_a.shape[-1]
    between = a.view.find_supported_cells(size, size, 0.0) & b.view.find_supported_cells(size, size, 0.0)
    between[[0, -1]] = between[:, [0, -1]] = False
    of_a, of_b = measure_range_around(planes_a), measure_range_around(planes_b)
    levels: Floats = np.where(
        between,
        np.float32(INTERPOLATED_SHARE) * np.minimum(of_a, of_b),
        np.float32(EXTRAPOLATED_SHARE) * np.maximum(of_a, of_b),
    )
    return levels
