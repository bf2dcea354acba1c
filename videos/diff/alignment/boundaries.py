"""Find the exact frames at which one run ends and the next begins.

Two runs that meet share one change point. It is the frame that minimises the summed cost of all frames before it on the
first time map and of all frames after it on the second.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.pairing import find_partners
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.noise.model import NoiseModel
from videos.diff.parallel import Tick, map_parallel
from videos.diff.sampling.descriptor import Floats, SampledVideo
from videos.diff.script.edit_script import Span

PAD_SECONDS = 1.0  # seconds around an end of a run in which the exact end is searched
MEETING_SECONDS = 5.0  # seconds around the approximate meeting of two runs in which the exact one is searched
UNMATCHED_COST = 0.5  # cost of an unmatched frame; a matched frame that does not match costs 1
REPLACED_COST = 2.0  # cost of a gap on both sides, additional to that of a gap on one side
SAME_DEVIATIONS = 1.0  # typical deviations by which a part of the picture differs where the rest is noise
OTHER_DEVIATIONS = 3.0  # the same from which the part certainly shows something else
MIN_SPREAD = 0.08  # smallest difference between the random and the typical mismatch
COARSE_FRAMES = 4  # frames per frame that is compared in the coarse search for a meeting
AROUND_FRAMES = 15  # frames around the coarse result that are all compared
MIN_END_FRAMES = 1.5  # frames that a run must miss the end of both videos for another run to be assumed there
MIN_GUESS_SECONDS = 0.2  # seconds of an assumed run if the neighbouring run leaves no room
MIN_GUESS_GAIN = 1.5  # cost that an assumed run must save
FRAMES_PER_BLOCK = 256  # frames that are compared at once
MIN_GUESS_GAIN_PER_FRAME = 0.25  # cost that an assumed run must save per frame


@dataclass(frozen=True, slots=True)
class MismatchCost:
    """How badly frames of A match frames of B on a time map: 0 for a typical match, 1 for random frames.

    `cells` (n, 36, 64) are parts of the picture. A frame in which one of them certainly differs costs at least
    `cells_cost`, even if the rest of the picture matches.
    `explained` are spans of A in which a transition makes the frames on a time map differ; they cost nothing there.
    """

    a: SampledVideo
    b: SampledVideo
    noise: NoiseModel
    search: bool
    typical: float
    random: float
    cells: NDArray[np.bool_] | None = None
    cells_cost: float = 1.0
    explained: tuple[tuple[Span, TimeMap], ...] = ()

    @property
    def tolerates_grades(self) -> bool:
        """Whether frames that differ by a grade alone may match: not if only parts of the picture are evidence."""
        return self.cells is None or self.cells_cost < 1

    def compute_costs(self, first: int, last: int, time_map: TimeMap, every: int = 1) -> Floats:
        """Return the costs (last - first,) of A's frames; with `every`, only one in so many is compared."""
        compared = np.arange(first, last, every)
        costs = self._excuse(self._compute_frame_costs(compared, time_map), compared, time_map)
        return np.repeat(costs, every)[: last - first]

    def compute_evidence(self, first: int, last: int, time_map: TimeMap, every: int = 1) -> Floats:
        """Return the costs (last - first,) of A's frames, 0 to 1, in which small and local differences weigh more."""
        compared = np.arange(first, last, every)
        evidence = self._excuse(self._compare_frames(compared, time_map), compared, time_map)
        return np.repeat(evidence, every)[: last - first]

    def measure_part(self, first: int, last: int, time_map: TimeMap, part: NDArray[np.bool_], every: int = 1) -> Floats:
        """Return by how many typical deviations the cells (36, 64) of a part differ, in each frame that is compared."""
        in_a = np.arange(first, last, every)
        return self.noise.measure_cells(self.a, self.b, in_a, self._pair(in_a, time_map), part[None])

    def compare_graded(self, in_a: NDArray[np.intp], time_map: TimeMap) -> Floats:
        """Return the costs (frames,) of frames of A, 0 to 1, where a grade is no difference. Local ones weigh more."""
        costs = np.zeros(len(in_a), np.float32)
        for start in range(0, len(in_a), FRAMES_PER_BLOCK):
            block = in_a[start : start + FRAMES_PER_BLOCK]
            in_b = self._pair(block, time_map)
            mismatch, share = self.noise.measure_mismatch_and_share(self.a, self.b, block, in_b, graded=True)
            costs[start : start + len(block)] = np.maximum(self._scale(mismatch, block, time_map).clip(0), share)
        return costs

    def _compare_frames(self, compared: NDArray[np.intp], time_map: TimeMap) -> Floats:
        """Return the evidence (frames,) against frames of A."""
        evidence = np.zeros(len(compared), np.float32)
        for start in range(0, len(compared), FRAMES_PER_BLOCK):
            in_a = compared[start : start + FRAMES_PER_BLOCK]
            in_b = self._pair(in_a, time_map)
            mismatch, share = self.noise.measure_mismatch_and_share(self.a, self.b, in_a, in_b)
            cost = self._scale(mismatch, in_a, time_map).clip(0)
            block = np.sqrt(np.maximum(cost, share))
            if self.cells is not None:
                deviations = self.noise.measure_cells(self.a, self.b, in_a, in_b, self.cells)
                other = ((deviations - SAME_DEVIATIONS) / (OTHER_DEVIATIONS - SAME_DEVIATIONS)).clip(0, 1)
                block = np.maximum(block, np.float32(self.cells_cost) * other)
            evidence[start : start + len(in_a)] = block
        return evidence

    def _excuse(self, costs: Floats, in_a: NDArray[np.intp], time_map: TimeMap) -> Floats:
        """Return the costs of frames of A without those that a transition explains."""
        for span, of_span in self.explained:
            if time_map.is_near(of_span, span, self.b.fingerprint.step / 2):
                times = self.a.fingerprint.times[in_a]
                costs = np.where((times >= span[0]) & (times < span[1]), np.minimum(costs, 0), costs)
        return costs

    def _compute_frame_costs(self, in_a: NDArray[np.intp], time_map: TimeMap) -> Floats:
        """Return the costs (len(in_a),) of frames of A."""
        if not len(in_a):
            return np.zeros(0, np.float32)
        mismatch = self.noise.measure_mismatch(self.a, self.b, in_a, self._pair(in_a, time_map))
        return self._scale(mismatch, in_a, time_map)

    def _pair(self, in_a: NDArray[np.intp], time_map: TimeMap) -> NDArray[np.intp]:
        return find_partners(self.a, self.b, in_a, time_map, self.search)

    def _scale(self, mismatch: Floats, in_a: NDArray[np.intp], time_map: TimeMap) -> Floats:
        """Return costs from mismatches. Frames that B does not have cost 1."""
        times = time_map.times_to_b(self.a.fingerprint.times[in_a])
        cost = ((mismatch - self.typical) / (self.random - self.typical)).clip(-1, 1)
        margin = self.b.fingerprint.step * 0.75
        cost[(times < -margin) | (times > self.b.fingerprint.duration - self.b.fingerprint.step + margin)] = 1
        return cost.astype(np.float32)


