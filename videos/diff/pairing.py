"""Which frame of B belongs to a frame of A, given the line between them."""

import numpy as np
from numpy.typing import NDArray

from videos.diff.descriptor import Floats, Sampled
from videos.diff.line import Line

Indexes = NDArray[np.intp]

LOOKED_AT = 64  # moments by which a match is told from likeness
LEAST_UNLIKE = 1.5  # levels; less is what encoding makes of the same footage
AS_UNLIKE = 0.75  # of what frames differ by that are paired at random, from which a match is none
SAME_RATE = 0.01
LOST = 0.6  # of a frame's time; further apart, two frames of one rate are not the same one
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


def partners(a: Sampled, b: Sampled, in_a: Indexes, line: Line, search: bool) -> Indexes:
    """Frame of B for each of the frames `in_a`: the nearest in time or, on a search, the most alike of three."""
    nearest = b.print.nearest(line.all_to_b(a.print.times[in_a]))
    if not search:
        return nearest
    last = len(b.print) - 1
    options = np.stack([nearest, (nearest - 1).clip(0, last), (nearest + 1).clip(0, last)])
    unlike = np.abs(b.pooled[options] - a.pooled[in_a][None]).mean(axis=2)
    unlike[1:] += np.float32(LEAN_TO_NEAREST)
    best: Indexes = options[unlike.argmin(axis=0), np.arange(len(in_a))]
    return best


def pairs_near(a: Sampled, b: Sampled, times: NDArray[np.float64], line: Line, search: bool) -> tuple[Indexes, Indexes]:
    """Frames of A near `times` and of B that show the same; begun from the side with fewer frames a second."""
    if b.print.mean_step > a.print.mean_step * (1 + SAME_RATE):
        in_b = np.unique(b.print.nearest(line.all_to_b(times)))
        in_a = partners(b, a, in_b, line.inverse, search)
    else:
        in_a = np.unique(a.print.nearest(times))
        in_b = partners(a, b, in_a, line, search)
    if search and line.slope == 1 and abs(a.print.step - b.print.step) <= SAME_RATE * a.print.step:
        there = np.abs(line.all_to_b(a.print.times[in_a]) - b.print.times[in_b]) <= LOST * b.print.step
        if there.any():  # a frame that one side lost has no partner in the other
            return in_a[there], in_b[there]
    return in_a, in_b


def same_footage(a: Sampled, b: Sampled, line: Line, span: tuple[float, float], search: bool) -> bool:
    """Whether frames on a line fit each other better than those beside it do, what stays different all along aside.

    Two takes of one person in one room look alike at any moment, and at none alike enough.
    """
    times = np.linspace(*span, LOOKED_AT + 2)[1:-1]
    in_a, in_b = pairs_near(a, b, times, line, search)
    ours, theirs = a.pooled[in_a], b.pooled[in_b]
    matched = _levels(theirs - ours)
    strange = _levels(np.roll(theirs, max(1, len(theirs) // 2), axis=0) - ours)
    return matched <= max(LEAST_UNLIKE, AS_UNLIKE * strange)


def _levels(apart: Floats) -> float:
    apart = apart - apart.mean(axis=1, keepdims=True)
    apart -= np.median(apart, axis=0)
    return float(np.median(np.abs(apart).mean(axis=1)))
