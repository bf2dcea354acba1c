"""What a comparison says in words: what happened, when, how long; what is true of the pair as a whole."""

import math
from collections.abc import Sequence
from typing import Any

LETTERS = {"equal": "", "changed": "C", "inserted": "I", "deleted": "D", "moved": "M"}
REPLACED = 1.0  # the distance of footage that has nothing to do with what stood there
WHOLE = 0.85  # a box that covers more than this is the whole picture
ALMOST = 99.9  # percent, the most that is told while something differs
Interval = Sequence[float]
Segment = dict[str, Any]
Script = dict[str, Any]


def title(segment: Segment) -> str:
    """What happened in one segment, where in the picture, and how long it lasts."""
    a, b = _length(segment["a"]), _length(segment["b"])
    match segment["op"]:
        case "inserted":
            return f"Inserted, {seconds(b)}"
        case "deleted":
            return f"Deleted, {seconds(a)}"
        case "moved":
            return f"Moved{' and changed' if segment['regions'] else ''}, {seconds(b)}"
        case "changed":
            return f"{_changed_where(segment['regions'], segment['distance'])}, {seconds(b)}"
    return f"Equal, {seconds(b)}"


def times(segment: Segment) -> str:
    """Where a segment lies on either side."""
    match segment["op"]:
        case "inserted":
            return f"{between(segment['b'])} in B"
        case "deleted":
            return f"{between(segment['a'])} in A"
        case "moved":
            return f"{between(segment['a'])} in A, now at {clock(segment['b'][0])} in B"
    return f"{between(segment['a'])} in A\u00a0· {between(segment['b'])} in B"


def between(interval: Interval) -> str:
    return f"{clock(interval[0])} – {clock(interval[1])}"


def summary(script: Script) -> str:
    """How the lengths differ."""
    gap = script["duration_b"] - script["duration_a"]
    if abs(gap) < 0.05:
        return "Both are equally long"
    return f"B is {seconds(abs(gap))} {'longer' if gap > 0 else 'shorter'}"


def percent(similarity: float, differing: int) -> str:
    """How much is the same, in tenths; never all of it while something differs."""
    return f"{math.floor((min(similarity, ALMOST) if differing else similarity) * 10 + 0.5) / 10:.1f}"


def nothing_differs(stored: Script) -> str:
    """What is true where no difference is shown of a stored script, at whatever threshold that is."""
    facts = ", ".join(transform(each) for each in stored["transforms"])
    if stored["differing_segments"] or stored.get("mode") == "interval":
        said = f"No {'other ' if facts else ''}difference at this threshold."
    else:
        said = "Nothing else differs." if facts else "Both show the same pictures throughout."
    return f"Throughout: {facts}. {said}" if facts else said


def transform(one: dict[str, Any]) -> str:
    """One thing that is true of B as a whole, told against A. See videos.diff.transforms for the values."""
    value = one.get("value")
    match one["kind"]:
        case "mirror":
            return {"vertical": "Upside down", "both": "Turned upside down"}.get(str(value), "Mirrored")
        case "grade":
            return "Graded"
        case "letterbox":
            return "A is letterboxed" if _side(value) == "a" else "Letterboxed"
        case "crop":
            return _cropped(value)
        case "speed":
            return f"Speed {value:.4f}".rstrip("0").rstrip(".") + "\u00a0×"
    return str(one["kind"]).capitalize()


def _side(value: Any) -> str:
    return str(value.get("side", "")) if isinstance(value, dict) else ""


def _cropped(value: Any) -> str:
    """Of the side that `value` names, the other one shows a box: so that one is cropped, to that share of its edges."""
    if not isinstance(value, dict):
        return "Cropped"
    kept = f"ropped to {100 * math.sqrt(value['width'] * value['height']):.0f} %"
    return f"A is c{kept}" if _side(value) == "b" else f"C{kept}"


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
    """A length in tenths, or in hundredths below one second; a half goes up, as it does in the page's scripts."""
    if length >= 0.95:
        return f"{math.floor(length * 10 + 0.5) / 10:.1f} s"
    return f"{math.floor(length * 100 + 0.5) / 100:.2f} s"


def _length(interval: Interval | None) -> float:
    return interval[1] - interval[0] if interval else 0.0


def _changed_where(regions: list[dict[str, float]], distance: float | None) -> str:
    if distance == REPLACED:  # those of vectors may be larger, and say no more than how far apart they are
        return "Replaced"
    if not regions:
        return "Changed"
    if regions[0]["width"] * regions[0]["height"] > WHOLE:
        return "Whole picture changed"
    box = max(regions, key=lambda region: region["width"] * region["height"])
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    row = "top" if y < 0.36 else "bottom" if y > 0.64 else ""
    column = "left" if x < 0.36 else "right" if x > 0.64 else ""
    where = " ".join(word for word in (row, column) if word) or "centre"
    more = f" and {len(regions) - 1} more" if len(regions) > 1 else ""
    return f"Changed, {where}{more}"
