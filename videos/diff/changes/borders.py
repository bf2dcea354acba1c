"""Tell weak and faint edits from the effects of encodings: an edit begins and ends from one frame to the next."""

import numpy as np

from videos.diff.changes.change import Change
from videos.diff.changes.meter import ChangeMeter
from videos.diff.changes.steps.whole_measures import TONES
from videos.diff.sampling.descriptor import Floats
from videos.diff.script.edit_script import Span

MIN_SECONDS = 0.5  # of a weak edit
MAX_AREA = 0.4  # share of the picture of a weak edit
BORDER_SECONDS = 0.4  # before and after a border
STEP_RATIO = 2.0  # of the score within a weak edit to that beside it
STEP_FRAMES = 3  # on each side of a border,
STEP_SHARE = 0.55  # between which the score makes this share of its step
MAX_WRONG_SHARE = 0.1  # of the frames that may be on the wrong side of the middle between both scores
NEAR_SHOT_SECONDS = 0.1  # from a border to a cut, beyond which the border is clear if its step is steep:
STEEP_SHARE = 0.8  # instead of STEP_SHARE, at both borders,
STEEP_RATIO = 8.0  # instead of STEP_RATIO, and no frame is on the wrong side
WHOLE_STEP_SHARE = 0.45  # the same of a measure of the whole picture, which varies more with what is shown
WHOLE_WRONG_SHARE = 0.22
BESIDE_SECONDS = 2.0  # before and after a change of the whole picture's detail that are compared, in the same shot
MAX_BESIDE_SHARE = 0.4  # share of the change by which their median detail may differ from the usual one


def has_clear_borders(meter: ChangeMeter, span: Span, change: Change) -> bool:
    """Return whether a weak change begins and ends from one frame to the next.

    Encodings may change their quality with a shot, so a border at a cut is not clear, and beside a cut the step must be
    steep. Where something else was cut out or in before or after, there is nothing to compare with, and the other
    border decides.
    """
    if span[1] - span[0] < MIN_SECONDS or change.area > MAX_AREA:
        return False
    within, beside, is_edge = _score_borders(meter, span, change)
    if all(is_edge):
        return False
    compared = [moment for moment, at_edge in zip(span, is_edge, strict=True) if not at_edge]
    if any(meter.begins_shot(change, moment, NEAR_SHOT_SECONDS) for moment in compared):
        return False
    is_beside_shot = any(meter.begins_shot(change, moment) for moment in compared)
    needed = (STEEP_SHARE, 0.0, STEEP_RATIO) if is_beside_shot else (STEP_SHARE, MAX_WRONG_SHARE, STEP_RATIO)
    step_share, wrong_share, ratio = needed
    count = _count_border_frames(meter)
    return all(
        at_edge
        or (
            len(outside) >= count
            and is_step(outside, inside, step_share, wrong_share)
            and float(np.median(inside)) >= ratio * float(np.median(outside))
        )
        for at_edge, outside, inside in zip(is_edge, beside, [within, within[::-1]], strict=True)
    )


def has_sharp_borders(meter: ChangeMeter, span: Span, change: Change) -> bool:
    """Return whether a measure of the whole picture steps from one frame to the next where a change begins and ends.

    Encodings blur what moves fast, so that the measure rises and falls gradually. What another shot has tells nothing.
    But the tone of a flat picture may be wrong from a cut to the next key frame, so it may have no border at a cut, and
    beside one only a steep step. A picture in another size has other detail, which depends on what it shows: the same
    is true of its borders, and no change may be faint.
    """
    is_resized = any(side.view.resamples_cells for side in (meter.a, meter.b))
    if is_resized and change.is_faint:
        return False
    depends_on_shot = is_resized or (change.step is not None and change.step.measure in TONES)
    if depends_on_shot and any(meter.begins_shot(change, moment, NEAR_SHOT_SECONDS) for moment in span):
        return False
    is_beside_shot = depends_on_shot and any(meter.begins_shot(change, moment) for moment in span)
    needed = (STEEP_SHARE, 0.0) if is_beside_shot else (WHOLE_STEP_SHARE, WHOLE_WRONG_SHARE)
    within, beside, is_edge = _score_borders(meter, span, change)
    inwards = [within, within[::-1]]
    return all(
        at_edge
        or (not is_beside_shot and (len(outside) < STEP_FRAMES or meter.is_cut(moment)))
        or (len(outside) >= STEP_FRAMES and is_step(outside, inside[: len(outside)], *needed))
        for at_edge, moment, outside, inside in zip(is_edge, span, beside, inwards, strict=True)
    )


