"""Align again, frame by frame, where edits stand close together.

The first alignment follows long runs, so a short piece between two edits is lost, or swallowed by the run beside it.
Here each stretch with edits is a zone. The time maps of the runs around it and the diagonals on which its frames match
something that no run shows well are the candidates, and so are the maps on which stretches that one side alone has
begin or end together. The cheapest path over them is found by dynamic programming at
full frame rate. It replaces the known runs only if it explains both sides at less cost: frames cost by how badly they
match, frames that match nothing cost alike, and each run has a price.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.disputes import settle_disputes
from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.outline import subtract_spans
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.candidates import (
    Candidates,
    Zone,
    build_zone,
    collect_candidates,
    limit_roughness,
    scale_costs,
    sum_cost,
    weigh_exactly,
)
from videos.diff.alignment.zones.completion import continue_beyond, drop_needless
from videos.diff.alignment.zones.diagonals import count_window_frames
from videos.diff.alignment.zones.motion import find_moving_part
from videos.diff.alignment.zones.offsets import Rival, find_rivals, refine_offset
from videos.diff.alignment.zones.path import extract_runs, find_path
from videos.diff.alignment.zones.runs import (
    cut_free,
    cut_inside,
    cut_outside,
    find_frames,
    find_typical_slope,
    join_pieces,
)
from videos.diff.alignment.zones.sharing import is_more_exact, share_out
from videos.diff.alignment.zones.suspects import (
    JOIN_SECONDS,
    MAX_ZONE_SECONDS,
    Suspects,
    find_bad_spans,
    find_doubtful_runs,
    find_free_spans,
    find_zone_spans,
)
from videos.diff.parallel import Tick, map_parallel
from videos.diff.sampling.descriptor import Floats
from videos.diff.script.edit_script import Span

MOVING_COST = 0.3  # cost of a frame whose still part matches and whose moving part does not, at least
MIN_GAIN = 1.0  # cost that another alignment must save,
MAX_LOSS = 2.5  # or that it may lose, the price of a run, if its frames match much more exactly
EXTENSION_SECONDS = 3.0  # seconds by which a zone grows where a new run reaches its end
MAX_EXTENSIONS = 4
MAX_ROUNDS = 3  # in which zones are aligned
MAX_PATHS = 4  # paths of a zone, each without the maps of which nothing was left


@dataclass(frozen=True, slots=True, eq=False)
class LocalDoubt:
    """A span of A in a run in which only these cells (36, 64) differ, maybe because the run is the wrong one."""

    span: Span
    time_map: TimeMap
    cells: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OtherSide:
    """What of B may belong to a zone: spans that are `free`, and `spoilt` ones, which runs show badly.

    `rival_runs` may show footage of A better than its runs.
    """

    free: list[Span]
    spoilt: list[Span]
    rival_runs: list[Run]


@dataclass(frozen=True, slots=True)
class Realigned:
    """The runs that replace what lies in a span of A."""

    span: Span
    runs: list[Run]


def realign_zones(
    match: MismatchCost,
    runs: list[Run],
    confirmed: set[Run] | None = None,
    tick: Tick = lambda share: None,
    dropped: Iterable[Run] = (),
) -> list[Run]:
    """Return the settled `runs` in A's order, with the zones around edits aligned again. `runs` must not be empty.

    `dropped` are runs of an alignment before, of which nothing is left: footage that only a whole change hides.

    Zones that have changed are aligned again, because their new runs leave other footage free and to be explained, and
    so is what matches more exactly at another offset than that of its run. Runs that match best at their own
    offset are added to `confirmed`.
    """
    checked: dict[Run, Floats] = {}
    confirmed = set() if confirmed is None else confirmed
    dropped = tuple(dropped)
    rivals: list[Rival] = []
    within: list[Span] | None = None
    for rounds_left in reversed(range(MAX_ROUNDS)):
        found = _align_zones(match, runs, checked, rivals, dropped, within, tick)
        aligned = replace_runs(match, runs, found)
        if not aligned or not rounds_left:
            return aligned
        runs = settle_disputes(match, aligned)
        kept = [(run.start, run.end) for run in runs]
        lost = [span for run in aligned for span in subtract_spans((run.start, run.end), kept)]
        rivals = find_rivals(match, runs, confirmed)
        within = [*(each.span for each in found), *lost, *(each.span for each in rivals)]
        if not within:
            break
    return runs


def _align_zones(
    match: MismatchCost,
    runs: list[Run],
    checked: dict[Run, Floats],
    rivals: list[Rival],
    dropped: tuple[Run, ...],
    within: list[Span] | None,
    tick: Tick,
) -> list[Realigned]:
    """Return other runs for the zones around edits that overlap a span of `within`, where they explain more.

    `checked` is the evidence of pieces of runs that is known, to which more is added.
    """
    bad = [*find_bad_spans(match, runs, checked), *((each.span, each.known) for each in rivals)]
    suspects = Suspects(bad, find_doubtful_runs(match, runs))
    rival_runs = [*(each.run for each in rivals), *dropped]
    other_side = OtherSide(find_free_spans(match, runs, suspects), suspects.spoilt, rival_runs)
    around_gaps = replace(other_side, free=find_free_spans(match, runs, suspects, around_gaps=True))
    spans = [
        (start, end)
        for start, end in find_zone_spans(match, runs, suspects)
        if within is None or any(start < high and low < end for low, high in within)
    ]
    rooms = _divide_room(match, spans)

    def align(place: int) -> Realigned | None:
        part = find_moving_part(match.a, *find_frames(match.a, spans[place]))
        if part is None:
            return _align_growing(match, runs, spans[place], rooms[place], other_side)
        focused = replace(match, cells=part[None], cells_cost=MOVING_COST)
        return _align_growing(focused, runs, spans[place], rooms[place], around_gaps)

    return [each for each in map_parallel(align, range(len(spans)), tick) if each is not None]


def realign_doubts(match: MismatchCost, runs: list[Run], doubts: list[LocalDoubt]) -> list[Realigned]:
    """Return other runs for spans in which a part of the picture differs, if the part is the same on those.

    A small speaker beside a slide hardly counts in the evidence of whole frames. Here the part alone does. The spans
    do not overlap.
    """
    groups = _group_doubts(match, doubts)
    spans = [_pad_doubts(match, group) for group in groups]
    rooms = _divide_room(match, spans)

    def align(place: int) -> Realigned | None:
        group = groups[place]
        doubtful = Suspects([(each.span, each.time_map) for each in group], [])
        other_side = OtherSide(find_free_spans(match, runs, doubtful, around_gaps=True), [], [])
        focused = replace(match, cells=np.stack([each.cells for each in group]))
        return _align_growing(focused, runs, spans[place], rooms[place], other_side)

    return [each for each in map_parallel(align, range(len(groups))) if each is not None]


def _divide_room(match: MismatchCost, spans: list[Span]) -> list[Span]:
    """Return the span of A within which each zone may grow: up to the middle between it and the next one."""
    middles = [(end + start) / 2 for (_, end), (start, _) in pairwise(spans)]
    return list(pairwise([0.0, *middles, match.a.fingerprint.duration]))


def _align_growing(
    match: MismatchCost, runs: list[Run], span: Span, room: Span, other_side: OtherSide
) -> Realigned | None:
    """Return other runs for a zone, or None if those that are known explain it as well.

    The zone grows within `room` where the runs found may continue beyond it.
    """
    found = _align_zone(match, runs, span, other_side)
    for _ in range(MAX_EXTENSIONS):
        longer = _extend_zone(match, runs, span, found or [], room)
        if longer == span:
            break
        span, found = longer, _align_zone(match, runs, longer, other_side)
    match.a.fingerprint.release()
    match.b.fingerprint.release()
    return Realigned(span, found) if found is not None else None


def _extend_zone(match: MismatchCost, runs: list[Run], span: Span, found: list[Run], room: Span) -> Span:
    """Return a longer zone within `room` where the first or the last run found may continue beyond the zone."""
    near = match.a.fingerprint.step * 1.5
    low, high = span
    if found and found[0].start < low + near and not _continues(runs, found[0].time_map, low - near):
        low = min(low, max(room[0], low - EXTENSION_SECONDS))
    if found and found[-1].end > high - near and not _continues(runs, found[-1].time_map, high + near):
        high = max(high, min(room[1], high + EXTENSION_SECONDS))
    return (low, high) if high - low <= MAX_ZONE_SECONDS else span


def _continues(runs: list[Run], time_map: TimeMap, moment: float) -> bool:
    """Return whether a moment of A is known to be on a time map."""
    return any(run.start <= moment < run.end and run.time_map == time_map for run in runs)


def _group_doubts(match: MismatchCost, doubts: list[LocalDoubt]) -> list[list[LocalDoubt]]:
    """Return doubts in groups that share a zone, without groups that are too long."""
    groups: list[list[LocalDoubt]] = []
    for doubt in sorted(doubts, key=lambda each: each.span):
        if groups and doubt.span[0] - max(each.span[1] for each in groups[-1]) < 2 * JOIN_SECONDS:
            groups[-1].append(doubt)
        else:
            groups.append([doubt])
    return [group for group in groups if np.ptp(_pad_doubts(match, group)) <= MAX_ZONE_SECONDS]


def _pad_doubts(match: MismatchCost, doubts: list[LocalDoubt]) -> Span:
    """Return the zone of doubts, in seconds of A."""
    start, end = min(each.span[0] for each in doubts), max(each.span[1] for each in doubts)
    return max(0.0, start - JOIN_SECONDS), min(match.a.fingerprint.duration, end + JOIN_SECONDS)


def replace_runs(match: MismatchCost, runs: list[Run], found: Iterable[Realigned]) -> list[Run]:
    """Return the runs in A's order, with those of spans that do not overlap replaced."""
    for each in found:
        runs = [*(piece for run in runs for piece in cut_outside(run, each.span)), *each.runs]
    return join_pieces(match, sorted(runs, key=lambda run: run.start))


