"""Find transitions of one side where the other side has a hard cut, such as a dissolve, a wipe or an iris.

Every hard cut of one side at which the other side differs is examined, so a transition is found whichever cells differ.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.pairing import find_partners, rates_differ
from videos.diff.alignment.transitions.models import rate_course, rate_dip, rate_mix, rate_motion, split_at_cut
from videos.diff.alignment.viterbi import Run
from videos.diff.noise.mixed_frames import fit_mixes
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo
from videos.diff.script.edit_script import Span
from videos.diff.script.kinds import MIN_CONFIDENCE

CUT_LEVELS, CUT_RATIO = 8.0, 3.0  # levels between the frames at a cut, and how often the median of its surroundings
MAX_STEP_SHARE = 0.5  # of the cut's levels, between the frames of a transition
MIN_SHOT_SHARE = 0.5  # of the cut's levels, between each frame of the side with the cut and the shot beyond it
BESIDE_CUT_FRAMES = 2  # frames around a cut in which its side takes no larger step
MAX_COURSE_STEP_SHARE = 0.75  # the same if no model explains the frames
DIP_CUT_LEVELS = 2.0  # levels between the frames at the cut of a dip
MIN_APART_SHARE = 0.1  # of the levels at a cut, between the sides before and after it
CALM_QUANTILE = 0.99  # quantile over cells of the difference of a frame
CALM_SHARE = 0.3  # share of the surroundings that a transition leaves calm, at least
CALM_RATIO, CALM_LEVELS = 1.5, 1.0  # such a difference in a calm frame against the typical one of the calm frames
CALM_FRAMES = 2  # calm frames in succession that end a transition
MIN_FRAMES = 3  # frames of a transition
MAX_SECONDS = 4.0  # of a transition
SURROUNDING_SECONDS = 1.2  # more than that, before and after a cut, in which a transition may begin and end
SAME_MAP_FRAMES = 1.5  # frames by which the time maps of two runs differ that a transition joins, at most
MAX_UNMIXED_SHARE = 0.05  # of the largest difference of a frame, what mixes of adjacent frames leave of any, squared
BATCH_FRAMES = 2048


@dataclass(frozen=True, slots=True)
class Transition:
    """A span of A in seconds in which one side has a transition, and the confidence in that."""

    span: Span
    confidence: float


def find_transitions(a: SampledVideo, b: SampledVideo, run: Run) -> list[Transition]:
    """Return the transitions within a run in order. No two of them overlap."""
    borders = a.fingerprint.borders
    first, last = (int(np.abs(borders - moment).argmin()) for moment in (run.start, run.end))
    in_a = np.arange(first, last)
    if len(in_a) < MIN_FRAMES:
        return []
    in_b = find_partners(a, b, in_a, run.time_map, False)
    most = round(MAX_SECONDS / a.fingerprint.step)
    reach = round((MAX_SECONDS + SURROUNDING_SECONDS) / a.fingerprint.step)
    found: list[Transition] = []
    steps_a, steps_b = measure_steps(a, in_a), measure_steps(b, in_b)
    for cut in _list_cuts(steps_a, steps_b, _measure_apart(a, b, in_a, in_b)):
        if any(each.span[0] <= borders[first + cut] <= each.span[1] for each in found):
            continue
        low, high = max(0, cut + 1 - reach), min(len(in_a), cut + 1 + reach)
        sides = a.pooled_luma[in_a[low:high]], b.pooled_luma[in_b[low:high]]
        measured = measure_transition(*sides, cut - low, most)
        if measured is None:
            continue
        begin, end, confidence = measured
        span = float(borders[first + low + begin]), float(borders[first + low + end])
        spanned = (a, in_a[low + begin : low + end]), (b, in_b[low + begin : low + end])
        place = 0 if steps_a[cut] >= steps_b[cut] else 1  # of the side with the cut
        is_mixed = _is_mixed(*spanned[place], *spanned[1 - place])
        if not is_mixed and not any(_overlap(span, each.span) for each in found):
            found.append(Transition(span, confidence))
    a.fingerprint.release()
    b.fingerprint.release()
    return sorted(found, key=lambda each: each.span)


def _is_mixed(cut_side: SampledVideo, in_cut: Indexes, mixed_side: SampledVideo, in_mixed: Indexes) -> bool:
    """Return whether mixes of adjacent frames of the side with the cut explain all frames of the other side.

    A conversion of the frame rate mixes both shots in the frame at the cut. A transition does so in more frames.
    """
    if not rates_differ(cut_side, mixed_side):
        return False
    own, pictures = cut_side.pooled_luma[in_cut], mixed_side.pooled_luma[in_mixed]
    mixes = fit_mixes(cut_side, in_cut, pictures)
    blended = mixes.blend(own, cut_side.pooled_luma[mixes.neighbours])
    left, whole = (np.square(pictures - each).mean(axis=1).max() for each in (blended, own))
    return bool(left <= MAX_UNMIXED_SHARE * whole)


def join_over_transitions(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> list[Run]:
    """Return the runs in A's order, with those joined that a transition separates: it looks like other footage."""
    left, joined = list(runs), []
    while left:
        run = left.pop(0)
        near = [other for other in left if other.start - run.end <= MAX_SECONDS]
        wholes = ((place, _join(a, b, run, other)) for place, other in enumerate(near))
        place, whole = next((each for each in wholes if each[1]), (0, None))
        if whole:
            left[: place + 1] = [whole]
        else:
            joined.append(run)
    return joined


