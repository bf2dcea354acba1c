"""Follow a change beyond a cut: the next shot may show the same edit less, but its own frames tell where it ends.

A blur hardly shows in a smooth shot, and a change of hue hardly in a grey one. Such a shot alone would be too weak to
tell, but here an edit is known that reaches up to the cut.
"""

import numpy as np

from videos.diff.changes.borders import BORDER_SECONDS, MAX_WRONG_SHARE, STEP_RATIO, STEP_SHARE, is_step
from videos.diff.changes.change import Change
from videos.diff.changes.meter import ChangeMeter
from videos.diff.changes.places import TimedChange
from videos.diff.sampling.descriptor import Floats
from videos.diff.script.edit_script import Span

MAX_SECONDS = 6.0  # of the next shot that are looked at
MIN_FRAMES = 3  # of the edit beyond the cut, and of the same shot without it
MIN_GAIN = 0.15  # score by which they differ, of the threshold or of the change


def continue_over_cuts(meter: ChangeMeter, timed: list[TimedChange]) -> list[TimedChange]:
    """Return the changes with their spans, longer where one ends at a cut and only it goes on beyond that."""
    continued = []
    for span, change in timed:
        start, end = (_continue(meter, moment, change, way) for moment, way in zip(span, (-1, 1), strict=True))
        others = [beside for beside, other in timed if other is not change and (other.cells & change.cells).any()]
        start = span[0] if _overlaps_any((start, span[0]), others) else start
        end = span[1] if _overlaps_any((span[1], end), others) else end
        continued.append(((start, end), change))
    return continued


def _overlaps_any(added: Span, others: list[Span]) -> bool:
    return any(start < added[1] and added[0] < end for start, end in others)


def _continue(meter: ChangeMeter, moment: float, change: Change, direction: int) -> float:
    """Return the border beyond a border at a cut, towards the end (1) or the start (-1) of A; `moment` if none."""
    cut = meter.find_cut(moment)
    if cut is None:
        return moment
    borders = meter.a.fingerprint.borders
    low, high = (int(np.abs(borders - at).argmin()) for at in change.score_map.part.a)
    if not low < cut < high:
        return moment
    reach = round(MAX_SECONDS / meter.a.fingerprint.step)
    first, last = (cut, min(high, cut + reach)) if direction > 0 else (max(low, cut - reach), cut)
    shot = meter.find_shot(first, last, at_end=direction < 0)
    scores = meter.score_frames(change, *shot)[::direction]
    count = _count_continued(scores, max(MIN_FRAMES, round(BORDER_SECONDS / meter.a.fingerprint.step)))
    return float(borders[cut + direction * count]) if count else moment


def _count_continued(scores: Floats, beside: int) -> int:
    """Return for how many frames, from a cut on, an edit goes on in the scores of a shot; 0 if it does not."""
    if len(scores) < 2 * MIN_FRAMES:
        return 0
    squares, sums = np.append(0, np.cumsum(np.square(scores))), np.append(0, np.cumsum(scores))
    counts = np.arange(MIN_FRAMES, len(scores) - MIN_FRAMES + 1)
    explained = np.square(sums[counts]) / counts + np.square(sums[-1] - sums[counts]) / (len(scores) - counts)
    at = int(counts[(squares[-1] - explained).argmin()])
    inside, outside = scores[:at][::-1], scores[at : at + beside]
    above, below = float(np.median(inside)), float(np.median(scores[at:]))
    is_clear = above >= max(STEP_RATIO * below, below + MIN_GAIN)
    return at if is_clear and is_step(outside, inside, STEP_SHARE, MAX_WRONG_SHARE) else 0
