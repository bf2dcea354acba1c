"""What lying a little off makes of cells, where those of two videos lie between each other's.

No crop is known exactly, and cells that cover other parts of an edge hold other means of it: the more the cells
around a place differ, the more the two may differ there though they show the same.
"""

import numpy as np

from videos.diff.descriptor import Floats, Sampled

BETWEEN = 0.25  # of what differs around a cell, by which it may be off where both sides tell it from all around
GUESSED = 0.5  # the same where one of them tells it from one hand only


def misplaced(a: Sampled, b: Sampled, planes_a: Floats, planes_b: Floats) -> Floats:
    """Levels by which cells of the two sides' planes (..., rows, columns) may differ for that alone."""
    size = planes_a.shape[-2], planes_a.shape[-1]
    between = a.view.support(size, size, 0.0) & b.view.support(size, size, 0.0)
    between[[0, -1]] = between[:, [0, -1]] = False
    of_a, of_b = _spread(planes_a), _spread(planes_b)
    levels: Floats = np.where(
        between, np.float32(BETWEEN) * np.minimum(of_a, of_b), np.float32(GUESSED) * np.maximum(of_a, of_b)
    )
    return levels


def _spread(planes: Floats) -> Floats:
    """Largest difference among the 3 x 3 cells around each."""
    extremes = []
    for extreme in (np.maximum, np.minimum):
        padded = np.pad(planes, [(0, 0)] * (planes.ndim - 2) + [(1, 1), (1, 1)], mode="edge")
        rows = extreme(extreme(padded[..., :-2, :], padded[..., 1:-1, :]), padded[..., 2:, :])
        extremes.append(extreme(extreme(rows[..., :-2], rows[..., 1:-1]), rows[..., 2:]))
    spread: Floats = extremes[0] - extremes[1]
    return spread
