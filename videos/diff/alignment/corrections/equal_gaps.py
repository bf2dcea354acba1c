"""Find shots that have moved by the gaps that they leave: one of A and one of B of the same duration.

A coarse encoding can hide that a shot elsewhere is the same, so that a search of all moments finds nothing sure. Two
gaps of the same duration, to the frame, are a single possibility, so weaker evidence tells whether they show the same.
"""

from itertools import product

import numpy as np

from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.evidence.squares import measure_squares_beside
from videos.diff.alignment.missed_runs import find_spare
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.runs import find_frames, find_typical_slope

SAME_FRAMES = 1.5  # frames by which the durations of two gaps may differ
COMPARED_FRAMES = 12  # frames of a gap that are compared
MAX_MEAN_COST = 0.5  # mean cost of these: 0.27 where both show the same, 0.97 and more in 30 other pairs of gaps
REACH_SECONDS = 1.0  # seconds beside the offset at which they are compared exactly,
EXACT_FRAMES = 1.5  # frames by which the best of these offsets may be another one,
MIN_EXACT_SHARE = 0.75  # in this share of the frames at least: 1 where both show the same, up to 0.62 elsewhere


def find_equal_gaps(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return the runs of footage that fills a gap of A and one of B between `runs`, of the same duration."""
    if not runs:
        return []
    slope = find_typical_slope(runs)
    found: list[Run] = []
    gaps_a = find_spare(match.a, ((run.start, run.end) for run in runs))
    gaps_b = find_spare(match.b, (run.b for run in runs))
    near = SAME_FRAMES * max(match.a.fingerprint.step * slope, match.b.fingerprint.step)
    for gap_a, gap_b in product(gaps_a, gaps_b):
        run = Run(*gap_a, TimeMap(gap_b[0] - slope * gap_a[0], slope))
        is_free = all(run.start >= other.end or other.start >= run.end for other in found)
        is_free &= all(run.b[0] >= other.b[1] or other.b[0] >= run.b[1] for other in found)
        if is_free and abs(run.b[1] - gap_b[1]) <= near and _shows_same(match, run):
            found.append(run)
    return found


def _shows_same(match: MismatchCost, run: Run) -> bool:
    """Return whether frames of a run match, and match best at its own offset."""
    first, last = find_frames(match.a, (run.start, run.end))
    every = max(1, (last - first) // COMPARED_FRAMES)
    if float(match.compute_costs(first, last, run.time_map, every).mean()) > MAX_MEAN_COST:
        return False
    frame = match.b.fingerprint.step
    reach = round(REACH_SECONDS / frame)
    shifts = np.arange(-reach, reach + 1)
    squares = measure_squares_beside(match.a, match.b, np.arange(first, last, every), run.time_map, shifts * frame)
    return float(np.mean(np.abs(shifts[squares.argmin(axis=1)]) <= EXACT_FRAMES)) >= MIN_EXACT_SHARE
