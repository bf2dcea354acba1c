"""Find the cheapest sequence of offsets for samples of a run.

B shows nothing twice: an offset can only decrease where frames of A are left out.
"""

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.descriptor import Floats, Indexes

MIN_BEST = 0.3  # squared levels; frames that match better than this match equally well
FULL_COST_RATIO = 3.0  # squared levels at which a frame costs 1, relative to the best offset around it
SMOOTHED_SAMPLES = 5  # samples to either side over which the best offset's squared levels are smoothed,
MAX_SMOOTHED_RATIO = 2.0  # by this factor at most
MISFIT_RATIO = 4.0  # squared levels above which a frame matches at no offset, relative to the run's median,
MISFIT_LEVELS = 1.0  # and squared levels added to that
JUMP_SAMPLES = 2.5  # cost of another offset, in samples that match nothing
START_COST = 0.5  # cost of another offset from the start of a run
GAP_COST = 0.5  # cost of a sample that one side alone shows


def scale_costs(squares: Floats, most: float = np.inf) -> tuple[Floats, NDArray[np.bool_]]:
    """Return costs (samples, shifts) from 0 for the best offset to 1, and a mask of the samples that match at one.

    The others cost nothing. `most` are the squared levels above which a sample matches at none.
    """
    if not len(squares):
        return squares, np.zeros(0, bool)
    best = squares.min(axis=1)
    padded = np.pad(best, SMOOTHED_SAMPLES, mode="edge")
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * SMOOTHED_SAMPLES + 1), axis=1)
    usual = np.maximum(best, np.minimum(smooth, MAX_SMOOTHED_RATIO * best)).clip(MIN_BEST, None)
    costs = ((squares / usual[:, None] - 1) / (FULL_COST_RATIO - 1)).clip(0, 1).astype(np.float32)
    is_matching = find_matching(best) & (best <= most)
    costs[~is_matching] = 0
    return costs, is_matching


def find_matching(best: Floats) -> NDArray[np.bool_]:
    """Return a mask of the samples that match at some offset, given the squared levels at their best one."""
    is_matching: NDArray[np.bool_] = best <= MISFIT_RATIO * np.median(best) + MISFIT_LEVELS
    return is_matching


def find_offset_path(
    costs: Floats, is_matching: NDArray[np.bool_], shifts: NDArray[np.floating], step: float, start_cost: float
) -> Indexes:
    """Return the place of the shift of each sample on the cheapest path, -1 for samples of which B shows nothing.

    The samples (samples, shifts) are `step` seconds apart. The path begins at no shift, or at `start_cost`. An offset
    that decreases leaves out the samples whose footage B has already shown, and one that increases leaves out footage
    of B. Both cost alike, but to leave out samples that match nothing is free.
    """
    rise = shifts[None, :] - shifts[:, None]  # from row to column
    left_out = np.where(rise < 0, np.ceil(-rise / step - 1e-6), 0).astype(int)
    price = np.where(rise == 0, 0, JUMP_SAMPLES + GAP_COST * rise.clip(0, None) / step)
    prices = [np.where(left_out == count, price, np.inf) for count in range(left_out.max() + 1)]
    gaps = np.append(0, np.cumsum(GAP_COST * is_matching))
    totals = [costs[0] + np.where(np.abs(shifts) < step / 1000, 0, start_cost)]
    came_from = [np.zeros(len(shifts), np.intp)]
    for row in range(1, len(costs)):
        options = np.concatenate(
            [
                totals[row - 1 - count][:, None] + prices[count] + (gaps[row] - gaps[row - count])
                for count in range(min(row, len(prices)))
            ]
        )
        came_from.append(options.argmin(axis=0))
        totals.append(options.min(axis=0) + costs[row])
    path = np.full(len(costs), -1)
    row, place = len(costs) - 1, int(totals[-1].argmin())
    path[row] = place
    while row > 0:
        count, place = divmod(int(came_from[row][place]), len(shifts))
        row -= 1 + count
        path[row] = place
    return path
