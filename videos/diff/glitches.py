"""What lasts a frame or a few on one side only: a black frame, a flash, a frame of elsewhere, a frame shown again.

All that is shorter than what changes are looked for in, so every frame is asked, by its pooled luma alone.

What is told: up to three frames that break out of what is around them, where the other side has a frame of that very
time; and a frame that stands still once while the other side moves on. What is not: frames that rate conversion made or
took. A mix of its neighbours does not break out, a flash shorter than the other side's frame may fall between two of
them, and frames shown again are no edit where they come often, or where the frames' times differ.
"""

import numpy as np
from numpy.typing import NDArray

from videos.diff.descriptor import Floats, Indexes, Sampled
from videos.diff.line import Line
from videos.diff.outline import Part
from videos.diff.pairing import partners

LEAST_LEVELS = 12.0  # by which a frame differs from any mix of those around it
OVER_OTHER = 2.0  # times what the other side's frames do there
AROUND = ((1, 1), (1, 2), (2, 1), (1, 3), (2, 2), (3, 1))  # frames before and after, around up to three
AT_ONCE = 4096
NEARLY = 0.99
MOVES_LEVELS = 1.5  # from one frame to the next; less is too calm to tell a repeated frame
STILL_SHARE = 0.1  # of the other side's movement, up to which a frame is the last one again
ONE_IN = 50  # moving frames; where more are shown again, that is how the video was made

Frames = tuple[int, int]


def glitches(a: Sampled, b: Sampled, part: Part, search: bool) -> tuple[Indexes, Indexes]:
    """Frames of A and of B, paired, of which one breaks out."""
    in_a, in_b = _within(a, part.a), _within(b, part.b)
    of_a, of_b = _breaks(a, in_a), _breaks(b, in_b)
    odd_a = _only(a, b, in_a, in_b, (of_a, of_b), part.line)
    odd_b = _only(b, a, in_b, in_a, (of_b, of_a), part.line.inverse)
    pairs = [
        (odd_a, partners(a, b, odd_a, part.line, search)),
        (partners(b, a, odd_b, part.line.inverse, search), odd_b),
    ]
    found_a, found_b = (np.concatenate(frames) for frames in zip(*pairs, strict=True))
    return found_a, found_b


def frozen(a: Sampled, b: Sampled, part: Part) -> tuple[Indexes, Indexes]:
    """Frames of A and of B, paired, of which one is its predecessor again; for frames that come at the same times."""
    in_a = _within(a, part.a)[2:-2]
    in_b = partners(a, b, in_a, part.line, False)
    of_a, of_b = _steps(a, in_a), _steps(b, in_b)
    moving = np.minimum(_steps(a, in_a + 1), _steps(b, in_b + 1)) > MOVES_LEVELS
    still = moving & (np.maximum(of_a, of_b) > MOVES_LEVELS)
    still &= np.minimum(of_a, of_b) <= STILL_SHARE * np.maximum(of_a, of_b)
    if still.sum() * ONE_IN > max(ONE_IN, int(moving.sum())):
        still[:] = False
    return in_a[still], in_b[still]


def _within(video: Sampled, span: tuple[float, float] | None) -> Indexes:
    assert span is not None  # noqa: S101  for the type checker
    first, last = (int(np.searchsorted(video.print.times, moment - 1e-6)) for moment in span)
    return np.arange(first, max(first + 1, last)).clip(0, len(video.print) - 1)


def _steps(video: Sampled, frames: Indexes) -> Floats:
    """Levels from each frame's predecessor."""
    end = len(video.print) - 1
    steps = np.zeros(len(frames), np.float32)
    for low in range(0, len(frames), AT_ONCE):
        few = frames[low : low + AT_ONCE].clip(1, end)
        steps[low : low + AT_ONCE] = np.abs(video.pooled[few] - video.pooled[few - 1]).mean(axis=1)
    return steps


def _breaks(video: Sampled, frames: Indexes) -> Floats:
    """Levels by which frames differ from every mix of one before and one after; a cut is alike on one side."""
    end = len(video.print) - 1
    breaks = np.zeros(len(frames), np.float32)
    for low in range(0, len(frames), AT_ONCE):
        few = frames[low : low + AT_ONCE]
        first = max(0, int(few[0]) - len(AROUND))
        seen = video.pooled[np.arange(first, min(end, int(few[-1]) + len(AROUND)) + 1)]
        at = seen[few - first]
        for back, on in AROUND:
            before, after = ((few + by).clip(0, end) - first for by in (-back, on))
            np.maximum(
                breaks[low : low + AT_ONCE],
                _off_line(at, seen[before], seen[after]),
                out=breaks[low : low + AT_ONCE],
            )
    return breaks


def _off_line(at: Floats, before: Floats, after: Floats) -> Floats:
    """(frames,) mean levels between pictures and the nearest mix of two others."""
    across = after - before
    share = ((at - before) * across).sum(axis=1) / np.maximum(np.square(across).sum(axis=1), np.float32(1e-6))
    off: Floats = np.abs(at - before - share.clip(0, 1)[:, None] * across).mean(axis=1)
    return off


def _only(
    one: Sampled, other: Sampled, frames: Indexes, others: Indexes, breaks: tuple[Floats, Floats], line: Line
) -> Indexes:
    """Those of one side's frames that break out where the other's, there and a frame around, do not."""
    beside = partners(one, other, frames, line, False)
    padded = np.pad(breaks[1], 2, mode="edge")
    around = np.stack([padded[by : by + len(others)] for by in range(1, 4)]).max(axis=0)
    there = around[(beside - others[0]).clip(0, len(others) - 1)]
    odd = (breaks[0] > LEAST_LEVELS) & (breaks[0] > OVER_OTHER * there)
    times, steps = one.print.borders, (one.print.step, other.print.step)
    kept = [
        np.arange(first, last)
        for first, last in _runs(frames[odd])
        if (last - first) * steps[0] >= NEARLY * steps[1]
        and _shown(other, line.to_b(float(times[first])), line.to_b(float(times[last])), steps[0])
    ]
    return np.concatenate([np.zeros(0, np.intp), *kept])


def _runs(frames: Indexes) -> list[Frames]:
    """First and last but one of frames in a row."""
    ends = np.flatnonzero(np.diff(frames) != 1)
    starts = np.append(0, ends + 1)[: len(frames)]
    stops = np.append(ends, len(frames) - 1)[: len(frames)]
    return [(int(frames[start]), int(frames[stop]) + 1) for start, stop in zip(starts, stops, strict=True)]


def _shown(other: Sampled, start: float, end: float, step: float) -> bool:
    """Whether the other side has a frame within a time, give or take some of a frame."""
    times: NDArray[np.float64] = other.print.times
    low, high = np.searchsorted(times, (start - step / 4, end - step / 4))
    return bool(high > low)
