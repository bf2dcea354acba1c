"""Continue the runs of a zone: beyond its ends, and in place of new pieces that a still picture makes needless."""

from collections.abc import Collection
from dataclasses import replace

from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.candidates import Zone
from videos.diff.alignment.zones.exactness import EQUAL_RATIO, MIN_SQUARES
from videos.diff.alignment.zones.sharing import measure_squares

TOUCHING_FRAMES = 1.5  # frames between two runs, up to which they touch


def continue_beyond(match: MismatchCost, zone: Zone, runs: list[Run]) -> list[Run]:
    """Return the runs with those that continue beyond the zone as long as there, so that a short rest is kept."""
    near = match.a.fingerprint.step / 2
    longer = list(runs)
    if zone.before and runs and runs[0].time_map == zone.before.time_map and runs[0].start < zone.span[0] + near:
        longer[0] = replace(longer[0], start=zone.before.start)
    if zone.after and runs and runs[-1].time_map == zone.after.time_map and runs[-1].end > zone.span[1] - near:
        longer[-1] = replace(longer[-1], end=zone.after.end)
    return longer


def drop_needless(match: MismatchCost, zone: Zone, runs: list[Run], known: set[TimeMap]) -> list[Run]:
    """Return the runs without pieces in whose place a run of the zone, or the end of one around it, goes on."""
    ends = [
        Run(moment, moment, run.time_map)
        for run, moment in ((zone.before, zone.span[0]), (zone.after, zone.span[1]))
        if run and run.time_map not in {each.time_map for each in runs}
    ]
    left = absorb_pieces(match, [*runs, *ends], known)
    return sorted((run for run in left if run.end > run.start), key=lambda run: run.start)


def absorb_pieces(match: MismatchCost, runs: list[Run], known: Collection[TimeMap]) -> list[Run]:
    """Return the runs in A's order without new ones in whose place the run beside them in B goes on as exactly.

    In a still picture a piece may match anywhere within the noise, so one that touches no run in A is better no piece.
    `known` are the time maps of runs that stay.
    """
    left, near = list(runs), match.a.fingerprint.step * TOUCHING_FRAMES
    for piece in runs:
        beside = [each for each in left if each != piece]
        is_alone = all(each.end < piece.start - near or each.start > piece.end + near for each in beside)
        if piece.time_map in known or piece not in left or not is_alone:
            continue
        for place, run in enumerate(left):
            longer = _continue_over(match, run, piece, [each for each in beside if each != run])
            if longer and _matches_as_exactly(match, longer, run, piece):
                left[place] = longer
                left.remove(piece)
                break
    return left


def _continue_over(match: MismatchCost, run: Run, piece: Run, others: list[Run]) -> Run | None:
    """Return a run that shows what a piece beside it shows of B, if the others leave it that footage of A."""
    near = match.b.fingerprint.step / 2
    if abs(run.b[1] - piece.b[0]) < near:
        longer = replace(run, end=run.time_map.to_a(piece.b[1]))
    elif abs(piece.b[1] - run.b[0]) < near:
        longer = replace(run, start=run.time_map.to_a(piece.b[0]))
    else:
        return None
    within = longer.start >= 0 and longer.end <= match.a.fingerprint.duration
    return longer if within and all(each.end <= longer.start or longer.end <= each.start for each in others) else None


def _matches_as_exactly(match: MismatchCost, longer: Run, run: Run, piece: Run) -> bool:
    """Return whether what a longer run adds to a run differs no more than a piece does, within the noise."""
    added = (longer.start, run.start) if longer.start < run.start else (run.end, longer.end)
    ours, theirs = (measure_squares(match, each) for each in (Run(*added, run.time_map), piece))
    if not (len(ours) and len(theirs)):
        return False
    return float(ours.mean()) <= EQUAL_RATIO * max(MIN_SQUARES, float(theirs.mean()))
