"""Search each side for what the other seems to lack, so that nothing is called absent that is there.

The alignment follows votes, and a short piece of slow or repetitive footage that has moved gets too few. Here each
moment outside of the runs is compared with all moments of the other side. What matches there and nothing else claims,
or claims badly, becomes a run. What another run shows too is a repeat.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.evidence.pairing import find_partners
from videos.diff.alignment.grid import GRID_SECONDS, PHASES
from videos.diff.alignment.outline import MIN_MOVE_SECONDS, OneSidedPart, Part, subtract_spans
from videos.diff.alignment.refine import refine_runs
from videos.diff.alignment.time_map import TimeMap, Times
from videos.diff.alignment.viterbi import MIN_RUN_SECONDS, Run
from videos.diff.alignment.window_search import MIN_CONTRAST_LEVELS, SearchTask, find_windows, plan_search
from videos.diff.noise.scores import Thresholds, score_over_thresholds
from videos.diff.parallel import Tick, map_parallel
from videos.diff.sampling.descriptor import Floats, SampledVideo
from videos.diff.script.edit_script import Span

MAX_COMPARED_PAIRS = 50_000_000  # pairs of moments; longer spans are sampled more sparsely
MAX_MEAN_COST = 0.2  # mean cost of a missed run; 0 is a typical match and 1 a random one
GAIN_LIMIT = 0.5  # cost of a frame up to which it extends a run
MAX_EXTENT_SECONDS = 60.0  # by which a run extends beyond its window on either side
ROUNDS = 4  # searches, each in what the searches before have left
MIN_REPEATED_SHARE = 0.5  # share of a one-sided part that must be shown elsewhere
MOMENT_SECONDS = 0.1  # seconds between the moments at which two rival runs are compared
MIN_GAIN = 0.002  # share of cells that must count as changed in the other run only
MIN_KEPT_SHARE = 0.5  # share of a run that was found, which must be left after its boundaries were settled
MAX_LOSS_RATIO = 0.25  # cells that count as changed in the new run only, relative to those in the other only


@dataclass(frozen=True, slots=True)
class SearchedRuns:
    """The runs in A's order with those that were `found`, and repeats.

    A repeat shows what one side alone seems to have, but what another run shows too.
    """

    runs: list[Run]
    repeats: list[Run]
    found: list[Run]

    def choose(self, settled: list[Run]) -> list[Run]:
        """Return the runs after their boundaries were settled, or as they were if that has lost one that was found."""
        return settled if all(_is_kept(run, settled) for run in self.found) else self.runs


class _Candidate(NamedTuple):
    run: Run
    is_free: bool  # no other run shows this footage as well


def search_other_side(
    match: MismatchCost, limits: Thresholds, runs: list[Run], tick: Tick = lambda share: None
) -> SearchedRuns:
    """Return the settled `runs` with those that were missed. `runs` must not be empty."""
    slope = max(runs, key=lambda run: run.seconds).time_map.slope
    candidates: list[_Candidate] = []
    added: list[Run] = []
    for _ in range(ROUNDS):
        candidates = _find_candidates(match, limits, runs, slope, tick)
        found = _select_disjoint([each.run for each in candidates if each.is_free])
        if not found:
            break
        runs = add_found(runs, found)
        added += found
    return SearchedRuns(runs, [each.run for each in candidates if not each.is_free], added)


def add_found(runs: list[Run], found: list[Run]) -> list[Run]:
    """Return the runs in A's order with those that were found; the others lose what these show of A or of B."""
    left = [part for run in runs for part in _subtract_runs(run, found)]
    return sorted([*left, *found], key=lambda run: run.start)


def note_repeats(parts: list[Part], repeats: list[Run]) -> list[Part]:
    """Return the parts of a script; those of one side alone know where the other side shows most of them as well."""
    return [_note_repeat(part, repeats) if isinstance(part, OneSidedPart) else part for part in parts]


def _note_repeat(part: OneSidedPart, repeats: list[Run]) -> OneSidedPart:
    own_first = repeats if part.side == "a" else [Run(*run.b, run.time_map.inverse) for run in repeats]
    shared = [(_intersect(part.span, (run.start, run.end)), run) for run in own_first]
    (start, end), longest = max(shared, key=lambda each: each[0][1] - each[0][0], default=((0.0, 0.0), None))
    if longest is None or end - start < MIN_REPEATED_SHARE * (part.span[1] - part.span[0]):
        return part
    return replace(part, also_at=max(0.0, longest.time_map.to_b(start)))


