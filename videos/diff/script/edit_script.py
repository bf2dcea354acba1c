"""The edit script: ordered segments that describe how one video became the other."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from videos.diff.script.kinds import ChangeKind
from videos.diff.script.stored import (
    KindName,
    Op,
    Severity,
    SideName,
    StoredRegion,
    StoredScript,
    StoredSegment,
    StoredSpan,
    StoredTransform,
)

Span = tuple[float, float]  # start and end in seconds, half-open
Moments = tuple[float | None, float | None]  # seconds in A and in B

MEDIUM_FROM = 1.5  # ratio of distance to threshold from which a change is of medium severity
HIGH_FROM = 3.0  # ratio of distance to threshold from which a change is of high severity
MEDIUM_SHARE = 0.02  # share of the longer video from which inserted, deleted or moved footage is of medium severity
HIGH_SHARE = 0.10  # share of the longer video from which it is of high severity
MAX_SIMILARITY = 99.99  # percent; the highest similarity while something differs
FRAMES_CONFIDENCE = 0.9  # confidence that a few frames were dropped or doubled
DIGITS = 6  # of seconds and distances: a microsecond is well below any frame duration
BOX_DIGITS = 4  # of fractions of a frame


@dataclass(frozen=True, slots=True)
class Region:
    """A box in fractions of the displayed frame, from the top left.

    `keyframes` are the boxes of a change that moves, in order; the region is their union then.
    """

    x: float
    y: float
    width: float
    height: float
    keyframes: tuple["Keyframe", ...] = ()

    def as_dict(self) -> StoredRegion:
        row: StoredRegion = {
            "x": round(self.x, BOX_DIGITS),
            "y": round(self.y, BOX_DIGITS),
            "width": round(self.width, BOX_DIGITS),
            "height": round(self.height, BOX_DIGITS),
        }
        if self.keyframes:
            row["keyframes"] = [each.as_list() for each in self.keyframes]
        return row


@dataclass(frozen=True, slots=True)
class Keyframe:
    """The box of a moving change at a moment, in seconds of the side whose frame it is a part of."""

    seconds: float
    box: Region

    def as_list(self) -> list[float]:
        box = self.box
        return [
            round(self.seconds, DIGITS),
            *(round(each, BOX_DIGITS) for each in (box.x, box.y, box.width, box.height)),
        ]


def join_keyframes(keyframes: Sequence[Keyframe]) -> Region:
    """Return the union of the boxes with the keyframes, of which there is at least one."""
    return replace(join_regions([each.box for each in keyframes]), keyframes=tuple(keyframes))


def join_regions(regions: Sequence[Region]) -> Region:
    """Return the box around regions, of which there is at least one."""
    left, top = min(each.x for each in regions), min(each.y for each in regions)
    right, bottom = max(each.x + each.width for each in regions), max(each.y + each.height for each in regions)
    return Region(left, top, right - left, bottom - top)


def parse_region(row: StoredRegion) -> Region:
    """Return the region that `Region.as_dict` stored."""
    keyframes = tuple(
        Keyframe(seconds, Region(x, y, width, height)) for seconds, x, y, width, height in row.get("keyframes", ())
    )
    return Region(row["x"], row["y"], row["width"], row["height"], keyframes)


@dataclass(frozen=True, slots=True)
class MatchedSegment:
    """A span of A that corresponds to a span of B. `picture_at` are the moments of its pictures, if it has any.

    `frames` counts the frames of a moved span that has only a few.
    """

    op: Literal["equal", "changed", "moved"]
    a: Span
    b: Span
    distance: float | None = None
    regions: tuple[Region, ...] = ()
    picture_at: Moments | None = None
    kind: ChangeKind | None = None
    frames: int = 0

    @property
    def spans(self) -> tuple[Span | None, Span | None]:
        return self.a, self.b

    @property
    def seconds(self) -> float:
        """The longer of the two durations."""
        return max(self.a[1] - self.a[0], self.b[1] - self.b[0])


@dataclass(frozen=True, slots=True)
class OneSidedSegment:
    """A span of one side that the other side lacks: deleted if the side is A, inserted if it is B.

    `also_at` is the second at which the other side shows the same footage elsewhere, if it does. `frames` counts the
    frames of a span that has only a few; `repeats` tells that they are the same as the one before or after.
    """

    side: SideName
    span: Span
    picture_at: Moments | None = None
    also_at: float | None = None
    frames: int = 0
    repeats: bool = False

    @property
    def kind(self) -> ChangeKind | None:
        if not self.frames or (self.side == "b" and not self.repeats):
            return None
        return ChangeKind("dropped_frames" if self.side == "a" else "doubled_frames", FRAMES_CONFIDENCE)

    @property
    def op(self) -> Literal["inserted", "deleted"]:
        return "deleted" if self.side == "a" else "inserted"

    @property
    def spans(self) -> tuple[Span | None, Span | None]:
        return (self.span, None) if self.side == "a" else (None, self.span)

    @property
    def seconds(self) -> float:
        return self.span[1] - self.span[0]


Segment = MatchedSegment | OneSidedSegment


def restore_times(segment: Segment, factors: tuple[float, float]) -> Segment:
    """Return a segment whose times were multiplied by a factor for A and one for B, in the times of the videos."""
    of_a, of_b = factors
    at = segment.picture_at
    moments = at and (None if at[0] is None else at[0] / of_a, None if at[1] is None else at[1] / of_b)
    if isinstance(segment, MatchedSegment):
        a, b = ((span[0] / factor, span[1] / factor) for span, factor in ((segment.a, of_a), (segment.b, of_b)))
        regions = tuple(_restore_keyframes(region, of_b) for region in segment.regions)
        return replace(segment, a=a, b=b, picture_at=moments, regions=regions)
    own, other = (of_a, of_b) if segment.side == "a" else (of_b, of_a)
    also_at = None if segment.also_at is None else segment.also_at / other
    return replace(segment, span=(segment.span[0] / own, segment.span[1] / own), picture_at=moments, also_at=also_at)


def _restore_keyframes(region: Region, factor: float) -> Region:
    return replace(region, keyframes=tuple(replace(each, seconds=each.seconds / factor) for each in region.keyframes))


def parse_segment(row: StoredSegment) -> Segment:
    """Return the segment that a script stored, without its pictures. Raises ValueError if it has no span."""
    a, b = row["a"], row["b"]
    if a and b and (row["op"] == "equal" or row["op"] == "changed" or row["op"] == "moved"):
        regions = tuple(parse_region(region) for region in row["regions"])
        return MatchedSegment(row["op"], (a[0], a[1]), (b[0], b[1]), row["distance"], regions)
    if a:
        return OneSidedSegment("a", (a[0], a[1]), also_at=row.get("also_at"))
    if b:
        return OneSidedSegment("b", (b[0], b[1]), also_at=row.get("also_at"))
    raise ValueError("The segment has no span on either side.")


def rate_severity(segment: Segment, threshold: float, longest: float) -> Severity | None:
    """Return the severity of a segment, None if it is equal. `longest` is the duration of the longer video."""
    if segment.op == "equal":
        return None
    if isinstance(segment, MatchedSegment) and segment.op == "changed":
        ratio = round((segment.distance or 0.0) / threshold, DIGITS)
        return "low" if ratio < MEDIUM_FROM else "medium" if ratio < HIGH_FROM else "high"
    share = segment.seconds / longest
    return "low" if share < MEDIUM_SHARE else "medium" if share < HIGH_SHARE else "high"


@dataclass(frozen=True, slots=True)
class Script:
    """Segments that cover both timelines completely, in B's order; a deleted segment follows its neighbour in A."""

    duration_a: float
    duration_b: float
    threshold: float
    segments: Sequence[Segment]
    transforms: Sequence[StoredTransform] = field(default_factory=list)

    @property
    def similarity_percent(self) -> float:
        """The equal share of both timelines, below 100 while something differs."""
        total = self.duration_a + self.duration_b
        equal = sum(
            end - start
            for segment in self.segments
            if segment.op == "equal"
            for start, end in filter(None, segment.spans)
        )
        most = MAX_SIMILARITY if self.differing_segments else 100.0
        return min(most, 100.0 * equal / total) if total > 0 else most

    @property
    def differing_segments(self) -> int:
        return sum(segment.op != "equal" for segment in self.segments)

    def as_dict(self) -> StoredScript:
        """Return the script in plain types that can be stored as JSON."""
        longest = max(self.duration_a, self.duration_b)
        return {
            "duration_a": round(self.duration_a, DIGITS),
            "duration_b": round(self.duration_b, DIGITS),
            "transforms": list(self.transforms),
            "threshold": round(self.threshold, DIGITS),
            "similarity_percent": round(self.similarity_percent, 2),
            "total_segments": len(self.segments),
            "differing_segments": self.differing_segments,
            "segments": [self._store_segment(segment, longest) for segment in self.segments],
        }

    def _store_segment(self, segment: Segment, longest: float) -> StoredSegment:
        a, b = segment.spans
        distance, regions = (segment.distance, segment.regions) if isinstance(segment, MatchedSegment) else (None, ())
        kind, confidence = _store_kind(segment)
        op: Op = segment.op
        row: StoredSegment = {
            "op": op,
            "a": _store_span(a),
            "b": _store_span(b),
            "distance": None if distance is None else round(distance, DIGITS),
            "severity": rate_severity(segment, self.threshold, longest),
            "kind": kind,
            "confidence": confidence,
            "regions": [region.as_dict() for region in regions],
        }
        if segment.picture_at is not None:
            row["picture_at"] = [None if at is None else round(at, DIGITS) for at in segment.picture_at]
        if isinstance(segment, OneSidedSegment) and segment.also_at is not None:
            row["also_at"] = round(segment.also_at, DIGITS)
        if segment.frames:
            row["frames"] = segment.frames
        return row


def _store_kind(segment: Segment) -> tuple[KindName, float] | tuple[None, None]:
    return (None, None) if segment.op == "equal" or segment.kind is None else segment.kind.stored


def _store_span(span: Span | None) -> StoredSpan | None:
    return None if span is None else [round(span[0], DIGITS), round(span[1], DIGITS)]
