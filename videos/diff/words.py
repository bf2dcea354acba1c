"""What a comparison says in words: titles of segments, times, and how the lengths differ."""

import math
from collections.abc import Sequence
from typing import Any

Script = dict[str, Any]
Segment = dict[str, Any]
Interval = Sequence[float]


def title(segment: Segment) -> str:
    a, b = _length(segment["a"]), _length(segment["b"])
    match segment["op"]:
        case "inserted":
            return f"Inserted, {seconds(b)}"
        case "deleted":
            return f"Deleted, {seconds(a)}"
        case "moved":
            return f"Moved, {seconds(b)}"
        case "changed":
            return f"{_changed_where(segment['regions'])}, {seconds(b)}"
    return f"Equal, {seconds(b)}"


def _changed_where(regions: list[dict[str, float]]) -> str:
    if not regions or regions[0]["width"] * regions[0]["height"] > 0.85:
        return "Whole picture changed"
    box = max(regions, key=lambda region: region["width"] * region["height"])
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    row = "top" if y < 0.36 else "bottom" if y > 0.64 else ""
    column = "left" if x < 0.36 else "right" if x > 0.64 else ""
    where = " ".join(word for word in (row, column) if word) or "centre"
    more = f" and {len(regions) - 1} more" if len(regions) > 1 else ""
    return f"Changed, {where}{more}"


def times(segment: Segment) -> str:
    def words(interval: Interval) -> str:
        return f"{clock(interval[0])} – {clock(interval[1])}"

    match segment["op"]:
        case "inserted":
            return f"{words(segment['b'])} in B"
        case "deleted":
            return f"{words(segment['a'])} in A"
        case "moved":
            return f"{words(segment['a'])} in A, now at {clock(segment['b'][0])} in B"
    return f"{words(segment['a'])} in A\u00a0· {words(segment['b'])} in B"


def summary(script: Script) -> str:
    """How the lengths differ, in words."""
    gap = script["duration_b"] - script["duration_a"]
    if abs(gap) < 0.05:
        return "Both are equally long"
    return f"B is {seconds(abs(gap))} {'longer' if gap > 0 else 'shorter'}"


def clock(at: float, digits: int = 2) -> str:
    """`m:ss.cc`, or `h:mm:ss.cc` past the hour."""
    scale = 10**digits
    units = math.floor(at * scale + 0.5)
    whole, part = divmod(units, scale)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    tail = f".{part:0{digits}d}" if digits else ""
    return f"{hours}:{minute:02d}:{second:02d}{tail}" if hours else f"{minute}:{second:02d}{tail}"


def seconds(length: float) -> str:
    return f"{length:.1f} s" if length >= 0.95 else f"{length:.2f} s"


def _length(interval: Interval | None) -> float:
    return interval[1] - interval[0] if interval else 0.0


def transform(one: dict[str, Any]) -> str:
    """What was done to the whole of B, as one fact."""
    match one["kind"]:
        case "speed":
            return f"Played at {one['value']:g} times the speed"
        case "mirror":
            return "Mirrored" if one["value"] in (True, None, "horizontal") else f"Mirrored, {one['value']}"
        case "crop":
            return "Cropped"
        case "letterbox":
            return "Letterboxed"
    return "Graded"
