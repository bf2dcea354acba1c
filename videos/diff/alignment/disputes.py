"""Settle which of two runs shows a moment of B that both of them claim.

Runs are found and extended one by one, along A. So a run may go on over footage of B that another run shows as well.
"""

from itertools import combinations

from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.missed_runs import find_best_part
from videos.diff.alignment.outline import MIN_RUN_SECONDS, MIN_RUN_SHARE, subtract_spans
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.runs import cut_free, find_frames
from videos.diff.sampling.descriptor import Floats
from videos.diff.script.edit_script import Span

MIN_SECONDS = 0.2  # seconds of B that two runs claim, and that the shorter one wins, at least
MIN_GAIN = 0.1  # evidence by which a frame of the shorter run must match better


def settle_disputes(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return the runs in A's order, of which no two show the same moment of B for long.

    What two of them show is left to the shorter one where it matches better, and otherwise to the longer one.
    """
    left = {run: [run] for run in runs}
    for shorter, longer in combinations(sorted(runs, key=lambda run: run.seconds), 2):
        span = max(shorter.b[0], longer.b[0]), min(shorter.b[1], longer.b[1])
        if span[1] - span[0] >= min(MIN_SECONDS, shorter.seconds / 2):
            won = _find_won(match, shorter, longer, span)
            left[longer] = [part for piece in left[longer] for part in cut_free(match, piece, won)]
            lost = subtract_spans(span, won)
            left[shorter] = [part for piece in left[shorter] for part in cut_free(match, piece, lost)]
    return sorted(
        (
            piece
            for run, pieces in left.items()
            for piece in pieces
            if piece.seconds >= min(MIN_RUN_SECONDS, MIN_RUN_SHARE * run.seconds)
        ),
        key=lambda piece: piece.start,
    )


def _find_won(match: MismatchCost, shorter: Run, longer: Run, span: Span) -> list[Span]:
    """Return the part of a span of B in which the shorter run matches better, if there is one."""
    ours, theirs = (_measure_evidence(match, run, span) for run in (shorter, longer))
    count = min(len(ours), len(theirs))
    if not count:
        return []
    first, stop = find_best_part(theirs[:count] - ours[:count] - MIN_GAIN)
    step = match.a.fingerprint.step * shorter.time_map.slope
    won = span[0] + first * step, span[0] + stop * step
    return [won] if won[1] - won[0] >= MIN_SECONDS else []


def _measure_evidence(match: MismatchCost, run: Run, span: Span) -> Floats:
    """Return the evidence (frames,) against the frames of A that show a span of B in a run."""
    return match.compute_evidence(
        *find_frames(match.a, (run.time_map.to_a(span[0]), run.time_map.to_a(span[1]))), run.time_map
    )
