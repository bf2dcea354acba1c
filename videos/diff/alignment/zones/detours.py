"""Leave out runs between two runs on one time map, if their footage is also where that map shows it.

Where the picture stands still, the end of a slide matches its beginning. A replaced piece within it is then told as a
deletion, a run on another map, and an insertion of the same duration.
"""

from videos.diff.alignment.boundaries import MismatchCost
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.realign import Realigned

MAX_SECONDS = 10.0  # seconds of A between the two runs, at most
MAX_RUNS = 3  # runs between them, at most


def find_detours(match: MismatchCost, runs: list[Run]) -> list[Realigned]:
    """Return the spans of A (in its order) that may do without the runs (in A's order) within. No two overlap."""
    near = match.b.fingerprint.step / 2
    found: list[Realigned] = []
    place = 0
    while place < len(runs):
        before = runs[place]
        for other in range(place + 2, min(place + 2 + MAX_RUNS, len(runs))):
            span = before.end, runs[other].start
            if span[1] - span[0] <= MAX_SECONDS and before.time_map.is_near(runs[other].time_map, span, near):
                found.append(Realigned(span, []))
                place = other - 1
                break
        place += 1
    return found
