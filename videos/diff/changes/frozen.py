"""Recognise by the course of the frames that one side holds its picture while the other one moves."""

from dataclasses import replace

import numpy as np

from videos.diff.sampling.descriptor import Floats
from videos.diff.script.kinds import MIN_CONFIDENCE, ChangeKind, rate_measure

MIN_FRAMES = 3  # frames of a frozen picture
MOVING_LEVELS = 0.4  # median levels between the frames of a side that moves
STILL_SHARE = 0.2, 0.1  # of that on the side that stands still: doubtful, sure
CUT_RATIO = 3.0  # of a step of the picture to that motion, from which it is a cut


def recognise_frozen(a: Floats, b: Floats, first: int, last: int) -> ChangeKind | None:
    """Return that B holds its picture while A moves, or the other way round, None if neither.

    `a` and `b` are (frames, cells): the levels of paired frames, with surroundings before `first` and after `last`. A
    held picture is that of the frame before, and the other side has no cut there.
    """
    if last - first < MIN_FRAMES:
        return None
    still, moving = (_measure_motion(side, first, last) for side in (b, a))
    kind = ChangeKind("frozen", 1.0)
    if still > moving:
        still, moving, a, b, kind = moving, still, b, a, kind.mirror()
    begin = max(0, first - 1)
    steps = [float(np.abs(side[first] - side[begin]).mean()) for side in (a, b)]
    largest = float(np.abs(np.diff(b[first:last], axis=0)).mean(axis=1).max())
    if moving < MOVING_LEVELS or steps[0] > CUT_RATIO * moving or max(steps[1], largest) > moving:
        return None
    confidence = round(rate_measure(still / moving, STILL_SHARE), 2)
    return replace(kind, confidence=confidence) if confidence >= MIN_CONFIDENCE else None


def _measure_motion(side: Floats, first: int, last: int) -> float:
    """Return the median over the frames of a span of the mean levels between neighbours."""
    return float(np.median(np.abs(np.diff(side[first:last], axis=0)).mean(axis=1)))
