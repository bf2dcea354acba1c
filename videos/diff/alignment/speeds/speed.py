"""Find how fast one video runs against the other: overall, which is one fact about the pair, or over a part of it."""

from dataclasses import replace
from itertools import pairwise

from videos.diff.alignment.outline import MatchedPart, Part
from videos.diff.script.stored import StoredTransform

SLOPE_TOLERANCE = 0.004  # share; slopes that differ by less are the same speed
MIN_DRIFT_FRAMES = 2.0  # frames over the whole video; with less drift, no speed is reported
RETIMED_MAJORITY = 9.0  # ratio of the seconds at another speed to those at the same speed, from which it is typical
DIGITS = 4


def find_typical_slope(parts: list[Part]) -> float:
    """Return the slope of the large majority of the kept seconds, else 1."""
    kept = [part for part in parts if isinstance(part, MatchedPart) and part.kind == "kept"]
    if not kept:
        return 1.0

    def weight(part: MatchedPart) -> tuple[float, float]:
        return sum(each.seconds for each in kept if _has_same_slope(part, each)), part.seconds

    slope = max(kept, key=weight).time_map.slope
    same = sum(part.seconds for part in kept if abs(part.time_map.slope - 1) <= SLOPE_TOLERANCE)
    return slope if sum(part.seconds for part in kept) > (1 + RETIMED_MAJORITY) * same else 1.0


def describe_speed(slope: float, seconds: float, frame: float) -> list[StoredTransform]:
    """Return the transform for a typical slope: how many times as fast B runs. Empty if the drift is negligible.

    `seconds` is the duration of A, `frame` the longer frame duration of the two.
    """
    if abs(slope - 1) * seconds < MIN_DRIFT_FRAMES * frame:
        return []
    return [{"kind": "speed", "value": round(1 / slope, DIGITS)}]


def mark_retimed(parts: list[Part], slope: float) -> list[Part]:
    """Mark the kept parts whose speed is not the typical one as retimed, and join those that are adjacent."""
    marked = [
        replace(part, kind="retimed") if isinstance(part, MatchedPart) and _is_retimed(part, slope) else part
        for part in parts
    ]
    joined = marked[:1]
    for before, part in pairwise(marked):
        last = joined[-1]
        if (
            isinstance(before, MatchedPart)
            and isinstance(last, MatchedPart)
            and isinstance(part, MatchedPart)
            and before.kind == part.kind == "retimed"
            and (last.a[1], last.b[1]) == (part.a[0], part.b[0])
        ):
            joined[-1] = replace(last, a=(last.a[0], part.a[1]), b=(last.b[0], part.b[1]))
        else:
            joined.append(part)
    return joined


def _is_retimed(part: MatchedPart, slope: float) -> bool:
    return part.kind == "kept" and abs(part.time_map.slope / slope - 1) > SLOPE_TOLERANCE


def _has_same_slope(one: MatchedPart, other: MatchedPart) -> bool:
    return abs(one.time_map.slope / other.time_map.slope - 1) <= SLOPE_TOLERANCE