def _align_zone(match: MismatchCost, runs: list[Run], span: Span, other_side: OtherSide) -> list[Run] | None:
    """Return the runs of a zone, or None if those that are known explain it as well."""
    frames = find_frames(match.a, span)
    if frames[1] - frames[0] < count_window_frames(match.a):
        return None
    zone = build_zone(match, runs, span, other_side.spoilt, other_side.rival_runs)
    slope = find_typical_slope(runs)
    candidates = collect_candidates(match, zone, frames, other_side.free, slope)
    match, candidates = limit_roughness(match, zone, np.arange(*frames), candidates)
    candidates = weigh_exactly(match, np.arange(*frames), candidates)
    known = {*zone.rival_maps, *(run.time_map for run in (zone.before, zone.after, *zone.runs) if run)}
    aligned = _follow_path(match, zone, candidates, frames[0], known)
    if aligned is None:
        return None
    known_cost, cost = (sum_cost(match, zone, each, candidates, slope) for each in (zone.runs, aligned))
    gain = known_cost - cost
    is_better = gain > MIN_GAIN * scale_costs(match)
    is_chosen = is_better or (gain > -MAX_LOSS * scale_costs(match) and is_more_exact(match, aligned, zone.runs))
    return aligned if is_chosen else None


def _follow_path(
    match: MismatchCost, zone: Zone, candidates: Candidates, first: int, known: set[TimeMap]
) -> list[Run] | None:
    """Return the runs of the cheapest path, or None if they are those of the zone.

    What they show of B must be free. A map of which nothing is left is no longer a candidate, because its run may have
    shortened the runs beside it.
    """
    for _ in range(MAX_PATHS):
        path = find_path(candidates.costs, candidates.prices, candidates.find(zone.before), candidates.find(zone.after))
        extracted = extract_runs(match, candidates.maps, path, first)
        if _are_same(match, extracted, zone.runs):
            return None
        shared = share_out(match, continue_beyond(match, zone, extracted))
        refined = [(run, run if run.time_map in known else refine_offset(match, run)) for run in shared]
        aligned = share_out(match, [run for _, run in refined])
        aligned = [piece for run in aligned for piece in cut_inside(run, zone.span)]
        aligned = [piece for run in aligned for piece in cut_free(match, run, zone.taken)]
        left = {run.time_map for run in aligned}
        kept = {run.time_map for run, exact in refined if exact.time_map in left}
        lost = {run.time_map for run in extracted} - kept - known
        if not lost:
            break
        candidates = candidates.without(lost)
    return drop_needless(match, zone, aligned, known)


def _are_same(match: MismatchCost, runs: list[Run], others: list[Run]) -> bool:
    """Return whether runs are the same to the frame."""
    frame = match.a.fingerprint.step / 2
    return len(runs) == len(others) and all(
        run.time_map == other.time_map and abs(run.start - other.start) < frame and abs(run.end - other.end) < frame
        for run, other in zip(runs, others, strict=True)
    )
