"""Find offsets nearby on which runs match more exactly.

Slow footage matches within the noise for a second around its place. The exact differences tell the place.
"""

from dataclasses import dataclass

import numpy as np

from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.evidence.squares import measure_squares_beside
from videos.diff.alignment.offset_correction import correct_offsets, find_misfit
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.candidates import SIMILAR_COST
from videos.diff.alignment.zones.runs import cut_inside, find_frames
from videos.diff.script.edit_script import Span

REFINED_SECONDS = 1.0  # seconds by which the offset of a new run may be shifted
REFINED_FRAMES = 12  # frames of a new run that are compared at each offset
EQUAL_MEAN_COST = 0.02  # mean cost above the least one, up to which offsets are compared by exact differences
EQUAL_SHARE, EQUAL_SQUARES = 0.05, 0.02  # share and squared levels above the least exact difference that count as equal
EQUAL_GRADED_MISMATCH = 1e-4  # mean mismatch above the least one that counts as equal where frames are graded
RIVAL_FRAMES = 1.5  # frames by which the offset of a rival differs from that of its run, at least
MAX_RIVAL_SECONDS = 60.0  # seconds of a rival, at most: a zone with a longer one and edits beside it is often too long


@dataclass(frozen=True, slots=True)
class Rival:
    """Footage of A that matches more exactly on the time map of `run` than on the `known` map of the run it is in."""

    run: Run
    known: TimeMap

    @property
    def span(self) -> Span:
        """The span of A."""
        return self.run.start, self.run.end


def find_rivals(match: MismatchCost, runs: list[Run], confirmed: set[Run]) -> list[Rival]:
    """Return what matches more exactly at another offset than that of its run.

    Runs that are `confirmed` are not compared, and others that match best at their own offset are added to these.
    """
    near = RIVAL_FRAMES * match.b.fingerprint.step
    most = find_misfit(match.a, match.b, runs)
    corrected = [piece for piece in correct_offsets(match.a, match.b, runs, confirmed, most) if piece not in runs]
    rivals = [
        Rival(part, run.time_map)
        for piece in corrected
        for run in runs
        for part in cut_inside(piece, (run.start, run.end))
    ]
    return [
        each
        for each in rivals
        if each.run.seconds <= MAX_RIVAL_SECONDS and not each.run.time_map.is_near(each.known, each.span, near)
    ]


def refine_offset(match: MismatchCost, run: Run) -> Run:
    """Return a run with the offset nearby on which its frames match best: one window may match at several.

    Graded frames match nowhere, so their grade is not compared, and their exact differences tell nothing.
    """
    first, last = find_frames(match.a, (run.start, run.end))
    frame = match.b.fingerprint.step
    reach = round(REFINED_SECONDS / frame)
    shifts = np.arange(-reach, reach + 1) * frame
    shifted = [TimeMap(run.time_map.offset + shift, run.time_map.slope) for shift in shifts.tolist()]
    compared = np.arange(first, last, max(1, (last - first) // REFINED_FRAMES))
    costs = match.compare_on_maps(compared, shifted).mean(axis=1)
    if costs.min() > SIMILAR_COST and match.tolerates_grades:
        mismatches = np.array([match.measure_graded(compared, each).mean() for each in shifted])
        best = np.flatnonzero(mismatches <= mismatches.min() + EQUAL_GRADED_MISMATCH)
    else:
        squares = measure_squares_beside(match.a, match.b, compared, run.time_map, shifts).mean(axis=0)
        squares[costs > costs.min() + EQUAL_MEAN_COST] = np.inf
        best = np.flatnonzero(squares <= (1 + EQUAL_SHARE) * squares.min() + EQUAL_SQUARES)
    nearest = int(best[np.abs(best - reach).argmin()])
    return run if nearest == reach else Run(run.start, run.end, shifted[nearest])
