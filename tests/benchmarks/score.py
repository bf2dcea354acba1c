"""How right a script is against what was really done."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tests.benchmarks.cases import Case, Told
from tests.benchmarks.edits import Box

Span = tuple[float, float]
SIDES = ("a", "b")


@dataclass
class Score:
    """One case. Seconds are of both timelines together; borders in seconds off; boxes as intersection over union."""

    base: str
    edit: str
    right_seconds: float = 0.0
    told_seconds: float = 0.0
    true_seconds: float = 0.0
    total_seconds: float = 0.0
    ops_right: int = 0
    ops: int = 0
    borders: list[float] = field(default_factory=list)
    frames_off: list[float] = field(default_factory=list)
    boxes: list[float] = field(default_factory=list)
    named: bool = True  # exactly the transforms of the whole pair that there are
    took: float = 0.0
    failed: str = ""

    @property
    def f1(self) -> float:
        """Of the seconds called different; 1 where there was and is nothing to call."""
        if self.failed:
            return 0.0
        if self.told_seconds + self.true_seconds == 0:
            return 1.0
        return 2 * self.right_seconds / (self.told_seconds + self.true_seconds)

    @property
    def false_alarm(self) -> float:
        """Share of the unchanged time that is called different; all of it after a failure."""
        if self.failed:
            return 1.0
        same = self.total_seconds - self.true_seconds
        return (self.told_seconds - self.right_seconds) / same if same else 0.0


def judge(
    case: Case, segments: list[dict] | None, took: float = 0.0, frame: float = 0.04, transforms: Sequence[str] = ()
) -> Score:
    """`segments` as a script has them, None where the run crashed or said nothing; `transforms` as kinds."""
    score = Score(case.base, case.edit, took=took, total_seconds=sum(case.durations), ops=len(case.truth))
    score.named = sorted(transforms) == sorted(case.transforms)
    if not segments:
        score.failed = "no answer"
        score.named = False
        score.true_seconds = sum(_seconds(_spans(case.truth, side)) for side in SIDES)
        score.boxes = [0.0 for told in case.truth if told.box]
        return score
    differing = [segment for segment in segments if segment["op"] != "equal"]
    for side in SIDES:
        told = sorted(tuple(segment[side]) for segment in differing if segment[side])
        true = _spans(case.truth, side)
        score.told_seconds += _seconds(told)
        score.true_seconds += _seconds(true)
        score.right_seconds += sum(_overlap(one, other) for one in told for other in true)
    for told in case.truth:
        found = max(differing, key=lambda segment, told=told: _shared(segment, told), default=None)
        hit = found is not None and _shared(found, told) > 0
        score.ops_right += hit and found["op"] == told.op
        _borders(score, told, differing, frame)
        if told.box:
            score.boxes.append(
                max((_iou(region, told.box) for region in found["regions"]), default=0.0) if hit else 0.0
            )
    return score


def _spans(truth: tuple[Told, ...], side: str) -> list[Span]:
    return [span for told in truth if (span := getattr(told, side))]


def _seconds(spans: list[Span]) -> float:
    return sum(end - start for start, end in spans)


def _overlap(one: Span, other: Span) -> float:
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))


def _shared(segment: dict, told: Told) -> float:
    return sum(_overlap(segment[side], getattr(told, side)) for side in SIDES if segment[side] and getattr(told, side))


def _borders(score: Score, told: Told, differing: list[dict], frame: float) -> None:
    """Distance from each true border to the nearest that was told, on its own side."""
    for side in SIDES:
        span = getattr(told, side)
        if not span:
            continue
        said = np.array([moment for segment in differing if segment[side] for moment in segment[side]])
        for moment in span:
            off = float(np.abs(said - moment).min()) if len(said) else span[1] - span[0]
            score.borders.append(off)
            score.frames_off.append(off / frame)


def _iou(region: dict, box: Box) -> float:
    x, y, width, height = box
    left, top = max(x, region["x"]), max(y, region["y"])
    right = min(x + width, region["x"] + region["width"])
    bottom = min(y + height, region["y"] + region["height"])
    shared = max(0.0, right - left) * max(0.0, bottom - top)
    return shared / (width * height + region["width"] * region["height"] - shared)
