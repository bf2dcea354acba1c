"""Extend runs over footage beside them that both sides have left and that matches on their maps."""

from dataclasses import replace

import numpy as np

from videos.diff.alignment.evidence.mismatch_cost import UNMATCHED_COST, MismatchCost
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.candidates import measure_run
from videos.diff.alignment.zones.runs import find_frames, join_pieces

MAX_SECONDS = 60.0  # seconds by which a run is extended at one end, at most


def extend_runs(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return the runs in A's order, each as long as its frames match and no other run shows them on either side.

    Runs on one time map that touch then are joined.
    """
    extended = list(runs)
    for place, run in enumerate(runs):
        others = [other for other in extended if other is not extended[place]]
        run = replace(run, end=run.end + _measure_extension(match, run, others, forwards=True))
        run = replace(run, start=run.start - _measure_extension(match, run, others, forwards=False))
        extended[place] = run
    return join_pieces(match, extended)


def _measure_extension(match: MismatchCost, run: Run, others: list[Run], forwards: bool) -> float:
    """Return the seconds of A by which a run can be extended."""
    a, b, slope = match.a.fingerprint, match.b.fingerprint, run.time_map.slope
    if forwards:
        room_a = min([a.duration, *(other.start for other in others if other.end > run.end)]) - run.end
        room_b = min([b.duration, *(other.b[0] for other in others if other.b[1] > run.b[1])]) - run.b[1]
    else:
        room_a = run.start - max([0.0, *(other.end for other in others if other.start < run.start)])
        room_b = run.b[0] - max([0.0, *(other.b[1] for other in others if other.b[0] < run.b[0])])
    room = min(room_a, room_b / slope, MAX_SECONDS)
    if room < max(a.step, b.step / slope) * 0.75:
        return 0.0
    span = (run.end, run.end + room) if forwards else (run.start - room, run.start)
    first, last = find_frames(match.a, span)
    gains = UNMATCHED_COST - measure_run(match, replace(run, start=span[0], end=span[1]))
    sums = np.append(0, np.cumsum(gains if forwards else gains[::-1]))
    count = int(sums.argmax())
    borders = a.borders
    return float(borders[first + count] - borders[first] if forwards else borders[last] - borders[last - count])
