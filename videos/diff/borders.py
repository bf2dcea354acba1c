"""Where exactly one run ends and the next begins, at the videos' own frames.

Two runs that meet share one change point; it is where the frames before it fit the first offset and those after it
the second, summed over all frames around it rather than decided by any single one.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.align import Run
from videos.diff.cores import Tick, shared_out
from videos.diff.descriptor import Floats, Sampled
from videos.diff.line import Line
from videos.diff.noise import NoiseModel
from videos.diff.pairing import partners

PAD_SECONDS = 1.0
MEETING_SECONDS = 5.0  # how far from where two runs seemed to meet they may meet in truth
NOTHING_COSTS = 0.5  # a frame that is said to match nothing, where 1 is a frame that is said to match and does not
BOTH_SIDES_COST = 2.0  # for holding that both sides have something else here, and not just one
LEAST_SPREAD = 0.08
THIN_FRAMES = 4  # of which one is looked at for a rough idea of where two runs meet
AROUND_FRAMES = 15  # around that, all are
LEAST_END_FRAMES = 1.5
LEAST_GUESS_SECONDS = 0.2
GUESS_GAINS = 1.5  # frames that a guess at an end must explain and nothing else does,
GUESS_GAINS_A_FRAME = 0.25  # and so much for each of its frames


@dataclass(frozen=True, slots=True)
class Matcher:
    """Says how badly frames of A fit those of B on a line: 0 as usual, 1 as random frames do."""

    a: Sampled
    b: Sampled
    noise: NoiseModel
    search: bool
    usual: float
    random: float

    def cost(self, first: int, last: int, line: Line, every: int = 1) -> Floats:
        """(last - first,) for A's frames from `first` up to `last`, of which only one in so many is looked at."""
        return np.repeat(self._cost(np.arange(first, last, every), line), every)[: last - first]

    def _cost(self, in_a: NDArray[np.intp], line: Line) -> Floats:
        if not len(in_a):
            return np.zeros(0, np.float32)
        times = line.all_to_b(self.a.print.times[in_a])
        in_b = partners(self.a, self.b, in_a, line, self.search)
        unlike = self.noise.mismatch(self.a, self.b, in_a, in_b)
        cost = ((unlike - self.usual) / (self.random - self.usual)).clip(-1, 1)
        margin = self.b.print.step * 0.75
        cost[(times < -margin) | (times > self.b.print.duration - self.b.print.step + margin)] = 1
        return cost.astype(np.float32)