def _find_candidates(
    match: MismatchCost, limits: Thresholds, runs: list[Run], slope: float, tick: Tick
) -> list[_Candidate]:
    """Return possible runs of footage that `runs` leave out on at least one side."""
    spare_a = find_spare(match.a, [(run.start, run.end) for run in runs])
    spare_b = find_spare(match.b, [run.b for run in runs])
    step = _choose_step(match, spare_a, spare_b)
    tasks = [
        *plan_search(match.a, match.b, spare_a, slope, step),
        *plan_search(match.b, match.a, spare_b, 1 / slope, step),
    ]

    def search(task: SearchTask) -> list[_Candidate]:
        windows = find_windows(task)
        if task.own is match.b:
            windows = [(Run(*window.b, window.time_map.inverse), chunk) for window, chunk in windows]
        candidates = []
        for window, chunk in windows:
            chunks = (chunk, task.chunk) if task.own is match.a else (task.chunk, chunk)
            if run := _confirm(match, *chunks, window, step):
                candidates.append(_judge(match, limits, runs, run))
        match.a.fingerprint.release()
        match.b.fingerprint.release()
        return candidates

    return [found for batch in map_parallel(search, tasks, tick) for found in batch]


def find_spare(video: SampledVideo, taken: Iterable[Span]) -> list[Span]:
    """Return the spans of a video outside of `taken` that are long enough to have moved."""
    spare = subtract_spans((0.0, video.fingerprint.duration), taken)
    frame = video.fingerprint.step
    return [span for span in spare if span[1] - span[0] >= MIN_MOVE_SECONDS - frame / 2]


def _choose_step(match: MismatchCost, spare_a: list[Span], spare_b: list[Span]) -> float:
    """Return the seconds between samples, so that no more than `MAX_COMPARED_PAIRS` pairs are compared."""
    seconds_a, seconds_b = (sum(end - start for start, end in spans) for spans in (spare_a, spare_b))
    area = seconds_a * match.b.fingerprint.duration + seconds_b * match.a.fingerprint.duration
    return max(GRID_SECONDS, float(np.sqrt(PHASES * area / MAX_COMPARED_PAIRS)))


def _confirm(match: MismatchCost, span_a: Span, span_b: Span, window: Run, step: float) -> Run | None:
    """Return the run around a window whose frames all confirm the match; None if there is none."""
    time_map = refine_runs(match.a, match.b, [window], step)[0].time_map
    costs = match.compute_costs(*_frames_between(match.a, (window.start, window.end)), time_map)
    if not len(costs) or float(costs.mean()) > MAX_MEAN_COST:
        return None
    around = (window.start - MAX_EXTENT_SECONDS, window.end + MAX_EXTENT_SECONDS)
    first, last = _frames_between(match.a, _overlap_on_map(_intersect(span_a, around), span_b, time_map))
    if last <= first:
        return None
    costs = match.compute_costs(first, last, time_map)
    begin, stop = find_best_part(GAIN_LIMIT - costs)
    borders = match.a.fingerprint.borders
    run = Run(float(borders[first + begin]), float(borders[first + stop]), time_map)
    if run.seconds < MIN_MOVE_SECONDS - match.a.fingerprint.step / 2:
        return None
    is_flat = _is_flat(match.a, first + begin, first + stop)
    return None if is_flat or float(costs[begin:stop].mean()) > MAX_MEAN_COST else run


def _judge(match: MismatchCost, limits: Thresholds, runs: list[Run], run: Run) -> _Candidate:
    """Return the part of a run that matches better than what `runs` match with the same footage.

    If there is none, the whole run is a repeat.
    """
    times = np.arange(run.start + MOMENT_SECONDS / 2, run.end, MOMENT_SECONDS)
    ours = _find_changed_cells(match, limits, times, run.time_map)
    gains, losses = np.ones(len(times)), np.zeros(len(times))
    for other in runs:
        for is_shared, rival_times in (
            ((times >= other.start) & (times < other.end), times),
            _shared_in_b(run, other, times),
        ):
            places = np.flatnonzero(is_shared)
            if len(places):
                theirs = _find_changed_cells(match, limits, rival_times[places], other.time_map)
                gains[places] = np.minimum(gains[places], (theirs & ~ours[places]).mean(axis=(1, 2)))
                losses[places] = np.maximum(losses[places], (ours[places] & ~theirs).mean(axis=(1, 2)))
    begin, stop = find_best_part((gains - losses - MIN_GAIN).astype(np.float32))
    is_better = float(losses[begin:stop].sum()) <= MAX_LOSS_RATIO * float(gains[begin:stop].sum())
    if (stop - begin) * MOMENT_SECONDS < MIN_MOVE_SECONDS - MOMENT_SECONDS or not is_better:
        return _Candidate(run, is_free=False)
    start = run.start if begin == 0 else float(times[begin]) - MOMENT_SECONDS / 2
    end = run.end if stop == len(times) else float(times[stop - 1]) + MOMENT_SECONDS / 2
    return _Candidate(Run(start, end, run.time_map), is_free=True)


