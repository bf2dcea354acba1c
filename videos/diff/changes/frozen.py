"""Recognise by the course of the frames that one side holds its picture while the other one moves."""

from dataclasses import replace

import numpy as np

from videos.diff.sampling.descriptor import Floats, SampledVideo
from videos.diff.script.edit_script import MatchedSegment, Segment
from videos.diff.script.kinds import MIN_CONFIDENCE, ChangeKind, rate_measure

MIN_FRAMES = 3  # frames of a frozen picture
MIN_FRAMES_OVER_CUT = 8  # frames of one that is held while the other side goes on to another shot
MAX_LONGER_SHARE = 0.1  # of the longer side of replaced footage, by which the other one may be shorter
MOVING_LEVELS = 0.4  # median levels between the frames of a side that moves
STILL_SHARE = 0.2, 0.1  # of that on the side that stands still: doubtful, sure
CUT_RATIO = 3.0  # of a step of the picture to that motion, from which it is a cut


def recognise_frozen(a: Floats, b: Floats, first: int, last: int) -> ChangeKind | None:
    """Return that B holds its picture while A moves, or the other way round, None if neither.

    `a` and `b` are (frames, cells): the levels of paired frames, with surroundings before `first` and after `last`. A
    held picture is that of the frame before. If the other side has a cut there, it is held for longer than a late cut.
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
    is_late_cut = steps[0] > CUT_RATIO * moving and last - first < MIN_FRAMES_OVER_CUT
    if moving < MOVING_LEVELS or is_late_cut or max(steps[1], largest) > moving:
        return None
    confidence = round(rate_measure(still / moving, STILL_SHARE), 2)
    return replace(kind, confidence=confidence) if confidence >= MIN_CONFIDENCE else None


def name_held(segment: Segment, a: SampledVideo, b: SampledVideo) -> Segment:
    """Return the segment; replaced footage of one duration gets the kind of a picture that one side holds."""
    if not isinstance(segment, MatchedSegment) or not segment.kind or segment.kind.name != "replaced":
        return segment
    spans = [
        [int(np.abs(side.fingerprint.borders - moment).argmin()) for moment in span]
        for side, span in ((a, segment.a), (b, segment.b))
    ]
    count = min(last - first for first, last in spans)
    has_same_duration = abs(np.ptp(segment.a) - np.ptp(segment.b)) <= MAX_LONGER_SHARE * segment.seconds
    if not has_same_duration or count < MIN_FRAMES or not all(first for first, _ in spans):
        return segment
    ours, theirs = (
        side.pooled_luma[np.append(first - 1, np.linspace(first, last - 1, count).astype(np.intp))]
        for side, (first, last) in zip((a, b), spans, strict=True)
    )
    frozen = recognise_frozen(ours, theirs, 1, count + 1)
    return replace(segment, kind=frozen) if frozen else segment


def _measure_motion(side: Floats, first: int, last: int) -> float:
    """Return the median over the frames of a span of the mean levels between neighbours."""
    return float(np.median(np.abs(np.diff(side[first:last], axis=0)).mean(axis=1)))