def matcher(
    a: Sampled, b: Sampled, noise: NoiseModel, search: bool, in_a: NDArray[np.intp], in_b: NDArray[np.intp]
) -> Matcher:
    """Calibrated on pairs that match, and on the same frames paired with others."""
    chosen = np.unique(np.linspace(0, len(in_a) - 1, 150).astype(int))
    usual = float(np.quantile(noise.mismatch(a, b, in_a[chosen], in_b[chosen]), 0.6))
    apart = np.roll(in_b[chosen], max(1, len(chosen) // 3))
    random = float(np.median(noise.mismatch(a, b, in_a[chosen], apart)))
    return Matcher(a, b, noise, search, usual, max(random, usual + LEAST_SPREAD))


def settle(match: Matcher, runs: list[Run], tick: Tick = lambda share: None) -> list[Run]:
    """The same runs (one at least) in A's order, joined where they continue each other, with borders at frames of A."""
    runs = _joined(match, _with_ends(match, runs))
    times = match.a.print.borders
    spans = [(_index(match, run.start), _index(match, run.end)) for run in runs]

    def meeting(place: int) -> tuple[int, int]:
        match.a.print.release()
        match.b.print.release()
        (before, after), (at, then) = runs[place : place + 2], spans[place : place + 2]
        if before.line.slope != after.line.slope and before.end == after.start:
            return at[1], then[0]  # where the speed changes is known to the frame already
        return _meeting(match, before, after, at, then)

    starts = [_head(match, runs[0], spans[0])]
    ends = []
    for place, (end, start) in enumerate(shared_out(meeting, range(len(runs) - 1), tick)):
        if starts[-1] > spans[place][0]:  # the run begins later than was thought
            spans[place] = starts[-1], spans[place][1]
            end, start = meeting(place)
        ends.append(end)
        starts.append(start)
    ends.append(_tail(match, runs[-1], spans[-1]))
    return [
        replace(run, start=float(times[start]), end=float(times[end]))
        for run, start, end in zip(runs, starts, ends, strict=True)
        if end > start
    ]


def _with_ends(match: Matcher, runs: list[Run]) -> list[Run]:
    """Runs and, where the first or last does not lead to the ends of both sides, a guess that another does.

    Such stretches may be too short to be found on a coarse grid; the borders' own measure shrinks a wrong guess away.
    """
    ends = (match.a.print.duration, match.b.print.duration)
    first, last = runs[0], runs[-1]
    near = LEAST_END_FRAMES * max(match.a.print.step, match.b.print.step)
    earliest, latest = min(run.b[0] for run in runs), max(run.b[1] for run in runs)
    if first.b[0] == earliest and abs(first.line.to_b(0.0)) > near:
        guess = Run(0.0, _guessed(first.start, first.b[0], first.seconds), Line(0.0, first.line.slope))
        runs = [guess, *runs] if _worth(match, guess, first, guess) else runs
    if last.b[1] == latest and abs(last.line.to_b(ends[0]) - ends[1]) > near:
        room = _guessed(ends[0] - last.end, ends[1] - last.b[1], last.seconds)
        line = Line(ends[1] - last.line.slope * ends[0], last.line.slope)
        guess = Run(ends[0] - room, ends[0], line)
        runs = [*runs, guess] if _worth(match, last, guess, guess) else runs
    return runs


def _guessed(spare_a: float, spare_b: float, seconds: float) -> float:
    """How long a guess at an end is: what both sides have to spare there, or else a little of the run beside it."""
    spare = min(spare_a, spare_b)
    return min(spare, PAD_SECONDS) if spare > 0 else min(LEAST_GUESS_SECONDS, seconds / 2)


def _worth(match: Matcher, before: Run, after: Run, guess: Run) -> bool:
    """Whether two runs, one of them a guess, explain frames so much better than the other alone."""
    low, high = _index(match, before.start), _index(match, after.end)
    pad = max(3, round(MEETING_SECONDS / match.a.print.step))
    low, high = (low, min(high, pad)) if guess is before else (max(low, high - pad), high)
    until, since = _explained(match, before, after, low, high)
    least = _least_gap(match, before, after)
    if least > high - low:
        return False
    both = np.minimum.accumulate(until[: len(until) - least]) + since[least:]
    at = int(both.argmin())
    frames = at + 1 if guess is before else high - low - at - least
    alone = float((since if guess is before else until).min())
    return alone - float(both[at]) >= max(GUESS_GAINS, GUESS_GAINS_A_FRAME * frames)


def _explained(
    match: Matcher, before: Run, after: Run, low: int, high: int, near: tuple[int, ...] | None = None
) -> tuple[Floats, Floats]:
    """(high - low + 1,) each: what frames cost up to the end of `before`, and from the start of `after`.

    Where places are given, only the frames around those are all looked at.
    """
    every = 1 if near is None else THIN_FRAMES
    costs = [match.cost(low, high, run.line, every) - NOTHING_COSTS for run in (before, after)]
    for place in near or ():
        first, last = max(low, place - AROUND_FRAMES), min(high, place + AROUND_FRAMES)
        for run, cost in zip((before, after), costs, strict=True):
            cost[first - low : last - low] = match.cost(first, last, run.line) - NOTHING_COSTS
    return np.append(0, np.cumsum(costs[0])), np.append(np.cumsum(costs[1][::-1])[::-1], 0)


def _joined(match: Matcher, runs: list[Run]) -> list[Run]:
    joined: list[Run] = []
    near = 0.75 * max(match.a.print.step, match.b.print.step)
    for run in runs:
        if joined and joined[-1].line.near(run.line, _across(joined[-1], run), near):
            longer = max(joined[-1], run, key=lambda each: each.seconds)
            joined[-1] = Run(joined[-1].start, run.end, longer.line)
        else:
            joined.append(run)
    return joined


def _across(before: Run, after: Run) -> tuple[float, float]:
    """From within one run to within the next, since lines of two speeds are near only where they meet."""
    return max(before.start, before.end - PAD_SECONDS), min(after.end, after.start + PAD_SECONDS)


def _index(match: Matcher, time: float) -> int:
    return int(np.abs(match.a.print.borders - time).argmin())


def _pad(match: Matcher) -> int:
    return max(3, round(PAD_SECONDS / match.a.print.step))


def _head(match: Matcher, run: Run, span: tuple[int, int]) -> int:
    """First frame of A that the first run explains."""
    high = min(span[1], span[0] + _pad(match))
    lacking = NOTHING_COSTS - match.cost(0, high, run.line)
    gain = np.append(np.cumsum(lacking[::-1])[::-1], 0)
    return int(gain.argmax())


def _tail(match: Matcher, run: Run, span: tuple[int, int]) -> int:
    """Frame of A after the last that the last run explains."""
    low = max(span[0], span[1] - _pad(match))
    lacking = NOTHING_COSTS - match.cost(low, len(match.a.print), run.line)
    gain = np.append(0, np.cumsum(lacking))
    return low + len(gain) - 1 - int(gain[::-1].argmax())


def _meeting(match: Matcher, before: Run, after: Run, span: tuple[int, int], then: tuple[int, int]) -> tuple[int, int]:
    """Frame of A after the end of `before`, and first frame of `after`."""
    pad = max(3, round(MEETING_SECONDS / match.a.print.step))
    low, high = max(span[0], min(span[1], then[0]) - pad), min(then[1], max(then[0], span[1]) + pad)
    least = _least_gap(match, before, after)
    if least >= high - low + 1:
        return span[1], max(span[1], then[0])
    if high - low <= 4 * AROUND_FRAMES:
        return _best_split(*_explained(match, before, after, low, high), least, low)
    near = _best_split(*_explained(match, before, after, low, high, ()), least, low)
    return _best_split(*_explained(match, before, after, low, high, near), least, low)


def _best_split(until: Floats, since: Floats, least: int, low: int) -> tuple[int, int]:
    """Where `before` ends and `after` starts, at least so many frames later; a longer gap must be worth it."""
    count = len(until)
    best_so_far = np.minimum.accumulate(until[: count - least])
    at = since[least:]
    free = best_so_far + at
    tight = until[: count - least] + at
    start = int(tight.argmin())
    if tight[start] <= free.min() + BOTH_SIDES_COST:
        return low + start, low + start + least
    start = int(free.argmin())
    end = int(until[: start + 1].argmin())
    return low + end, low + start + least


def _least_gap(match: Matcher, before: Run, after: Run) -> int:
    """Frames of A that must lie between the two, for B to run on without showing anything twice."""
    meeting = (before.end + after.start) / 2
    back = before.line.to_b(meeting) - after.line.to_b(meeting)
    follows = after.b[0] >= before.b[1] - PAD_SECONDS
    return max(0, round(back / match.a.print.step)) if follows else 0
