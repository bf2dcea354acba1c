"""Drop short runs that are out of order: most are coincidences."""

from videos.diff.alignment.mismatch_cost import UNMATCHED_COST, MismatchCost
from videos.diff.alignment.outline import MIN_MOVE_SECONDS, MatchedPart, find_heaviest_chain
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.candidates import measure_run


def drop_short_moves(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return runs in A's order without those that are out of order and too short to have moved.

    Where two short runs cross, the one that matches worse is out of order.
    """
    half = match.b.fingerprint.step / 2  # runs that overlap by less are in order
    parts = [MatchedPart((run.start, run.end), (run.b[0] + half, run.b[1] - half)) for run in runs]
    chain = find_heaviest_chain(parts, [part.seconds for part in parts])
    if len(chain) == len(runs):
        return runs
    weights = [run.seconds if run.seconds >= MIN_MOVE_SECONDS else _weigh(match, run) for run in runs]
    chain = find_heaviest_chain(parts, weights)
    return [run for place, run in enumerate(runs) if place in chain or run.seconds >= MIN_MOVE_SECONDS]


def _weigh(match: MismatchCost, run: Run) -> float:
    """Return the seconds of a run, less the worse its frames match."""
    costs = measure_run(match, run)
    return run.seconds * max(0.0, 1 - float(costs.mean()) / UNMATCHED_COST) if len(costs) else 0.0