def _shared_in_b(run: Run, other: Run, times: Times) -> tuple[NDArray[np.bool_], Times]:
    """Return which moments of a run another run shows too, and when in A it does so."""
    times_b = run.time_map.times_to_b(times)
    return (times_b >= other.b[0]) & (times_b < other.b[1]), other.time_map.inverse.times_to_b(times_b)


def _find_changed_cells(match: MismatchCost, limits: Thresholds, times: Times, time_map: TimeMap) -> NDArray[np.bool_]:
    """Return which cells (len(times), 36, 64) count as changed on a time map."""
    in_a = match.a.fingerprint.nearest(times)
    in_b = find_partners(match.a, match.b, in_a, time_map, match.search)
    changed: NDArray[np.bool_] = (
        score_over_thresholds(match.noise.compute_residual(match.a, match.b, in_a, in_b), limits) >= 1
    )
    return changed


def _intersect(one: Span, other: Span) -> Span:
    return max(one[0], other[0]), min(one[1], other[1])


def _overlap_on_map(span_a: Span, span_b: Span, time_map: TimeMap) -> Span:
    """Return the span of A within `span_a` that a time map maps into `span_b`. It is empty if its end is not after."""
    return max(span_a[0], time_map.to_a(span_b[0])), min(span_a[1], time_map.to_a(span_b[1]))


def _frames_between(video: SampledVideo, span: Span) -> tuple[int, int]:
    """Return the frame nearest to the start of a span and the one after its end."""
    borders = video.fingerprint.borders
    first, last = (int(np.abs(borders - moment).argmin()) for moment in span)
    return first, last


def find_best_part(gains: Floats) -> tuple[int, int]:
    """Return the start and end of the part with the largest sum (Kadane's algorithm)."""
    sums = np.append(0, np.cumsum(gains))
    before = np.minimum.accumulate(sums)
    end = int((sums - before).argmax())
    return int(sums[: end + 1].argmin()), end


def _is_flat(video: SampledVideo, first: int, last: int) -> bool:
    """Return whether frames have too little contrast to be recognised, as black or a fade has."""
    return float(np.median(video.pooled_luma[np.arange(first, last)].std(axis=1))) < MIN_CONTRAST_LEVELS


def _select_disjoint(runs: list[Run]) -> list[Run]:
    """Return the longest runs of which no two show the same moment of A or of B."""
    selected: list[Run] = []
    for run in sorted(runs, key=lambda each: -each.seconds):
        if not any(_overlap(run, other) for other in selected):
            selected.append(run)
    return selected


def _overlap(one: Run, other: Run) -> bool:
    return (one.start < other.end and other.start < one.end) or (one.b[0] < other.b[1] and other.b[0] < one.b[1])


def _is_kept(found: Run, settled: list[Run]) -> bool:
    """Return whether settled runs still show most of a run, and no longer one shows the same moments of B."""
    shown = 0.0
    for run in settled:
        start, end = _intersect(found.b, run.b)
        if run.time_map.is_near(found.time_map, (found.start, found.end), GRID_SECONDS):
            shown += max(0.0, end - start)
        elif end - start > found.seconds / 2 and run.seconds > found.seconds:
            return False
    return shown > found.seconds * MIN_KEPT_SHARE


def _subtract_runs(run: Run, others: list[Run]) -> list[Run]:
    """Return what of a run shows no moment of A or of B that the others show."""
    taken = [(other.start, other.end) for other in others]
    taken += [_overlap_on_map((run.start, run.end), other.b, run.time_map) for other in others]
    left = subtract_spans((run.start, run.end), [span for span in taken if span[1] > span[0]])
    return [Run(*span, run.time_map) for span in left if span[1] - span[0] >= MIN_RUN_SECONDS or len(left) == 1]
