"""Collect the time maps that a zone may follow, the evidence against them, and what runs on them cost."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Self

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.mismatch_cost import UNMATCHED_COST, MismatchCost
from videos.diff.alignment.evidence.pairing import correlate_frames, find_partners
from videos.diff.alignment.outline import subtract_spans
from videos.diff.alignment.time_map import IDENTITY_TIME_MAP, TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.diagonals import SAME_MAP_FRAMES, find_diagonals
from videos.diff.alignment.zones.exactness import compare_exactly
from videos.diff.alignment.zones.runs import cut_free, cut_inside, cut_outside, find_frames, is_odd
from videos.diff.alignment.zones.suspects import CONTINUED_FRAMES, PAD_SECONDS
from videos.diff.sampling.descriptor import Floats, Indexes
from videos.diff.script.edit_script import Span

NEAR_SECONDS = 90.0  # seconds of B around a zone in which its footage is searched
JUMP_COST = 2.5  # price of a run; a frame that matches nothing costs UNMATCHED_COST
END_COST = 0.5  # price of a run with which both videos begin, or end
FAR_COST = 1.5  # additional price of a run out of order, unless another run follows its map
SLOPE_COST = 4.0  # additional price of a run at another speed than most of the video
COST_STEP_SECONDS = 0.04  # duration of a frame at which these prices hold; they are lower for longer frames,
MIN_COST_SCALE = 0.4  # by this factor at most
SIMILAR_COST = 0.4  # cost of a frame that does not match but correlates fully, as under a grade or a blur
GRADED_COST = 0.15  # additional cost of a frame that matches with another tone curve
MAX_GRADED_UNLIKENESS = 0.5  # 1 is MIN_SAME_CORRELATION, 0 full correlation; a frame under a grade has less
MAX_PAIRED_GAPS = 3  # stretches of either side alone, with which runs may begin or end,
MIN_PAIRED_SECONDS = 0.4  # if they are this long
EXACT_WEIGHT = 0.2  # cost of a frame that matches on a map, but certainly shows what is on another one
MIN_SAME_CORRELATION = 0.6  # correlation up to which the cost of such a frame grows to UNMATCHED_COST


@dataclass(frozen=True, slots=True)
class Zone:
    """A span of A that is aligned again. `hull` is the span of B that belongs to it if everything is in order.

    `runs` are the parts of known runs within it, `sound` those of them that match, and on `rival_maps` some of its
    frames may match better. Of other runs, `maps` are those they follow, and `taken` is what they show of B, where
    they match.
    """

    span: Span
    hull: Span
    before: Run | None
    after: Run | None
    runs: list[Run]
    sound: list[Run]
    maps: list[TimeMap]
    taken: list[Span]
    rival_maps: list[TimeMap]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Time maps, the costs (frames, maps) of each frame of a zone on them, and the price of a run on each.

    `exact` is the part of the costs that exact differences make.
    """

    maps: list[TimeMap]
    costs: Floats
    prices: NDArray[np.float64]
    exact: Floats

    def find(self, run: Run | None) -> int | None:
        """Return the place of the map of a run."""
        return self.maps.index(run.time_map) if run else None

    def without(self, maps: set[TimeMap]) -> Self:
        """Return the candidates without some maps."""
        left = [place for place, each in enumerate(self.maps) if each not in maps]
        return replace(
            self,
            maps=[self.maps[place] for place in left],
            costs=self.costs[:, left],
            prices=self.prices[left],
            exact=self.exact[:, left],
        )

    def price_of(self, run: Run) -> float:
        """Return the price of a run, also if its offset was refined."""
        return float(self.prices[self.maps.index(run.time_map)] if run.time_map in self.maps else self.prices.min())

    def sum_exact(self, time_map: TimeMap, frames: tuple[int, int]) -> float:
        """Return what exact differences cost on a time map, from one frame of the zone up to another one."""
        return float(self.exact[slice(*frames), self.maps.index(time_map)].sum()) if time_map in self.maps else 0.0


def build_zone(
    match: MismatchCost, runs: list[Run], span: Span, spoilt: list[Span], rival_runs: Iterable[Run] = ()
) -> Zone:
    """Return the zone of a span of A, with the runs in and around it.

    `spoilt` is what runs show badly of B, and `rival_runs` show footage of A more exactly.
    """
    before = max((run for run in runs if run.start < span[0] <= run.end + PAD_SECONDS), default=None, key=_get_start)
    after = min((run for run in runs if run.end > span[1] >= run.start - PAD_SECONDS), default=None, key=_get_start)
    hull = (
        before.time_map.to_b(span[0]) if before else 0.0,
        after.time_map.to_b(span[1]) if after else match.b.fingerprint.duration,
    )
    inside = [piece for run in runs for piece in cut_inside(run, span)]
    outside = [piece for run in runs for piece in cut_outside(run, span)]
    taken = [piece for each in outside for piece in subtract_spans(each.b, spoilt)]
    sound = [piece for run in inside for piece in cut_free(match, run, spoilt)]
    rival_maps = [each.time_map for each in rival_runs if each.start < span[1] and span[0] < each.end]
    return Zone(span, hull, before, after, inside, sound, [each.time_map for each in outside], taken, rival_maps)