def _join(a: SampledVideo, b: SampledVideo, run: Run, other: Run) -> Run | None:
    """Return both runs as one if they are on the same time map and a transition fills what is between them."""
    gap = run.end, other.start
    near = SAME_MAP_FRAMES * max(a.fingerprint.step, b.fingerprint.step)
    if gap[1] <= gap[0] or not run.time_map.is_near(other.time_map, gap, near):
        return None
    time_map = max(run, other, key=lambda each: each.seconds).time_map
    beside = MAX_SECONDS + SURROUNDING_SECONDS
    around = Run(max(run.start, gap[0] - beside), min(other.end, gap[1] + beside), time_map)
    if any(each.span[0] <= gap[0] and gap[1] <= each.span[1] for each in find_transitions(a, b, around)):
        return Run(run.start, other.end, time_map)
    return None


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def measure_steps(video: SampledVideo, frames: Indexes) -> Floats:
    """Return the mean levels (frames - 1,) between each frame and the next."""
    steps = np.zeros(len(frames) - 1, np.float32)
    for low in range(0, len(steps), BATCH_FRAMES):
        pictures = video.pooled_luma[frames[low : low + BATCH_FRAMES + 1]]
        steps[low : low + BATCH_FRAMES] = np.abs(np.diff(pictures, axis=0)).mean(axis=1)
    return steps


def _measure_apart(a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes) -> Floats:
    """Return the mean levels (frames,) between paired frames."""
    apart = np.zeros(len(in_a), np.float32)
    for low in range(0, len(apart), BATCH_FRAMES):
        batch = slice(low, low + BATCH_FRAMES)
        apart[batch] = np.abs(a.pooled_luma[in_a[batch]] - b.pooled_luma[in_b[batch]]).mean(axis=1)
    return apart


def _list_cuts(steps_a: Floats, steps_b: Floats, apart: Floats) -> list[int]:
    """Return the frames after which one side may have a cut that the other side lacks, the clearest first.

    The frames on both sides of the cut differ from those of the other side.
    """
    clearness = np.zeros(len(steps_a), np.float32)
    beside = np.minimum(apart[:-1], apart[1:])
    for steps in (steps_a, steps_b):
        padded = np.pad(steps, BESIDE_CUT_FRAMES)
        largest = np.max([padded[by : by + len(steps)] for by in range(2 * BESIDE_CUT_FRAMES + 1)], axis=0)
        clear = steps - CUT_RATIO * np.median(steps)
        is_cut = (steps == largest) & (clear >= DIP_CUT_LEVELS) & (beside >= MIN_APART_SHARE * steps)
        clearness = np.maximum(clearness, np.where(is_cut, clear, 0))
    cuts = np.flatnonzero(clearness)
    order: list[int] = cuts[np.argsort(-clearness[cuts], kind="stable")].tolist()
    return order


def measure_transition(a: Floats, b: Floats, cut: int, most: int) -> tuple[int, int, float] | None:
    """Return the first frame of the transition around a cut, its last + 1, and the confidence; None if it is none.

    `a` and `b` are (frames, cells): the levels of paired frames. One side has a cut after frame `cut`. A transition has
    up to `most` frames.
    """
    apart = np.quantile(np.abs(b - a), CALM_QUANTILE, axis=1)
    calm = apart <= CALM_RATIO * float(np.quantile(apart, CALM_SHARE)) + CALM_LEVELS
    first = cut + 1 - _count_until_calm(calm[: cut + 1][::-1])
    last = cut + 1 + _count_until_calm(calm[cut + 1 :])
    if not MIN_FRAMES <= last - first <= most or first > cut or last < cut + 2:
        return None
    confidence = max(_rate(a, b, cut, first, last), _rate(b, a, cut, first, last))
    return (first, last, round(confidence, 2)) if confidence >= MIN_CONFIDENCE else None


def _rate(cut_side: Floats, mixed_side: Floats, cut: int, first: int, last: int) -> float:
    """Return the confidence that one side has a transition between the shots between which the other side cuts."""
    steps, mixed_steps = (np.abs(np.diff(side, axis=0)).mean(axis=1) for side in (cut_side, mixed_side))
    clearness = float(steps[cut]) - CUT_RATIO * float(np.median(steps))
    shots = split_at_cut(cut_side, mixed_side, cut, first, last)
    if (
        clearness < DIP_CUT_LEVELS
        or np.abs(shots.after - shots.before).mean(axis=1).min() < MIN_SHOT_SHARE * steps[cut]
    ):
        return 0.0  # no cut, or a flash, after which the first shot goes on
    if clearness < CUT_LEVELS:
        return rate_dip(shots)
    largest = float(mixed_steps[max(0, first - 1) : last].max() / steps[cut])
    mix = rate_mix(shots) if largest <= MAX_STEP_SHARE else 0.0
    course = rate_course(shots) if largest <= MAX_COURSE_STEP_SHARE else 0.0
    known = max(mix, course, rate_dip(shots))
    return known if known == 1 else max(known, rate_motion(shots))


def _count_until_calm(calm: NDArray[np.bool_]) -> int:
    """Return the count of frames before the first CALM_FRAMES calm ones, all if there are none."""
    for at in range(len(calm) - CALM_FRAMES + 1):
        if calm[at : at + CALM_FRAMES].all():
            return at
    return len(calm)
