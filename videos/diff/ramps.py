"""A stretch that was played faster or slower amid footage that was not.

To the coarse alignment it looks like a small cut, or several: the offset before it is one, that after it another. Here
the two readings are held against each other frame by frame: a step somewhere between, or a straight ramp from the one
offset to the other. A ramp is believed only where it fits plainly better, which still pictures never let it.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.align import Run
from videos.diff.descriptor import Floats, Sampled
from videos.diff.line import Line
from videos.diff.sharpen import levels_beside

LEAST_SHIFT_FRAMES = 1.5
MOST_SHIFT_SECONDS = 2.0
MOST_RUNS = 6  # so many runs, from the one before the ramp to the one after it
AROUND_SECONDS = 8.0
LEAST_SECONDS = 1.0
LAGS = (0, 2, -2)  # quarters of a frame by which the frames shown may keep behind the ramp: held ones do
STEPS = 60  # moments at which a ramp may begin or end, at first
MISFIT_LEVELS = 0.4  # by which frames on the ramp may fit worse than those beside it,
MISFIT_TIMES = 2.0  # and how many times as badly
PLAINLY_TIMES = 1.6  # as badly as the ramp, the step must fit them


def ramped(a: Sampled, b: Sampled, runs: list[Run]) -> list[Run]:
    """Runs in A's order, with a sloped one wherever a change of speed explains what lies between two of them."""
    done: list[Run] = []
    left = list(runs)
    while left:
        first = left.pop(0)
        for count in range(min(MOST_RUNS - 1, len(left)), 0, -1):
            found = _between(a, b, first, left[count - 1])
            if found:
                first, ramp, after = found
                done += [first, ramp]
                left = [after, *left[count:]]
                break
        else:
            done.append(first)
    return done


def _between(a: Sampled, b: Sampled, before: Run, after: Run) -> tuple[Run, Run, Run] | None:
    shift = after.line.offset - before.line.offset
    frame = max(a.print.step, b.print.step)
    if before.line.slope != 1 or after.line.slope != 1 or not LEAST_SHIFT_FRAMES * frame < abs(shift):
        return None
    if abs(shift) > MOST_SHIFT_SECONDS or after.start - before.end > AROUND_SECONDS:
        return None
    low = max(before.start, before.end - AROUND_SECONDS)
    high = min(after.end, after.start + AROUND_SECONDS)
    frames = np.flatnonzero((a.print.times >= low) & (a.print.times < high))
    if len(frames) < 4 or high - low < 2 * LEAST_SECONDS:
        return None
    sheet = _Sheet(a, b, frames, before.line, shift)
    best = sheet.best()
    if best is None or not sheet.believes(best):
        return None
    start, end = (float(a.print.borders[frames[0] + place]) for place in best)
    slope = 1 + shift / (end - start)
    line = Line(start + before.line.offset - slope * start, slope)
    return replace(before, end=start), Run(start, end, line), replace(after, start=end)


@dataclass(slots=True)
class _Sheet:
    """How badly each frame fits at each offset from the one before the ramp to the one after it."""

    times: NDArray[np.float64]
    levels: Floats
    lag: int

    def __init__(self, a: Sampled, b: Sampled, frames: NDArray[np.intp], line: Line, shift: float) -> None:
        quarter = min(a.print.step, b.print.step) / 4
        around = np.linspace(0, shift, max(3, round(abs(shift) / quarter) + 1))
        self.times = a.print.times[frames]
        self.lag = 0
        levels = levels_beside(a, b, frames, line, np.sort(around))
        self.levels = levels if shift > 0 else levels[:, ::-1]

    def on_ramp(self, start: int, end: int) -> Floats:
        """What frames from `start` up to `end` cost on a ramp that takes them all."""
        count = self.levels.shape[1]
        share = np.linspace(0, 1, end - start, endpoint=False)
        columns = np.rint(share * (count - 1) - self.lag).astype(np.intp).clip(0, count - 1)
        return self.levels[np.arange(start, end), columns]

    def best(self) -> tuple[int, int] | None:
        """Frames at which the cheapest ramp begins and ends, or None where none is allowed."""
        step = max(1, len(self.times) // STEPS)
        places = range(0, len(self.times) + 1, step)
        found = self._cheapest([(start, end) for start in places for end in places])
        if found is None:
            return None
        reach = 2 * step
        near = [range(max(0, place - reach), min(len(self.times), place + reach) + 1) for place in found[1]]
        best = found
        for self.lag in LAGS:
            best = min(best, self._cheapest([(start, end) for start in near[0] for end in near[1]]) or best)
        self.lag = best[2]
        return best[1]

    def _cheapest(self, spans: list[tuple[int, int]]) -> tuple[float, tuple[int, int], int] | None:
        """What the cheapest of some ramps costs, where it lies, and how far behind it frames are shown."""
        before = np.append(0, np.cumsum(self.levels[:, 0]))
        after = np.append(np.cumsum(self.levels[::-1, -1])[::-1], 0)
        frame = (self.times[-1] - self.times[0]) / max(1, len(self.times) - 1)
        least = max(2, round(LEAST_SECONDS / frame))
        costs = {
            span: float(before[span[0]] + self.on_ramp(*span).sum() + after[span[1]])
            for span in spans
            if span[1] - span[0] >= least
        }
        return min((cost, span, self.lag) for span, cost in costs.items()) if costs else None

    def believes(self, span: tuple[int, int]) -> bool:
        """Whether the ramp fits as footage does that was kept, and a step between the offsets plainly does not."""
        start, end = span
        ramp = float(self.on_ramp(start, end).mean())
        beside = np.concatenate([self.levels[:start, 0], self.levels[end:, -1]])
        usual = float(np.median(beside)) if len(beside) else ramp
        head = np.append(0, np.cumsum(self.levels[start:end, 0]))
        tail = np.append(np.cumsum(self.levels[start:end, -1][::-1])[::-1], 0)
        step = float((head + tail).min()) / (end - start)
        fits = ramp <= MISFIT_LEVELS + MISFIT_TIMES * usual
        return fits and step > PLAINLY_TIMES * ramp