def _get_start(run: Run) -> float:
    return run.start


def collect_candidates(
    match: MismatchCost, zone: Zone, frames: tuple[int, int], free_b: list[Span], slope: float
) -> Candidates:
    """Return the maps of the runs in and around a zone, diagonals that explain what these do not, and other maps.

    These are the rivals of the runs, and the maps of gaps.
    """
    known = list(dict.fromkeys(run.time_map for run in (zone.before, zone.after, *zone.runs) if run))
    in_a = np.arange(*frames)
    evidence = [_measure_in_zone(match, zone, in_a, each) for each in known]
    usual = [cost for cost, each in zip(evidence, known, strict=True) if not is_odd(each, slope)]
    unexplained = np.min([np.full(frames[1] - frames[0], UNMATCHED_COST, np.float32), *usual], axis=0)
    low, high = min(zone.hull) - NEAR_SECONDS, max(zone.hull) + NEAR_SECONDS
    near = [(max(low, start), min(high, end)) for start, end in free_b if start < high and end > low]
    found = find_diagonals(match, frames, near, known, unexplained, slope)
    found += _select_new(match, zone, [*zone.rival_maps, *_list_gap_maps(zone, slope)], [*known, *found])
    maps = [*known, *found]
    costs = np.stack([*evidence, *(_measure_in_zone(match, zone, in_a, each) for each in found)], axis=1)
    prices = np.array([_price_run(match, zone, each, slope) for each in maps])
    return Candidates(maps, costs, prices, np.zeros_like(costs))


def _list_gap_maps(zone: Zone, slope: float) -> Iterator[TimeMap]:
    """Yield the maps on which a stretch that A alone has ends or begins together with one that B alone has.

    Footage beside an edit does so, and under a grade or a blur no diagonal shows it.
    """
    for runs in (zone.runs, zone.sound):
        gaps_a = _find_longest(subtract_spans(zone.span, [(run.start, run.end) for run in runs]))
        gaps_b = _find_longest(subtract_spans(zone.hull, [*(run.b for run in runs), *zone.taken]))
        for gap_a, gap_b in product(gaps_a, gaps_b):
            for moment_a, moment_b in zip(gap_a, gap_b, strict=True):
                yield TimeMap(moment_b - slope * moment_a, slope)


def _select_new(match: MismatchCost, zone: Zone, maps: Iterable[TimeMap], known: list[TimeMap]) -> list[TimeMap]:
    """Return the maps, in their order, that are not near a known one or one before."""
    near = SAME_MAP_FRAMES * max(match.a.fingerprint.step, match.b.fingerprint.step)
    new: list[TimeMap] = []
    for each in maps:
        if not any(each.is_near(other, zone.span, near) for other in (*known, *new)):
            new.append(each)
    return new


def _find_longest(gaps: list[Span]) -> list[Span]:
    """Return the longest of the gaps that are not too short."""
    longest = sorted(gaps, key=lambda gap: gap[0] - gap[1])[:MAX_PAIRED_GAPS]
    return [gap for gap in longest if gap[1] - gap[0] >= MIN_PAIRED_SECONDS]


def limit_roughness(
    match: MismatchCost, zone: Zone, in_a: Indexes, candidates: Candidates
) -> tuple[MismatchCost, Candidates]:
    """Return the cost and the candidates in which no map excuses a frame for coarse encoding more than the best ones.

    A frame that is cheaper unmatched is not compared again.
    """
    limited = match.limit_roughness(in_a, candidates.maps, candidates.costs)
    costs = candidates.costs.copy()
    for place, time_map in enumerate(candidates.maps):
        matching = np.flatnonzero(costs[:, place] < UNMATCHED_COST)
        costs[matching, place] = _measure_in_zone(limited, zone, in_a[matching], time_map)
    return limited, replace(candidates, costs=costs)


def weigh_exactly(match: MismatchCost, in_a: Indexes, candidates: Candidates) -> Candidates:
    """Return the candidates with a cost of frames that match on a map, but much more exactly on another one."""
    exact = EXACT_WEIGHT * compare_exactly(match, in_a, candidates.maps, candidates.costs)
    return replace(candidates, costs=candidates.costs + exact, exact=exact)


