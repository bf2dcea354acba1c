"""Leave out what is painted over one side where frames of a still picture are compared at several offsets.

A caption differs at all offsets. Its cells outweigh a small part that moves, which alone tells the right one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.pairing import CHANGED_LEVELS, compare_cells, find_telling_cells
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.zones.motion import find_moving_part
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo

MAX_CELL_LEVELS = 6.0  # levels at which the difference of a cell is clipped: a box must not outweigh the rest
MIN_COVERED = 0.02  # share of cells that differ at the best offset, from which those that differ at all do not count,
MIN_TELLING = 0.5  # if this share of the cells is left
FRAMES_PER_BLOCK = 64  # frames that are compared at once


@dataclass(frozen=True, slots=True, eq=False)
class ShiftedPairs:
    """Frames `in_a` of A, and those of B on a time map and beside it, by some shifts in seconds."""

    a: SampledVideo
    b: SampledVideo
    in_a: Indexes
    time_map: TimeMap
    shifts: NDArray[np.floating]

    def find_covered(self, squares: Floats) -> NDArray[np.bool_]:
        """Return a mask (frames,) of the frames of a still picture that differ in some cells even at their best shift.

        `squares` (frames, shifts) are mean squared differences of cells. Where most of the picture moves, cells that
        differ show that no shift is right.
        """
        covered: NDArray[np.bool_] = squares.min(axis=1) > MIN_COVERED * CHANGED_LEVELS**2
        places = np.flatnonzero(covered)
        if not len(places) or find_moving_part(self.a, int(self.in_a[0]), int(self.in_a[-1]) + 1) is None:
            return np.zeros(len(self.in_a), bool)
        times = self.time_map.times_to_b(self.a.fingerprint.times[self.in_a]) + self.shifts[squares.argmin(axis=1)]
        in_b = self.b.fingerprint.nearest(times)
        for start in range(0, len(places), FRAMES_PER_BLOCK):
            block = places[start : start + FRAMES_PER_BLOCK]
            apart = compare_cells(self.a, self.b, self.in_a[block], in_b[None, block], MAX_CELL_LEVELS)
            covered[block] = find_telling_cells(apart).mean(axis=1) <= 1 - MIN_COVERED
        return covered

    def leave_out_covered(self, squares: Floats, covered: NDArray[np.bool_]) -> Floats:
        """Return the squares; those of covered frames without the cells that differ at all shifts.

        If these are most of the picture, all cells count.
        """
        left = squares.copy()
        video = self.b.fingerprint
        for place in np.flatnonzero(covered).tolist():
            frame = self.in_a[place : place + 1]
            times = self.time_map.times_to_b(self.a.fingerprint.times[frame]) + self.shifts
            is_inside = (times > -video.step) & (times < video.duration)
            apart = compare_cells(self.a, self.b, frame, video.nearest(times[is_inside])[:, None], MAX_CELL_LEVELS)
            counts = find_telling_cells(apart)[0]
            if counts.mean() >= MIN_TELLING:
                left[place, is_inside] = np.square(apart[0, :, counts]).mean(axis=0)
        return left
