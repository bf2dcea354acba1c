"""The edit script: ordered segments that say how one video became the other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Op = Literal["equal", "changed", "inserted", "deleted", "moved"]
Severity = Literal["low", "medium", "high"]
Span = tuple[float, float]

MEDIUM_FROM = 1.5  # distance over threshold
HIGH_FROM = 3.0
MEDIUM_SHARE = 0.02  # inserted, deleted or moved time over the longer video's duration
HIGH_SHARE = 0.10
ALMOST = 99.99  # percent, the most that is the same while something differs
DIGITS = 6  # a microsecond, well under any frame


@dataclass(frozen=True, slots=True)
class Region:
    """A box in fractions of the frame as displayed, from the top left."""

    x: float
    y: float
    width: float
    height: float

    def as_dict(self) -> dict[str, float]:
        return {name: round(getattr(self, name), 4) for name in ("x", "y", "width", "height")}


def region_of(row: dict[str, float]) -> Region:
    """What `Region.as_dict` made plain."""
    return Region(row["x"], row["y"], row["width"], row["height"])


@dataclass(frozen=True, slots=True)
class Segment:
    """What happened to a half-open span of seconds on either side; None where a side has no part in it."""

    op: Op
    a: Span | None
    b: Span | None
    distance: float | None = None
    regions: tuple[Region, ...] = ()
    picture_at: tuple[float | None, float | None] | None = None

    @property
    def seconds(self) -> float:
        """The longer of the two spans."""
        return max((end - start for start, end in filter(None, (self.a, self.b))), default=0.0)

    def severity(self, threshold: float, longest: float) -> Severity | None:
        if self.op == "equal":
            return None
        if self.op == "changed":
            ratio = round((self.distance or 0.0) / threshold, DIGITS)
            return "low" if ratio < MEDIUM_FROM else "medium" if ratio < HIGH_FROM else "high"
        share = self.seconds / longest
        return "low" if share < MEDIUM_SHARE else "medium" if share < HIGH_SHARE else "high"


@dataclass(frozen=True, slots=True)
class Script:
    """Segments that cover both timelines completely, in B's order; a deleted one stands after its neighbour in A."""

    duration_a: float
    duration_b: float
    threshold: float
    segments: Sequence[Segment]
    transforms: Sequence[dict[str, object]] = field(default_factory=list)

    @property
    def similarity_percent(self) -> float:
        """Share of both timelines that is equal; never all of it while something differs."""
        total = self.duration_a + self.duration_b
        equal = sum(
            end - start
            for segment in self.segments
            if segment.op == "equal"
            for start, end in filter(None, (segment.a, segment.b))
        )
        most = ALMOST if self.differing_segments else 100.0
        return min(most, 100.0 * equal / total) if total > 0 else most

    @property
    def differing_segments(self) -> int:
        return sum(segment.op != "equal" for segment in self.segments)

    def as_dict(self) -> dict[str, object]:
        """Plain types that can be stored as JSON."""
        longest = max(self.duration_a, self.duration_b)
        return {
            "duration_a": round(self.duration_a, DIGITS),
            "duration_b": round(self.duration_b, DIGITS),
            "transforms": list(self.transforms),
            "threshold": round(self.threshold, DIGITS),
            "similarity_percent": round(self.similarity_percent, 2),
            "total_segments": len(self.segments),
            "differing_segments": self.differing_segments,
            "segments": [self._segment(segment, longest) for segment in self.segments],
        }

    def _segment(self, segment: Segment, longest: float) -> dict[str, object]:
        row: dict[str, object] = {
            "op": segment.op,
            "a": _span(segment.a),
            "b": _span(segment.b),
            "distance": None if segment.distance is None else round(segment.distance, DIGITS),
            "severity": segment.severity(self.threshold, longest),
            "regions": [region.as_dict() for region in segment.regions],
        }
        if segment.picture_at is not None:
            row["picture_at"] = [None if at is None else round(at, DIGITS) for at in segment.picture_at]
        return row


def _span(span: Span | None) -> list[float] | None:
    return None if span is None else [round(span[0], DIGITS), round(span[1], DIGITS)]
