"""Find runs between two runs on one time map that may be left out, because that map may show their footage as well.

Where the picture stands still, the end of a slide matches its beginning. A replaced piece within it is then told as a
deletion, a run on another map, and an insertion of the same duration.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.exactness import MIN_SQUARES, OTHER_RATIO, measure_cells
from videos.diff.alignment.zones.realign import Realigned
from videos.diff.alignment.zones.runs import find_frames
from videos.diff.alignment.zones.sharing import measure_squares
from videos.diff.noise.medians import find_medians
from videos.diff.sampling.descriptor import Floats
from videos.diff.script.edit_script import Span

MAX_SECONDS = 10.0  # seconds of A between the two runs, at most
MAX_RUNS = 3  # runs between them, at most
COMPARED_FRAMES = 25  # of a run, about
MIN_SWAPPED_SHARE = 0.9  # share of the span of A that shots which have changed places fill


def find_detours(match: MismatchCost, runs: list[Run]) -> list[Realigned]:
    """Return the spans of A, in its order, that may do without the `runs` (in A's order) within. No two overlap.

    Those runs show B between the two, too, so that footage which has moved there from elsewhere is no detour. Nor are
    shots that have changed places, or a run on which most of the picture matches much better than on that map.
    """
    near = match.b.fingerprint.step / 2
    found: list[Realigned] = []
    place = 0
    while place < len(runs):
        before = runs[place]
        for other in range(place + 2, min(place + 2 + MAX_RUNS, len(runs))):
            between = runs[place + 1 : other]
            span = before.end, runs[other].start
            low, high = before.b[1] - near, runs[other].b[0] + near
            is_within = all(low <= run.b[0] and run.b[1] <= high for run in between)
            is_near = before.time_map.is_near(runs[other].time_map, span, near)
            if span[1] - span[0] <= MAX_SECONDS and is_near and is_within:
                is_right = _are_swapped(match, between, span, before.time_map)
                if not is_right and not _match_better(match, between, before.time_map):
                    found.append(Realigned(span, []))
                place = other - 1
                break
        place += 1
    return found


def _are_swapped(match: MismatchCost, runs: list[Run], span: Span, time_map: TimeMap) -> bool:
    """Return whether runs are shots that have changed places: they fill a span of A, out of order, and match better.

    None of them is on the time map around them.
    """
    near = match.b.fingerprint.step / 2
    in_order = all(earlier.b[0] <= later.b[0] for earlier, later in pairwise(runs))
    stays = any(run.time_map.is_near(time_map, span, near) for run in runs)
    if in_order or stays or sum(run.seconds for run in runs) < MIN_SWAPPED_SHARE * (span[1] - span[0]):
        return False
    own, other = (
        np.concatenate([measure_squares(match, run) for run in each])
        for each in (runs, [replace(run, time_map=time_map) for run in runs])
    )
    return len(own) > 0 and max(MIN_SQUARES, float(own.mean())) * OTHER_RATIO <= float(other.mean())


def _match_better(match: MismatchCost, runs: list[Run], time_map: TimeMap) -> bool:
    """Return whether most of the picture matches much better on `runs` than on `time_map`, for the same span of B."""
    shown = [Run(time_map.to_a(run.b[0]), time_map.to_a(run.b[1]), time_map) for run in runs]
    own, other = (np.concatenate([_measure_medians(match, run) for run in each]) for each in (runs, shown))
    if not len(own) or not len(other):  # shorter than a frame
        return False
    return max(MIN_SQUARES, float(own.mean())) * OTHER_RATIO <= float(other.mean())


def _measure_medians(match: MismatchCost, run: Run) -> Floats:
    """Return the squared medians (frames,) of the differences of the cells: a box over the picture changes little."""
    first, last = find_frames(match.a, (run.start, run.end))
    if first >= last:
        return np.zeros(0, np.float32)
    in_a = np.arange(first, last, max(1, (last - first) // COMPARED_FRAMES))
    medians: Floats = find_medians(measure_cells(match, in_a, [run.time_map])[:, 0]) ** 2
    return medians