def calibrate_mismatch_cost(
    a: SampledVideo, b: SampledVideo, noise: NoiseModel, search: bool, in_a: NDArray[np.intp], in_b: NDArray[np.intp]
) -> MismatchCost:
    """Return the cost, calibrated on matching pairs and on the same frames paired at random."""
    chosen = np.unique(np.linspace(0, len(in_a) - 1, 150).astype(int))
    typical = float(np.quantile(noise.measure_mismatch(a, b, in_a[chosen], in_b[chosen]), 0.6))
    shuffled = np.roll(in_b[chosen], max(1, len(chosen) // 3))
    random = float(np.median(noise.measure_mismatch(a, b, in_a[chosen], shuffled)))
    return MismatchCost(a, b, noise, search, typical, max(random, typical + MIN_SPREAD))


def settle_boundaries(match: MismatchCost, runs: list[Run], tick: Tick = lambda share: None) -> list[Run]:
    """Return the runs in A's order with exact boundaries at frames of A; runs that continue each other are joined.

    `runs` must not be empty.
    """
    runs = _join_runs(match, _add_end_runs(match, runs))
    times = match.a.fingerprint.borders
    spans = [(_frame_index(match, run.start), _frame_index(match, run.end)) for run in runs]

    def meeting(place: int) -> tuple[int, int]:
        match.a.fingerprint.release()
        match.b.fingerprint.release()
        (before, after), (at, then) = runs[place : place + 2], spans[place : place + 2]
        if before.time_map.slope != after.time_map.slope and before.end == after.start:
            return at[1], then[0]  # the frame at which the speed changes is already known
        return _find_meeting(match, before, after, at, then)

    starts = [_find_first_frame(match, runs[0], spans[0])]
    ends = []
    for place, (end, start) in enumerate(map_parallel(meeting, range(len(runs) - 1), tick)):
        if starts[-1] > spans[place][0]:  # the run begins later than assumed
            spans[place] = starts[-1], spans[place][1]
            end, start = meeting(place)
        ends.append(end)
        starts.append(start)
    ends.append(_find_end_frame(match, runs[-1], spans[-1]))
    return [
        replace(run, start=float(times[start]), end=float(times[end]))
        for run, start, end in zip(runs, starts, ends, strict=True)
        if end > start
    ]


def _add_end_runs(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return the runs, with an assumed run at the start or end of both videos if no run reaches it.

    Such a run may be too short for the coarse grid. A wrong assumption is later reduced to nothing by the boundary
    search.
    """
    ends = (match.a.fingerprint.duration, match.b.fingerprint.duration)
    first, last = runs[0], runs[-1]
    near = MIN_END_FRAMES * max(match.a.fingerprint.step, match.b.fingerprint.step)
    earliest, latest = min(run.b[0] for run in runs), max(run.b[1] for run in runs)
    if (first.b[0] == earliest or earliest > near) and abs(first.time_map.to_b(0.0)) > near:
        guess = Run(0.0, _guess_length(first.start, earliest, first.seconds), TimeMap(0.0, first.time_map.slope))
        runs = [guess, *runs] if _is_worthwhile(match, guess, first, guess) else runs
    if (last.b[1] == latest or latest < ends[1] - near) and abs(last.time_map.to_b(ends[0]) - ends[1]) > near:
        room = _guess_length(ends[0] - last.end, ends[1] - latest, last.seconds)
        time_map = TimeMap(ends[1] - last.time_map.slope * ends[0], last.time_map.slope)
        guess = Run(ends[0] - room, ends[0], time_map)
        runs = [*runs, guess] if _is_worthwhile(match, last, guess, guess) else runs
    return runs


def _guess_length(spare_a: float, spare_b: float, seconds: float) -> float:
    """Return the seconds of an assumed run: what both sides have left, or a part of the neighbouring run."""
    spare = min(spare_a, spare_b)
    return min(spare, PAD_SECONDS) if spare > 0 else min(MIN_GUESS_SECONDS, seconds / 2)


def _is_worthwhile(match: MismatchCost, before: Run, after: Run, guess: Run) -> bool:
    """Return whether an assumed run explains enough frames that its neighbour does not."""
    low, high = _frame_index(match, before.start), _frame_index(match, after.end)
    pad = max(3, round(MEETING_SECONDS / match.a.fingerprint.step))
    low, high = (low, min(high, pad)) if guess is before else (max(low, high - pad), high)
    until_costs, since_costs = _accumulate_costs(match, before, after, low, high)
    gap = _count_gap_frames(match, before, after)
    if gap > high - low:
        return False
    both = np.minimum.accumulate(until_costs[: len(until_costs) - gap]) + since_costs[gap:]
    at = int(both.argmin())
    frames = at + 1 if guess is before else high - low - at - gap
    alone = float((since_costs if guess is before else until_costs).min())
    return alone - float(both[at]) >= max(MIN_GUESS_GAIN, MIN_GUESS_GAIN_PER_FRAME * frames)


def _accumulate_costs(
    match: MismatchCost, before: Run, after: Run, low: int, high: int, near: tuple[int, ...] | None = None
) -> tuple[Floats, Floats]:
    """Return the cost (high - low + 1,) of frames up to the end of `before`, and from the start of `after`.

    If `near` is given, only frames around these places are all compared.
    """
    every = 1 if near is None else COARSE_FRAMES
    costs = [match.compute_costs(low, high, run.time_map, every) - UNMATCHED_COST for run in (before, after)]
    for place in near or ():
        first, last = max(low, place - AROUND_FRAMES), min(high, place + AROUND_FRAMES)
        for run, cost in zip((before, after), costs, strict=True):
            cost[first - low : last - low] = match.compute_costs(first, last, run.time_map) - UNMATCHED_COST
    return np.append(0, np.cumsum(costs[0])), np.append(np.cumsum(costs[1][::-1])[::-1], 0)


def _join_runs(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return the runs, with neighbours on nearly the same time map joined."""
    joined: list[Run] = []
    near = 0.75 * max(match.a.fingerprint.step, match.b.fingerprint.step)
    for run in runs:
        if joined and joined[-1].time_map.is_near(run.time_map, _span_across(joined[-1], run), near):
            longer = max(joined[-1], run, key=lambda each: each.seconds)
            joined[-1] = Run(joined[-1].start, run.end, longer.time_map)
        else:
            joined.append(run)
    return joined


def _span_across(before: Run, after: Run) -> tuple[float, float]:
    """Return a span from inside one run to inside the next; maps of two speeds are near only where they meet."""
    return max(before.start, before.end - PAD_SECONDS), min(after.end, after.start + PAD_SECONDS)


def _frame_index(match: MismatchCost, time: float) -> int:
    """Return the index of the frame boundary nearest to a time."""
    return int(np.abs(match.a.fingerprint.borders - time).argmin())


def _pad_frames(match: MismatchCost) -> int:
    """Return the number of frames searched around an end."""
    return max(3, round(PAD_SECONDS / match.a.fingerprint.step))


def _find_first_frame(match: MismatchCost, run: Run, span: tuple[int, int]) -> int:
    """Return the first frame of A that the first run explains."""
    high = min(span[1], span[0] + _pad_frames(match))
    gains = UNMATCHED_COST - match.compute_costs(0, high, run.time_map)
    total_gain = np.append(np.cumsum(gains[::-1])[::-1], 0)
    return int(total_gain.argmax())


def _find_end_frame(match: MismatchCost, run: Run, span: tuple[int, int]) -> int:
    """Return the frame of A after the last one that the last run explains."""
    low = max(span[0], span[1] - _pad_frames(match))
    gains = UNMATCHED_COST - match.compute_costs(low, len(match.a.fingerprint), run.time_map)
    total_gain = np.append(0, np.cumsum(gains))
    return low + len(total_gain) - 1 - int(total_gain[::-1].argmax())


def _find_meeting(
    match: MismatchCost, before: Run, after: Run, span: tuple[int, int], then: tuple[int, int]
) -> tuple[int, int]:
    """Return the frame of A after the end of `before`, and the first frame of `after`."""
    pad = max(3, round(MEETING_SECONDS / match.a.fingerprint.step))
    low, high = max(span[0], min(span[1], then[0]) - pad), min(then[1], max(then[0], span[1]) + pad)
    gap = _count_gap_frames(match, before, after)
    if gap >= high - low + 1:
        return span[1], max(span[1], then[0])
    if high - low <= 4 * AROUND_FRAMES:
        return _find_best_split(*_accumulate_costs(match, before, after, low, high), gap, low)
    near = _find_best_split(*_accumulate_costs(match, before, after, low, high, ()), gap, low)
    return _find_best_split(*_accumulate_costs(match, before, after, low, high, near), gap, low)


def _find_best_split(until_costs: Floats, since_costs: Floats, gap: int, low: int) -> tuple[int, int]:
    """Return the end of `before` and the start of `after`, at least `least` frames apart.

    A longer gap must save more than its cost.
    """
    count = len(until_costs)
    best_so_far = np.minimum.accumulate(until_costs[: count - gap])
    at = since_costs[gap:]
    free = best_so_far + at
    tight = until_costs[: count - gap] + at
    start = int(tight.argmin())
    if tight[start] <= free.min() + REPLACED_COST:
        return low + start, low + start + gap
    start = int(free.argmin())
    end = int(until_costs[: start + 1].argmin())
    return low + end, low + start + gap


def _count_gap_frames(match: MismatchCost, before: Run, after: Run) -> int:
    """Return the frames of A that must lie between two runs for B not to show anything twice."""
    meeting = (before.end + after.start) / 2
    back = before.time_map.to_b(meeting) - after.time_map.to_b(meeting)
    follows = after.b[0] >= before.b[1] - PAD_SECONDS
    return max(0, round(back / match.a.fingerprint.step)) if follows else 0
