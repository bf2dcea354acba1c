"""Find the exact frames at which one run ends and the next begins.

Two runs that meet share one change point. It is the frame that minimises the summed cost of all frames before it on the
first time map and of all frames after it on the second.
"""

from dataclasses import replace

import numpy as np

from videos.diff.alignment.evidence.mismatch_cost import UNMATCHED_COST, MismatchCost
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.parallel import Tick, map_parallel
from videos.diff.sampling.descriptor import Floats

PAD_SECONDS = 1.0  # seconds around an end of a run in which the exact end is searched
MEETING_SECONDS = 5.0  # seconds around the approximate meeting of two runs in which the exact one is searched
REPLACED_COST = 2.0  # cost of a gap on both sides, additional to that of a gap on one side
COARSE_FRAMES = 4  # frames per frame that is compared in the coarse search for a meeting
AROUND_FRAMES = 15  # frames around the coarse result that are all compared
MIN_END_FRAMES = 1.5  # frames that a run must miss the end of both videos for another run to be assumed there
MIN_GUESS_SECONDS = 0.2  # seconds of an assumed run if the neighbouring run leaves no room
MIN_GUESS_GAIN = 1.5  # cost that an assumed run must save
MIN_GUESS_GAIN_PER_FRAME = 0.25  # cost that an assumed run must save per frame


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
