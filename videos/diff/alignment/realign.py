"""Align again, frame by frame, where edits stand close together.

The first alignment follows long runs, so a short piece between two edits is lost, or swallowed by the run beside it.
Here each stretch with edits is a zone. The time maps of the runs around it and the diagonals on which its frames match
something that no run shows well are the candidates. The cheapest path over them is found by dynamic programming at
full frame rate. It replaces the known runs only if it explains both sides at less cost: frames cost by how badly they
match, frames that match nothing cost alike, and each run has a price.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.boundaries import UNMATCHED_COST, MismatchCost
from videos.diff.alignment.diagonals import WINDOW_SECONDS, count_window_frames, find_diagonals
from videos.diff.alignment.outline import subtract_spans
from videos.diff.alignment.pairing import correlate_frames, find_partners
from videos.diff.alignment.time_map import IDENTITY_TIME_MAP, TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.parallel import Tick, map_parallel
from videos.diff.sampling.descriptor import Floats, SampledVideo
from videos.diff.script.edit_script import Span

PAD_SECONDS = 0.6  # seconds around an edit that belong to its zone
JOIN_SECONDS = 1.5  # seconds between two edits up to which they share a zone
MAX_ZONE_SECONDS = 120.0  # longer zones stay as they are
SHORT_RUN_SECONDS = 2.0  # seconds; shorter runs are always part of a zone
NEAR_SECONDS = 90.0  # seconds of B around a zone in which its footage is searched
BAD_EVIDENCE = (0.15, 0.3)  # evidence from which a frame of a run may be another one, by the pair's noise,
USUAL_RATIO = 1.4  # which is this many times the upper quartile of all frames
BAD_SECONDS = 0.3  # seconds of such frames that make an edit
CHECKED_SECONDS = 0.2  # seconds between the frames of a run that are checked
CHECKED_PIECE_SECONDS = 60.0  # seconds of a run that are checked in one task
JUMP_COST = 2.5  # price of a run; a frame that matches nothing costs UNMATCHED_COST
END_COST = 0.5  # price of a run with which both videos begin, or end
FAR_COST = 1.5  # additional price of a run out of order
SLOPE_COST = 4.0  # additional price of a run at another speed than most of the video
COST_STEP_SECONDS = 0.04  # duration of a frame at which these prices hold; they are lower for longer frames,
MIN_COST_SCALE = 0.4  # by this factor at most
SLOPE_TOLERANCE = 0.004  # share by which slopes may differ that count as equal
CONTINUED_FRAMES = 2.0  # frames between two runs, up to which one continues the other
SIMILAR_COST = 0.4  # cost of a frame that does not match but correlates fully, as under a grade or a blur
MIN_SAME_CORRELATION = 0.6  # correlation up to which the cost of such a frame grows to UNMATCHED_COST
REFINED_SECONDS = 1.0  # seconds by which the offset of a new run may be shifted
REFINED_FRAMES = 12  # frames of a new run that are compared at each offset
MIN_GAIN = 1.0  # cost that another alignment must save
EXTENSION_SECONDS = 3.0  # seconds by which a zone grows where a new run reaches its end
MAX_EXTENSIONS = 4
MIN_RUN_FRAMES = 3  # frames of a new run, at least


@dataclass(frozen=True, slots=True)
class _Edits:
    """Where the known runs may be wrong.

    `bad` are spans of A within a run whose frames do not match on its time map; `doubtful` are whole runs.
    """

    bad: list[tuple[Span, TimeMap]]
    doubtful: list[Run]


@dataclass(frozen=True, slots=True, eq=False)
class LocalDoubt:
    """A span of A in a run in which only these cells (36, 64) differ, maybe because the run is the wrong one."""

    span: Span
    time_map: TimeMap
    cells: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Realigned:
    """The runs that replace what lies in a span of A."""

    span: Span
    runs: list[Run]


@dataclass(frozen=True, slots=True)
class _Zone:
    """A span of A that is aligned again. `hull` is the span of B that belongs to it if everything is in order.

    `runs` are the parts of known runs within it, and `taken` is what other runs show of B.
    """

    span: Span
    hull: Span
    before: Run | None
    after: Run | None
    runs: list[Run]
    taken: list[Span]


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Time maps, the evidence (frames, maps) against each frame of a zone on them, and the price of a run on each."""

    maps: list[TimeMap]
    costs: Floats
    prices: NDArray[np.float64]

    def find(self, run: Run | None) -> int | None:
        """Return the place of the map of a run."""
        return self.maps.index(run.time_map) if run else None

    def price_of(self, run: Run) -> float:
        """Return the price of a run, also if its offset was refined."""
        return float(self.prices[self.maps.index(run.time_map)] if run.time_map in self.maps else self.prices.min())


