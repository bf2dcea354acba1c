"""Drop short runs that are out of order: most are coincidences."""

from videos.diff.alignment.evidence.mismatch_cost import UNMATCHED_COST, MismatchCost
from videos.diff.alignment.outline import MIN_MOVE_SECONDS, MatchedPart, find_heaviest_chain
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.candidates import measure_run
from videos.diff.script.edit_script import Span

OVERLAP_SECONDS = 0.2  # seconds of B that two runs in order may both show,
OVERLAP_SHARE = 0.5  # if that is no more than this share of either one


def drop_short_moves(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return runs in A's order without those that are out of order and too short to have moved.

    Where two short runs cross, the one that matches worse is out of order.
    """
    parts = [MatchedPart((run.start, run.end), _shorten(run.b)) for run in runs]
    chain = find_heaviest_chain(parts, [part.seconds for part in parts])
    if len(chain) == len(runs):
        return runs
    weights = [run.seconds if run.seconds >= MIN_MOVE_SECONDS else _weigh(match, run) for run in runs]
    chain = find_heaviest_chain(parts, weights)
    return [run for place, run in enumerate(runs) if place in chain or run.seconds >= MIN_MOVE_SECONDS]


def _shorten(span: Span) -> Span:
    """Return a span of B without its ends: runs that overlap by less are in order."""
    margin = min(OVERLAP_SECONDS / 2, OVERLAP_SHARE / 2 * (span[1] - span[0]))
    return span[0] + margin, span[1] - margin


def _weigh(match: MismatchCost, run: Run) -> float:
    """Return the seconds of a run, less the worse its frames match."""
    costs = measure_run(match, run)
    return run.seconds * max(0.0, 1 - float(costs.mean()) / UNMATCHED_COST) if len(costs) else 0.0