def _measure_in_zone(match: MismatchCost, zone: Zone, in_a: Indexes, time_map: TimeMap) -> Floats:
    """Return the evidence (frames,) on a time map; frames that it maps to what other runs show of B cost 1."""
    evidence = measure_evidence(match, in_a, time_map)
    times = time_map.times_to_b(match.a.fingerprint.times[in_a] + match.a.fingerprint.step / 2)
    for start, end in zone.taken:
        evidence[(times >= start) & (times < end)] = 1
    return evidence


def _price_run(match: MismatchCost, zone: Zone, time_map: TimeMap, slope: float) -> float:
    """Return the price of a run on a time map."""
    end = TimeMap(match.b.fingerprint.duration - slope * match.a.fingerprint.duration, slope)
    near = CONTINUED_FRAMES * match.a.fingerprint.step
    price = END_COST if any(time_map.is_near(each, zone.span, near) for each in (IDENTITY_TIME_MAP, end)) else JUMP_COST
    is_outside = time_map.to_b(zone.span[1]) <= zone.hull[0] or time_map.to_b(zone.span[0]) >= zone.hull[1]
    if is_outside and not any(time_map.is_near(each, zone.span, near) for each in zone.maps):
        price += FAR_COST
    if is_odd(time_map, slope):
        price += SLOPE_COST
    return price * scale_costs(match)


def scale_costs(match: MismatchCost) -> float:
    """Return the factor of the prices: a run of few, long frames must not cost more than these can save."""
    return min(1.0, max(MIN_COST_SCALE, COST_STEP_SECONDS / match.a.fingerprint.step))


def measure_evidence(match: MismatchCost, in_a: Indexes, time_map: TimeMap) -> Floats:
    """Return the costs (frames,) of frames of A on a time map. Frames that are only graded or blurred cost less."""
    costs = match.compare_frames(in_a, time_map)
    times = time_map.times_to_b(match.a.fingerprint.times[in_a])
    is_inside = (times > -match.b.fingerprint.step) & (times < match.b.fingerprint.duration)
    poor = np.flatnonzero((costs > SIMILAR_COST) & is_inside)
    if len(poor):
        in_b = find_partners(match.a, match.b, in_a[poor], time_map, match.search)
        unlike = (1 - correlate_frames(match.a, match.b, in_a[poor], in_b)) / (1 - MIN_SAME_CORRELATION)
        similar = SIMILAR_COST + (UNMATCHED_COST - SIMILAR_COST) * np.sqrt(unlike.clip(0, None))
        costs[poor] = np.where(unlike < 1, np.minimum(costs[poor], similar), costs[poor])
        graded = poor[unlike < MAX_GRADED_UNLIKENESS]
        if len(graded) and match.tolerates_grades:
            costs[graded] = np.minimum(costs[graded], GRADED_COST + match.compare_graded(in_a[graded], time_map))
    return costs


def measure_run(match: MismatchCost, run: Run) -> Floats:
    """Return the costs (frames,) of the frames of a run."""
    return measure_evidence(match, np.arange(*find_frames(match.a, (run.start, run.end))), run.time_map)


def sum_cost(match: MismatchCost, zone: Zone, runs: list[Run], candidates: Candidates, slope: float) -> float:
    """Return the cost of explaining the frames of A in a zone, and those of B that belong there, by these runs.

    A run at another speed that is also before or after the zone has no price, because it is paid there. Runs at the
    usual speed keep theirs, so that slow footage is not split for little, and so do those around the zone that the
    runs do not continue.
    """
    around = {run.time_map for run in (zone.before, zone.after) if run}
    ended = [run for run in (zone.before, zone.after) if run and run.time_map not in {each.time_map for each in runs}]
    cost = sum(candidates.price_of(run) for run in ended if not is_odd(run.time_map, slope))
    first = find_frames(match.a, zone.span)[0]
    for run in runs:
        start, end = find_frames(match.a, (run.start, run.end))
        cost += candidates.sum_exact(run.time_map, (start - first, end - first))
        is_continued = run.time_map in around and is_odd(run.time_map, slope)
        cost += float(measure_run(match, run).sum()) + (0.0 if is_continued else candidates.price_of(run))
    alone = subtract_spans(zone.span, [(run.start, run.end) for run in runs])
    if zone.hull[1] > zone.hull[0]:
        alone += subtract_spans(zone.hull, [*(run.b for run in runs), *zone.taken])
    explained_elsewhere = [piece for run in runs for piece in subtract_spans(run.b, [zone.hull])]
    seconds = sum(end - start for start, end in alone) - sum(end - start for start, end in explained_elsewhere)
    return cost + UNMATCHED_COST * seconds / match.a.fingerprint.step