def realign_zones(match: MismatchCost, runs: list[Run], tick: Tick = lambda share: None) -> list[Run]:
    """Return the settled `runs` in A's order, with the zones around edits aligned again. `runs` must not be empty."""
    edits = _Edits(_find_bad_spans(match, runs), _find_doubtful_runs(match, runs))
    spans = _find_zone_spans(match, runs, edits)
    free_b = _find_free_spans(match, runs, edits)

    def align(span: Span) -> list[Run] | None:
        found = _align_zone(match, runs, span, free_b)
        match.a.fingerprint.release()
        match.b.fingerprint.release()
        return found

    found = zip(spans, map_parallel(align, spans, tick), strict=True)
    return replace_runs(match, runs, [Realigned(span, aligned) for span, aligned in found if aligned is not None])


def realign_doubts(match: MismatchCost, runs: list[Run], doubts: list[LocalDoubt]) -> list[Realigned]:
    """Return other runs for spans in which a part of the picture differs, if the part is the same on those.

    A small speaker beside a slide hardly counts in the evidence of whole frames. Here the part alone does. The spans
    do not overlap.
    """
    groups = _group_doubts(match, doubts)
    spans = [_pad_doubts(match, group) for group in groups]
    ends = [(0.0, 0.0), *spans, (match.a.fingerprint.duration,) * 2]

    def align(place: int) -> Realigned | None:
        group, span = groups[place], spans[place]
        room = ends[place][1], ends[place + 2][0]
        edits = _Edits([(each.span, each.time_map) for each in group], [])
        focused = replace(match, cells=np.stack([each.cells for each in group]))
        free_b = _find_free_spans(match, runs, edits)
        for _ in range(MAX_EXTENSIONS):
            found = _align_zone(focused, runs, span, free_b)
            longer = _extend_zone(match, runs, span, found or [], room)
            if longer == span:
                break
            span = longer
        match.a.fingerprint.release()
        match.b.fingerprint.release()
        return Realigned(span, found) if found is not None else None

    return [each for each in map_parallel(align, range(len(groups))) if each is not None]


def _extend_zone(match: MismatchCost, runs: list[Run], span: Span, found: list[Run], room: Span) -> Span:
    """Return a longer zone within `room` where the first or the last run found may continue beyond the zone."""
    near = match.a.fingerprint.step * 1.5
    known = {run.time_map for run in runs}
    low, high = span
    if found and found[0].start < low + near and found[0].time_map not in known:
        low = min(low, max(room[0], low - EXTENSION_SECONDS))
    if found and found[-1].end > high - near and found[-1].time_map not in known:
        high = max(high, min(room[1], high + EXTENSION_SECONDS))
    return (low, high) if high - low <= MAX_ZONE_SECONDS else span


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
        runs = [*(piece for run in runs for piece in _cut_outside(run, each.span)), *each.runs]
    return _join_pieces(match, sorted(runs, key=lambda run: run.start))


