"""Recognise by the course of the frames a transition where the other side has a hard cut, and a frozen picture.

Beside the cut, each cell of the transition lies between the shot that ends and the shot that begins, and the share of
the second grows. The shape of a wipe does not matter, since each cell has its own share.
"""

from dataclasses import dataclass, replace

import numpy as np

from videos.diff.changes.kinds import MIN_CONFIDENCE, rate_measure
from videos.diff.sampling.descriptor import Floats
from videos.diff.script.kinds import ChangeKind

CUT_LEVELS, CUT_RATIO = 8.0, 3.0  # levels between the frames at a cut, and how often the median of its surroundings
MAX_STEP_SHARE = 0.5  # of the cut's levels, between the frames of a transition
EXPLAINED = 0.7, 0.85  # share of the difference that a mix of both shots explains: doubtful, sure
PROGRESS = 0.8, 0.9  # correlation of the share of the second shot with time: doubtful, sure
MIN_GROWTH = 0.4  # growth of that share from the first frame to the last
CALM_QUANTILE = 0.99  # quantile over cells of the difference of a frame
CALM_RATIO, CALM_LEVELS = 1.5, 1.0  # such a quantile in a transition against that of the frames far from it
CALM_FRAMES = 2  # frames without a difference that end a transition
MIN_FRAMES = 3  # frames of a transition or a frozen picture
MOVING_LEVELS = 0.4  # median levels between the frames of a side that moves
STILL_SHARE = 0.2, 0.1  # of that on the side that stands still: doubtful, sure
FAR_FRAMES = 4  # frames at both ends of the surroundings that are outside of the transition


@dataclass(frozen=True, slots=True)
class Transition:
    """The first frame of a transition and its last + 1."""

    first: int
    last: int
    kind: ChangeKind


def find_transition(a: Floats, b: Floats, first: int, last: int) -> Transition | None:
    """Return the transition that makes the frames from `first` up to `last` differ, None if it is something else.

    `a` and `b` are (frames, cells): the levels of paired frames, with surroundings before `first` and after `last`.
    """
    if last - first < MIN_FRAMES:
        return None
    confidence = max(_rate(a, b, first, last), _rate(b, a, first, last))
    if confidence < MIN_CONFIDENCE:
        return None
    apart = np.quantile(np.abs(b - a), CALM_QUANTILE, axis=1)
    far = np.concatenate([apart[: min(FAR_FRAMES, first)], apart[max(last, len(apart) - FAR_FRAMES) :]])
    calm = apart <= CALM_RATIO * float(np.median(far)) + CALM_LEVELS if len(far) else np.ones(len(apart), bool)
    before, after = _count_until_calm(calm[:first][::-1]), _count_until_calm(calm[last:])
    return Transition(first - before, last + after, ChangeKind("transition", round(confidence, 2)))


def recognise_frozen(a: Floats, b: Floats, first: int, last: int) -> ChangeKind | None:
    """Return that B holds its picture while A moves, or the other way round, None if neither.

    For the shapes see `find_transition`. A held picture is that of the frame before, and the other side has no cut
    there.
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


def _rate(cut_side: Floats, mixed_side: Floats, first: int, last: int) -> float:
    """Return the confidence that one side mixes the shots between which the other side cuts, 0 without a cut."""
    steps = np.abs(np.diff(cut_side, axis=0)).mean(axis=1)  # from each frame to the next
    low, high = max(0, first - 1), min(last, len(steps))
    cut = low + int(steps[low:high].argmax())
    mixed_steps = np.abs(np.diff(mixed_side, axis=0)).mean(axis=1)[low:high]
    is_cut = steps[cut] >= CUT_LEVELS + CUT_RATIO * float(np.median(steps))
    if not is_cut or mixed_steps.max() > MAX_STEP_SHARE * steps[cut]:
        return 0.0
    own, mixed = cut_side[first:last], mixed_side[first:last]
    is_before = (np.arange(first, last) <= cut)[:, None]
    across = np.where(is_before, cut_side[cut + 1], cut_side[cut]) - own
    share = (((mixed - own) * across) / np.maximum(np.square(across), np.float32(1e-3))).clip(0, 1)
    left = np.square(mixed - own - share * across).sum()
    explained = 1 - float(left / (np.square(mixed - own).sum() + 1e-3))
    weight = np.square(across).sum(axis=1) + np.float32(1e-3)
    of_other = (share * np.square(across)).sum(axis=1) / weight
    progress = np.where(is_before[:, 0], of_other, 1 - of_other)
    if progress[-1] - progress[0] < MIN_GROWTH:
        return 0.0
    in_time = float(np.corrcoef(progress, np.arange(len(progress)))[0, 1])
    return min(rate_measure(explained, EXPLAINED), rate_measure(in_time, PROGRESS))


def _count_until_calm(calm: np.ndarray) -> int:
    """Return the count of frames before the first CALM_FRAMES calm ones, 0 if there are none."""
    for at in range(len(calm) - CALM_FRAMES + 1):
        if calm[at : at + CALM_FRAMES].all():
            return at
    return 0
