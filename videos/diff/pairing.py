"""Which frame of B belongs to a frame of A, given the offset between them, and how exact that offset is."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.align import Run
from videos.diff.descriptor import Floats, Sampled

Indexes = NDArray[np.intp]

OFFSET_SAMPLES = 96
CAP_LEVELS = 12.0  # a pair further off than this says nothing more about the offset
TIE_LEVELS = 0.06
TIE_SHARE = 0.06
SAME_RATE = 0.01
LEAN_TO_NEAREST = 0.05  # levels; another frame than the nearest must be so much more alike


def rates_differ(a: Sampled, b: Sampled) -> bool:
    """Whether frames of the two fall between each other's, so that the nearest in time need not be the same one."""
    steps = [np.diff(video.print.times) for video in (a, b)]
    if min(map(len, steps)) == 0:
        return False
    typical = [float(np.median(step)) for step in steps]
    if abs(typical[0] - typical[1]) > SAME_RATE * typical[0]:
        return True
    return any(
        float(np.mean(np.abs(step - of) > 0.3 * of)) > SAME_RATE for step, of in zip(steps, typical, strict=True)
    )


def partners(a: Sampled, b: Sampled, in_a: Indexes, offset: float, search: bool) -> Indexes:
    """Frame of B for each of the frames `in_a`: the nearest in time or, on a search, the most alike of three."""
    nearest = b.print.nearest(a.print.times[in_a] + offset)
    if not search:
        return nearest
    last = len(b.print) - 1
    options = np.stack([nearest, (nearest - 1).clip(0, last), (nearest + 1).clip(0, last)])
    unlike = np.abs(b.pooled[options] - a.pooled[in_a][None]).mean(axis=2)
    unlike[1:] += np.float32(LEAN_TO_NEAREST)
    best: Indexes = options[unlike.argmin(axis=0), np.arange(len(in_a))]
    return best


def pairs_near(
    a: Sampled, b: Sampled, times: NDArray[np.float64], offset: float, search: bool
) -> tuple[Indexes, Indexes]:
    """Frames of A near `times` and of B that show the same; begun from the side with fewer frames a second."""
    if b.print.mean_step > a.print.mean_step * (1 + SAME_RATE):
        in_b = np.unique(b.print.nearest(times + offset))
        return partners(b, a, in_b, -offset, search), in_b
    in_a = np.unique(a.print.nearest(times))
    return in_a, partners(a, b, in_a, offset, search)


def sharpen(a: Sampled, b: Sampled, runs: list[Run], slack: float) -> list[Run]:
    """The same runs with offsets exact to a part of a frame.

    Where many offsets fit alike, as in a still picture, the run keeps that of the run before it if it can.
    """
    exact: list[Run] = []
    step = min(a.print.step, b.print.step) / 4
    for run in runs:
        times = np.linspace(run.start, run.end, OFFSET_SAMPLES + 2)[1:-1]
        in_a = np.unique(a.print.nearest(times))
        around = np.arange(-np.ceil(slack / step), np.ceil(1.5 * slack / step) + 1)
        offsets = run.offset + around * step
        scores = np.array([_unlike(a, b, in_a, offset) for offset in offsets])
        wanted = exact[-1].offset if exact else 0.0
        exact.append(replace(run, offset=_choose(offsets, scores, wanted)))
    return exact


def _unlike(a: Sampled, b: Sampled, in_a: Indexes, offset: float) -> float:
    times = a.print.times[in_a] + offset
    inside = (times > -b.print.step) & (times < b.print.duration)
    if not inside.any():
        return CAP_LEVELS
    apart: Floats = b.pooled[b.print.nearest(times[inside])] - a.pooled[in_a[inside]]
    apart -= np.median(apart, axis=1, keepdims=True)
    levels = np.minimum(np.abs(apart).mean(axis=1), np.float32(CAP_LEVELS))
    return float(levels.mean()) + CAP_LEVELS * float(np.mean(~inside))


def _choose(offsets: NDArray[np.float64], scores: NDArray[np.float64], wanted: float) -> float:
    """Middle of the plateau of best offsets; the wanted one where it lies on a plateau as good."""
    good = scores <= scores.min() * (1 + TIE_SHARE) + TIE_LEVELS
    nearest = int(np.abs(offsets - wanted).argmin())
    if good[nearest] and abs(offsets[nearest] - wanted) <= offsets[1] - offsets[0]:
        return wanted
    place = low = high = int(scores.argmin())
    tight = scores <= scores.min() + 1e-6
    while low > 0 and tight[low - 1]:
        low -= 1
    while high < len(tight) - 1 and tight[high + 1]:
        high += 1
    return float(offsets[place] if high == low else (offsets[low] + offsets[high]) / 2)