def _find_bad_spans(match: MismatchCost, runs: list[Run]) -> list[tuple[Span, TimeMap]]:
    """Return spans of A within runs whose frames do not match, each with the time map of its run."""
    step = match.a.fingerprint.step
    every = max(1, round(CHECKED_SECONDS / step))
    needed = max(2, round(BAD_SECONDS / (every * step)))
    borders = match.a.fingerprint.borders

    def check(piece: Run) -> Floats:
        first, last = _find_frames(match.a, (piece.start, piece.end))
        evidence = match.compute_evidence(first, last, piece.time_map, every)[::every]
        match.a.fingerprint.release()
        match.b.fingerprint.release()
        return evidence

    pieces = [piece for run in runs for piece in _split(run, CHECKED_PIECE_SECONDS)]
    checked = map_parallel(check, pieces)
    limit = float(np.clip(USUAL_RATIO * np.quantile(np.concatenate(checked), 0.75), *BAD_EVIDENCE))
    bad: list[tuple[Span, TimeMap]] = []
    for piece, evidence in zip(pieces, checked, strict=True):
        first, last = _find_frames(match.a, (piece.start, piece.end))
        for low, high in _find_stretches(evidence > limit):
            if high - low >= needed:
                span = float(borders[first + low * every]), float(borders[min(last, first + high * every)])
                bad.append((span, piece.time_map))
    return bad


def _split(run: Run, seconds: float) -> Iterable[Run]:
    """Return the pieces of a run, each of up to `seconds`."""
    edges = np.linspace(run.start, run.end, max(1, int(np.ceil(run.seconds / seconds))) + 1)
    return [Run(float(start), float(end), run.time_map) for start, end in pairwise(edges)]


