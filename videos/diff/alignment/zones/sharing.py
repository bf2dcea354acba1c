"""Divide what runs of a zone show of B between them, so that no two show the same moments."""

from itertools import combinations

import numpy as np

from videos.diff.alignment.mismatch_cost import MismatchCost
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.candidates import measure_run
from videos.diff.alignment.zones.runs import cut_free
from videos.diff.script.edit_script import Span


def share_out(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return runs in A's order of which no two show the same moments of B.

    What two runs show is divided at the moment from which the other one matches better.
    """
    lost: list[list[Span]] = [[] for _ in runs]
    for first, second in combinations(sorted(range(len(runs)), key=lambda place: runs[place].b), 2):
        span = runs[second].b[0], min(runs[first].b[1], runs[second].b[1])
        if span[1] > span[0]:
            earlier, later, border = _divide(match, runs, (first, second), span)
            lost[earlier] += [(border, span[1])] if border < span[1] else []
            lost[later] += [(span[0], border)] if border > span[0] else []
    return sorted(
        (piece for run, spans in zip(runs, lost, strict=True) for piece in cut_free(match, run, spans)),
        key=lambda run: run.start,
    )


def _divide(match: MismatchCost, runs: list[Run], pair: tuple[int, int], span: Span) -> tuple[int, int, float]:
    """Return which of two runs shows a span of B at first, which one then, and from which moment."""
    ours, theirs = (
        measure_run(match, Run(time_map.to_a(span[0]), time_map.to_a(span[1]), time_map))
        for time_map in (runs[place].time_map for place in pair)
    )
    count = min(len(ours), len(theirs))
    sums = np.append(0, np.cumsum(ours[:count] - theirs[:count]))  # how much more ours cost up to each frame
    ours_first = sums.min() <= sums[-1] - sums.max()
    at = int(sums.argmin() if ours_first else sums.argmax())
    border = span[1] if at == count else span[0] + at * match.a.fingerprint.step * runs[pair[0]].time_map.slope
    return (*pair, border) if ours_first else (*pair[::-1], border)
