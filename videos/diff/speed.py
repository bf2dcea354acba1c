"""How fast one video runs against the other: over all, which is one fact about the pair, or over a part of it."""

from dataclasses import replace
from itertools import pairwise

from videos.diff.outline import Part

SAME_SPEED = 0.004  # by which two slopes may differ, as a share
LEAST_DRIFT_FRAMES = 2.0  # over the whole, from which another speed is worth telling
BY_FAR = 9.0  # times the seconds that were kept at the same speed
DIGITS = 4


def usual_slope(parts: list[Part]) -> float:
    """The slope at which most by far of what was kept runs; else 1."""
    kept = [part for part in parts if part.kind == "kept"]
    if not kept:
        return 1.0

    def weight(part: Part) -> tuple[float, float]:
        return sum(_seconds(each) for each in kept if _alike(part, each)), _seconds(part)

    slope = max(kept, key=weight).line.slope
    same = sum(_seconds(part) for part in kept if abs(part.line.slope - 1) <= SAME_SPEED)
    return slope if sum(_seconds(part) for part in kept) > (1 + BY_FAR) * same else 1.0


def told(slope: float, seconds: float, frame: float) -> list[dict[str, object]]:
    """The transform that a usual slope stands for: how many times as fast B runs."""
    if abs(slope - 1) * seconds < LEAST_DRIFT_FRAMES * frame:
        return []
    return [{"kind": "speed", "value": round(1 / slope, DIGITS)}]


def paced(parts: list[Part], slope: float) -> list[Part]:
    """Parts, those kept at another speed than the usual one marked as such, and made one where they continue."""
    marked = [
        replace(part, kind="paced") if part.kind == "kept" and abs(part.line.slope / slope - 1) > SAME_SPEED else part
        for part in parts
    ]
    joined = marked[:1]
    for before, part in pairwise(marked):
        last = joined[-1]
        follows = before.kind == part.kind == "paced" and last.a and last.b and part.a and part.b
        if follows and last.a and last.b and part.a and part.b and last.a[1] == part.a[0] and last.b[1] == part.b[0]:
            joined[-1] = replace(last, a=(last.a[0], part.a[1]), b=(last.b[0], part.b[1]))
        else:
            joined.append(part)
    return joined


def _seconds(part: Part) -> float:
    return part.a[1] - part.a[0] if part.a else 0.0


def _alike(one: Part, other: Part) -> bool:
    return abs(one.line.slope / other.line.slope - 1) <= SAME_SPEED