def _find_stretches(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return start and end of each stretch of marked places."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8)))
    return [(int(low), int(high)) for low, high in edges.reshape(-1, 2)]


def _find_doubtful_runs(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return the runs that are short, and those at another speed that do not continue both of their neighbours."""
    slope = _find_typical_slope(runs)
    near = CONTINUED_FRAMES * max(match.a.fingerprint.step, match.b.fingerprint.step)
    ends, starts = _list_ends(match, runs)
    doubtful = []
    for run, (end_a, end_b), (start_a, start_b) in zip(runs, ends[:-1], starts[1:], strict=True):
        if not _is_odd(run.time_map, slope):
            is_doubtful = run.seconds < SHORT_RUN_SECONDS
        else:
            begins = abs(run.start - end_a) < near and abs(run.b[0] - end_b) < near
            ends_there = abs(run.end - start_a) < near and abs(run.b[1] - start_b) < near
            is_doubtful = run.seconds < MAX_ZONE_SECONDS / 4 and not (begins and ends_there)
        if is_doubtful:
            doubtful.append(run)
    return doubtful


def _list_ends(match: MismatchCost, runs: list[Run]) -> tuple[list[Span], list[Span]]:
    """Return the moments of A and B at which each gap between runs begins, and those at which it ends."""
    whole = (match.a.fingerprint.duration, match.b.fingerprint.duration)
    return [(0.0, 0.0), *((run.end, run.b[1]) for run in runs)], [*((run.start, run.b[0]) for run in runs), whole]


def _find_typical_slope(runs: list[Run]) -> float:
    return max(runs, key=lambda run: run.seconds).time_map.slope


def _is_odd(time_map: TimeMap, slope: float) -> bool:
    return abs(time_map.slope - slope) > SLOPE_TOLERANCE * slope


def _find_zone_spans(match: MismatchCost, runs: list[Run], edits: _Edits) -> list[Span]:
    """Return spans of A around edits, joined where they are close; those with nothing to align again are left out."""
    frame = match.a.fingerprint.step
    marks = [(span, True) for span, _ in edits.bad] + [((run.start, run.end), True) for run in edits.doubtful]
    for (end_a, end_b), (start_a, start_b) in zip(*_list_ends(match, runs), strict=True):
        if start_a - end_a > 1.5 * frame or abs(start_b - end_b) > 1.5 * frame:
            marks.append(((end_a, max(end_a, start_a)), start_a - end_a > WINDOW_SECONDS))
    zones: list[tuple[Span, bool]] = []
    for (start, end), is_open in sorted(marks):
        if zones and start - zones[-1][0][1] < JOIN_SECONDS:
            (low, high), was_open = zones[-1]
            zones[-1] = ((low, max(high, end)), was_open or is_open)
        else:
            zones.append(((start, end), is_open))
    duration = match.a.fingerprint.duration
    padded = [
        (max(0.0, low - PAD_SECONDS), min(duration, high + PAD_SECONDS)) for (low, high), is_open in zones if is_open
    ]
    return [span for span in padded if span[1] - span[0] <= MAX_ZONE_SECONDS]


def _find_free_spans(match: MismatchCost, runs: list[Run], edits: _Edits) -> list[Span]:
    """Return the spans of B that no run shows, or shows badly, or only a doubtful run."""
    spoilt = [(time_map.to_b(start), time_map.to_b(end)) for (start, end), time_map in edits.bad]
    sure = [run.b for run in runs if run not in edits.doubtful]
    taken = [piece for span in sure for piece in subtract_spans(span, spoilt)]
    duration = match.b.fingerprint.duration
    shortest = match.b.fingerprint.step * count_window_frames(match.b)
    free: list[Span] = []
    for start, end in subtract_spans((0.0, duration), taken):
        if end - start <= shortest / 2:
            continue
        start, end = max(0.0, start - PAD_SECONDS), min(duration, end + PAD_SECONDS)
        if free and start <= free[-1][1]:
            free[-1] = (free[-1][0], max(free[-1][1], end))
        else:
            free.append((start, end))
    return free


def _align_zone(match: MismatchCost, runs: list[Run], span: Span, free_b: list[Span]) -> list[Run] | None:
    """Return the runs of a zone, or None if those that are known explain it as well."""
    frames = _find_frames(match.a, span)
    if frames[1] - frames[0] < count_window_frames(match.a):
        return None
    zone = _build_zone(match, runs, span)
    candidates = _collect_candidates(match, zone, frames, free_b, _find_typical_slope(runs))
    path = _find_path(candidates.costs, candidates.prices, candidates.find(zone.before), candidates.find(zone.after))
    known = {run.time_map for run in (zone.before, zone.after, *zone.runs) if run}
    extracted = _extract_runs(match, candidates.maps, path, frames[0])
    if _are_same(match, extracted, zone.runs):
        return None
    aligned = [run if run.time_map in known else _refine_offset(match, run) for run in extracted]
    aligned = [piece for run in _drop_shared(match, aligned) for piece in _cut_free(match, run, zone.taken)]
    gain = _sum_cost(match, zone, zone.runs, candidates) - _sum_cost(match, zone, aligned, candidates)
    return aligned if gain > MIN_GAIN * _scale_costs(match) else None


def _build_zone(match: MismatchCost, runs: list[Run], span: Span) -> _Zone:
    before = max((run for run in runs if run.start < span[0] <= run.end + PAD_SECONDS), default=None, key=_get_start)
    after = min((run for run in runs if run.end > span[1] >= run.start - PAD_SECONDS), default=None, key=_get_start)
    hull = (
        before.time_map.to_b(span[0]) if before else 0.0,
        after.time_map.to_b(span[1]) if after else match.b.fingerprint.duration,
    )
    inside = [piece for run in runs for piece in _cut_inside(run, span)]
    taken = [piece.b for run in runs for piece in _cut_outside(run, span)]
    return _Zone(span, hull, before, after, inside, taken)


def _get_start(run: Run) -> float:
    return run.start


def _collect_candidates(
    match: MismatchCost, zone: _Zone, frames: tuple[int, int], free_b: list[Span], slope: float
) -> _Candidates:
    """Return the time maps of the runs in and around a zone, and the diagonals that explain what these do not."""
    known = list(dict.fromkeys(run.time_map for run in (zone.before, zone.after, *zone.runs) if run))
    evidence = [_measure_evidence(match, *frames, each) for each in known]
    usual = [cost for cost, each in zip(evidence, known, strict=True) if not _is_odd(each, slope)]
    unexplained = np.min([np.full(frames[1] - frames[0], UNMATCHED_COST, np.float32), *usual], axis=0)
    low, high = min(zone.hull) - NEAR_SECONDS, max(zone.hull) + NEAR_SECONDS
    near = [(max(low, start), min(high, end)) for start, end in free_b if start < high and end > low]
    found = find_diagonals(match, frames, near, known, unexplained, slope)
    maps = [*known, *found]
    costs = np.stack([*evidence, *(_measure_evidence(match, *frames, each) for each in found)], axis=1)
    return _Candidates(maps, costs, np.array([_price_run(match, zone, each, slope) for each in maps]))


def _price_run(match: MismatchCost, zone: _Zone, time_map: TimeMap, slope: float) -> float:
    """Return the price of a run on a time map."""
    end = TimeMap(match.b.fingerprint.duration - slope * match.a.fingerprint.duration, slope)
    near = CONTINUED_FRAMES * match.a.fingerprint.step
    price = END_COST if any(time_map.is_near(each, zone.span, near) for each in (IDENTITY_TIME_MAP, end)) else JUMP_COST
    if time_map.to_b(zone.span[1]) <= zone.hull[0] or time_map.to_b(zone.span[0]) >= zone.hull[1]:
        price += FAR_COST
    if _is_odd(time_map, slope):
        price += SLOPE_COST
    return price * _scale_costs(match)


def _scale_costs(match: MismatchCost) -> float:
    return min(1.0, max(MIN_COST_SCALE, COST_STEP_SECONDS / match.a.fingerprint.step))


def _measure_evidence(match: MismatchCost, first: int, last: int, time_map: TimeMap) -> Floats:
    """Return the cost (last - first,) of frames on a time map. Frames that are only graded or blurred cost less."""
    costs = match.compute_evidence(first, last, time_map)
    times = time_map.times_to_b(match.a.fingerprint.times[first:last])
    is_inside = (times > -match.b.fingerprint.step) & (times < match.b.fingerprint.duration)
    poor = np.flatnonzero((costs > SIMILAR_COST) & is_inside)
    if len(poor):
        in_a = first + poor
        in_b = find_partners(match.a, match.b, in_a, time_map, match.search)
        unlike = (1 - correlate_frames(match.a, match.b, in_a, in_b)) / (1 - MIN_SAME_CORRELATION)
        similar = SIMILAR_COST + (UNMATCHED_COST - SIMILAR_COST) * np.sqrt(unlike.clip(0, None))
        costs[poor] = np.where(unlike < 1, np.minimum(costs[poor], similar), costs[poor])
    return costs


def _find_path(costs: Floats, prices: NDArray[np.float64], before: int | None, after: int | None) -> list[int]:
    """Return the map of each frame, or -1, on the cheapest path.

    The path begins on the map `before` without a price, and pays that of the map `after` unless it ends on it.
    """
    scores = prices.copy()
    unmatched = 0.0
    if before is not None:
        scores[before] = 0.0
    came_from: list[NDArray[np.intp]] = []
    vanished_from: list[int] = []
    for row, frame_costs in enumerate(costs):
        best = int(scores.argmin())
        stays = scores[best] <= unmatched
        entered = (float(scores[best]) if stays else unmatched) + prices
        jumped = (entered < scores) & (row > 0)
        came_from.append(np.where(jumped, best if stays else -1, np.arange(len(scores))))
        vanished_from.append(best if row > 0 and scores[best] < unmatched else -1)
        if row > 0:
            unmatched = min(unmatched, float(scores[best]))
        scores = np.where(jumped, entered, scores) + frame_costs
        unmatched += UNMATCHED_COST
    if after is not None:
        is_other = np.arange(len(scores)) != after
        scores = scores + prices[after] * is_other
        unmatched += float(prices[after])
    place = int(scores.argmin()) if scores.min() <= unmatched else -1
    path = [place]
    for row in range(len(costs) - 1, 0, -1):
        place = int(came_from[row][place]) if place >= 0 else vanished_from[row]
        path.append(place)
    return path[::-1]


def _extract_runs(match: MismatchCost, maps: list[TimeMap], path: list[int], first: int) -> list[Run]:
    """Return the parts of a path on one map that are long enough."""
    borders = match.a.fingerprint.borders
    breaks = [0, *(place for place in range(1, len(path)) if path[place] != path[place - 1]), len(path)]
    return [
        Run(float(borders[first + low]), float(borders[first + high]), maps[path[low]])
        for low, high in pairwise(breaks)
        if path[low] >= 0 and high - low >= MIN_RUN_FRAMES
    ]


def _are_same(match: MismatchCost, runs: list[Run], others: list[Run]) -> bool:
    """Return whether runs are the same to the frame."""
    frame = match.a.fingerprint.step / 2
    return len(runs) == len(others) and all(
        run.time_map == other.time_map and abs(run.start - other.start) < frame and abs(run.end - other.end) < frame
        for run, other in zip(runs, others, strict=True)
    )


def _refine_offset(match: MismatchCost, run: Run) -> Run:
    """Return a run with the offset nearby on which its frames match best: one window may match at several."""
    first, last = _find_frames(match.a, (run.start, run.end))
    frame = match.b.fingerprint.step
    reach = round(REFINED_SECONDS / frame)
    shifted = [TimeMap(run.time_map.offset + places * frame, run.time_map.slope) for places in range(-reach, reach + 1)]
    every = max(1, (last - first) // REFINED_FRAMES)
    costs = [float(match.compute_evidence(first, last, each, every).sum()) for each in shifted]
    best = int(np.argmin(costs))
    return Run(run.start, run.end, shifted[best]) if costs[best] < costs[reach] - 1e-3 else run


def _drop_shared(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return runs of which no two show the same moments of B; the one that matches better keeps them."""
    kept: list[Run] = []
    for run in sorted(runs, key=lambda each: _measure_mean(match, each)):
        kept += _cut_free(match, run, [other.b for other in kept])
    return sorted(kept, key=lambda run: run.start)


def _measure_mean(match: MismatchCost, run: Run) -> float:
    """Return the mean cost of a run's frames."""
    first, last = _find_frames(match.a, (run.start, run.end))
    return float(_measure_evidence(match, first, last, run.time_map).mean()) if last > first else 1.0


def _sum_cost(match: MismatchCost, zone: _Zone, runs: list[Run], candidates: _Candidates) -> float:
    """Return the cost of explaining the frames of A in a zone, and those of B that belong there, by these runs."""
    cost = 0.0
    for run in runs:
        frames = _find_frames(match.a, (run.start, run.end))
        cost += float(_measure_evidence(match, *frames, run.time_map).sum()) + candidates.price_of(run)
    alone = subtract_spans(zone.span, [(run.start, run.end) for run in runs])
    if zone.hull[1] > zone.hull[0]:
        alone += subtract_spans(zone.hull, [*(run.b for run in runs), *zone.taken])
    explained_elsewhere = [piece for run in runs for piece in subtract_spans(run.b, [zone.hull])]
    seconds = sum(end - start for start, end in alone) - sum(end - start for start, end in explained_elsewhere)
    return cost + UNMATCHED_COST * seconds / match.a.fingerprint.step


def _cut_free(match: MismatchCost, run: Run, taken: Iterable[Span]) -> list[Run]:
    """Return the parts of a run that show no moment of B which is taken."""
    left = subtract_spans(run.b, taken)
    pieces = [Run(run.time_map.to_a(start), run.time_map.to_a(end), run.time_map) for start, end in left]
    return [piece for piece in pieces if piece.seconds >= (MIN_RUN_FRAMES - 0.5) * match.a.fingerprint.step]


def _cut_inside(run: Run, span: Span) -> list[Run]:
    """Return the part of a run within a span of A, if there is one."""
    start, end = max(run.start, span[0]), min(run.end, span[1])
    return [Run(start, end, run.time_map)] if end > start + 1e-6 else []


def _cut_outside(run: Run, span: Span) -> list[Run]:
    """Return the parts of a run outside of a span of A."""
    left = subtract_spans((run.start, run.end), [span])
    return [Run(start, end, run.time_map) for start, end in left if end - start > 1e-6]


def _join_pieces(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return runs in A's order, with pieces that touch on one time map joined."""
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last and last.time_map == run.time_map and run.start - last.end < match.a.fingerprint.step / 2:
            joined[-1] = Run(last.start, run.end, run.time_map)
        else:
            joined.append(run)
    return joined


def _find_frames(video: SampledVideo, span: Span) -> tuple[int, int]:
    """Return the frame nearest to the start of a span and the one after its end."""
    borders = video.fingerprint.borders
    first, last = (int(np.abs(borders - moment).argmin()) for moment in span)
    return first, last