def is_usual_beside(meter: ChangeMeter, span: Span, change: Change) -> bool:
    """Return whether the picture has its usual detail beside a change of it, in the shots in which it begins and ends.

    A coarse encoding loses detail from one key frame to the next, in steps that may be as sharp as those of an edit,
    but not from the usual level. At a cut its quality may change as well, so a border at a cut is not tested. Under a
    grade no level is usual, because what detail is left depends on the tones of the shot.
    """
    if any(side.view.changes_colour for side in (meter.a, meter.b)):
        return True
    return all(
        meter.is_cut(moment) or len(beside) < STEP_FRAMES or np.median(beside) <= MAX_BESIDE_SHARE
        for moment, beside in zip(span, _score_shots_beside(meter, span, change), strict=True)
    )


def _score_shots_beside(meter: ChangeMeter, span: Span, change: Change) -> list[Floats]:
    """Return the scores of the frames before and after a change, for BESIDE_SECONDS at most, in the same shot."""
    first, last, low, high = _find_frames(meter, span, change)
    count = round(BESIDE_SECONDS / meter.a.fingerprint.step)
    before = meter.find_shot(max(low, first - count), first, at_end=True)
    after = meter.find_shot(last, min(high, last + count), at_end=False)
    return [meter.score_frames(change, *frames) for frames in (before, after)]


def _find_frames(meter: ChangeMeter, span: Span, change: Change) -> list[int]:
    """Return the frames of A at which a span begins and ends, and those at which the part of its change does."""
    borders = meter.a.fingerprint.borders
    return [int(np.abs(borders - moment).argmin()) for moment in (*span, *change.score_map.part.a)]


def _count_border_frames(meter: ChangeMeter) -> int:
    return max(2, round(BORDER_SECONDS / meter.a.fingerprint.step))


def _score_borders(meter: ChangeMeter, span: Span, change: Change) -> tuple[Floats, list[Floats], list[bool]]:
    """Return the scores of the frames of a change, of those beside both ends of it, and which ends are not compared.

    Those beside it are in the order from the border outwards. Where something else was cut out or in before or after,
    there is nothing to compare with.
    """
    part = change.score_map.part
    first, last, low, high = _find_frames(meter, span, change)
    count = _count_border_frames(meter)
    begin, end = max(low, first - count), min(high, last + count)
    scores = meter.score_frames(change, begin, end)
    within = scores[first - begin : len(scores) - (end - last)]
    beside = [scores[: first - begin][::-1], scores[len(scores) - (end - last) :]]
    at_edge = [span[0] - part.a[0] <= 0 < low, part.a[1] - span[1] <= 0 and high < len(meter.a.fingerprint)]
    return within, beside, at_edge


def is_step(outside: Floats, inside: Floats, step_share: float, wrong_share: float) -> bool:
    """Return whether nearly all frames within an edit differ clearly more than those beside it, at once.

    Both are scores of frames, the nearest to the border first.
    """
    above, below = float(np.median(inside)), float(np.median(outside))
    middle = (above + below) / 2
    wrong = max((outside > middle).mean(), (inside < middle).mean())
    around = STEP_FRAMES + 1  # the border may be a frame off
    near = np.concatenate([outside[:around][::-1], inside[:around]])
    means = np.convolve(near, np.full(STEP_FRAMES, 1 / STEP_FRAMES), "valid")
    at_once = float((means[STEP_FRAMES:] - means[:-STEP_FRAMES]).max(initial=0))
    return at_once >= step_share * (above - below) and bool(wrong <= wrong_share)
