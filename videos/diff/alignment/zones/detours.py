"""Find runs between two runs on one time map that may be left out, because that map may show their footage as well.

Where the picture stands still, the end of a slide matches its beginning. A replaced piece within it is then told as a
deletion, a run on another map, and an insertion of the same duration.
"""

from videos.diff.alignment.mismatch_cost import MismatchCost
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.realign import Realigned

MAX_SECONDS = 10.0  # seconds of A between the two runs, at most
MAX_RUNS = 3  # runs between them, at most


def find_detours(match: MismatchCost, runs: list[Run]) -> list[Realigned]:
    """Return the spans of A, in its order, that may do without the `runs` (in A's order) within. No two overlap.

    Those runs show B between the two, too, so that footage which has moved there from elsewhere is no detour.
    """
    near = match.b.fingerprint.step / 2
    found: list[Realigned] = []
    place = 0
    while place < len(runs):
        before = runs[place]
        for other in range(place + 2, min(place + 2 + MAX_RUNS, len(runs))):
            span = before.end, runs[other].start
            low, high = before.b[1] - near, runs[other].b[0] + near
            is_within = all(low <= run.b[0] and run.b[1] <= high for run in runs[place + 1 : other])
            is_near = before.time_map.is_near(runs[other].time_map, span, near)
            if span[1] - span[0] <= MAX_SECONDS and is_near and is_within:
                found.append(Realigned(span, []))
                place = other - 1
                break
        place += 1
    return found
