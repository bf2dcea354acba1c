"""Score a script against the truth."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tests.benchmarks.generated.cases import Case, TrueSegment
from tests.benchmarks.generated.edits import Box

Span = tuple[float, float]
SIDES = ("a", "b")


@dataclass
class Score:
    """The score of one case.

    Seconds count both timelines. Boundary errors are in seconds, boxes as intersection over union.
    """

    base: str
    edit: str
    correct_seconds: float = 0.0
    reported_seconds: float = 0.0
    true_seconds: float = 0.0
    total_seconds: float = 0.0
    ops_correct: int = 0
    ops: int = 0
    boundary_errors: list[float] = field(default_factory=list)
    boundary_frames: list[float] = field(default_factory=list)
    boxes: list[float] = field(default_factory=list)
    transforms_correct: bool = True
    seconds: float = 0.0
    failed: str = ""

    @property
    def f1(self) -> float:
        """Return the F1 of the seconds reported as different. It is 1 if nothing differs and nothing was reported."""
        if self.failed:
            return 0.0
        if self.reported_seconds + self.true_seconds == 0:
            return 1.0
        return 2 * self.correct_seconds / (self.reported_seconds + self.true_seconds)

    @property
    def false_alarm(self) -> float:
        """Return the share of unchanged time reported as different. It is 1 after a failure."""
        if self.failed:
            return 1.0
        same = self.total_seconds - self.true_seconds
        return (self.reported_seconds - self.correct_seconds) / same if same else 0.0


def judge(
    case: Case, segments: list[dict] | None, seconds: float = 0.0, frame: float = 0.04, transforms: Sequence[str] = ()
) -> Score:
    """Score `segments` of a script, or None after a crash, and the kinds of `transforms`."""
    score = Score(case.base, case.edit, seconds=seconds, total_seconds=sum(case.durations), ops=len(case.truth))
    score.transforms_correct = sorted(transforms) == sorted(case.transforms)
    if not segments:
        score.failed = "no result"
        score.transforms_correct = False
        score.true_seconds = sum(_seconds(_spans(case.truth, side)) for side in SIDES)
        score.boxes = [0.0 for true_segment in case.truth if true_segment.box]
        return score
    differing = [segment for segment in segments if segment["op"] != "equal"]
    for side in SIDES:
        reported = sorted(tuple(segment[side]) for segment in differing if segment[side])
        true = _spans(case.truth, side)
        score.reported_seconds += _seconds(reported)
        score.true_seconds += _seconds(true)
        score.correct_seconds += sum(_overlap(one, other) for one in reported for other in true)
    for true_segment in case.truth:
        found = max(
            differing, key=lambda segment, true_segment=true_segment: _shared(segment, true_segment), default=None
        )
        hit = found is not None and _shared(found, true_segment) > 0
        score.ops_correct += hit and found["op"] == true_segment.op
        _measure_boundaries(score, true_segment, differing, frame)
        if true_segment.box:
            score.boxes.append(
                max((_iou(region, true_segment.box) for region in found["regions"]), default=0.0) if hit else 0.0
            )
    return score


def _spans(truth: tuple[TrueSegment, ...], side: str) -> list[Span]:
    return [span for true_segment in truth if (span := getattr(true_segment, side))]


def _seconds(spans: list[Span]) -> float:
    return sum(end - start for start, end in spans)


def _overlap(one: Span, other: Span) -> float:
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))


def _shared(segment: dict, true_segment: TrueSegment) -> float:
    return sum(
        _overlap(segment[side], getattr(true_segment, side))
        for side in SIDES
        if segment[side] and getattr(true_segment, side)
    )


def _measure_boundaries(score: Score, true_segment: TrueSegment, differing: list[dict], frame: float) -> None:
    """Add the distance of each true boundary to the nearest reported one on the same side."""
    for side in SIDES:
        span = getattr(true_segment, side)
        if not span:
            continue
        reported = np.array([moment for segment in differing if segment[side] for moment in segment[side]])
        for moment in span:
            off = float(np.abs(reported - moment).min()) if len(reported) else span[1] - span[0]
            score.boundary_errors.append(off)
            score.boundary_frames.append(off / frame)


def _iou(region: dict, box: Box) -> float:
    x, y, width, height = box
    left, top = max(x, region["x"]), max(y, region["y"])
    right = min(x + width, region["x"] + region["width"])
    bottom = min(y + height, region["y"] + region["height"])
    shared = max(0.0, right - left) * max(0.0, bottom - top)
    return shared / (width * height + region["width"] * region["height"] - shared)
