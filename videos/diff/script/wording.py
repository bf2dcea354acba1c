"""Describe the segments and the transforms of an edit script in words.

`static/videos/compare/wording.js` holds the same words; a browser test keeps the two equal.
"""

import math
from collections.abc import Sequence

from videos.diff.script.stored import (
    FrameBox,
    ScriptFacts,
    ShownSegment,
    StoredScript,
    StoredSegment,
    StoredTransform,
    StoredWarp,
)

LETTERS = {"equal": "", "changed": "C", "inserted": "I", "deleted": "D", "moved": "M"}
REPLACED = 1.0  # distance of footage that shares nothing with the other side
SHOT_FROM = 0.25  # seconds; a shorter segment consists of frames and is no shot
FRAME_VERBS = {"deleted": "dropped", "inserted": "inserted", "moved": "moved"}  # of a few frames
WHOLE = 0.85  # share of the frame; a larger box counts as the whole picture
ALMOST = 99.9  # percent, the highest similarity shown while something differs
KIND_TITLES = {
    "text_or_logo_added": "Logo or text added",
    "text_or_logo_removed": "Logo or text removed",
    "text_changed": "Text changed",
    "replaced": "Replaced",
    "regraded": "Colours changed",
    "softer": "Softer",
    "sharper": "Sharper",
    "noisier": "Noisier",
    "pixelated": "Pixelated",
    "mirrored": "Mirrored",
    "reframed": "Reframed",
    "negated": "Negative",
    "grey": "Without colour",
    "frozen": "Frozen",
    "retimed": "Speed changed",
    "transition": "Transition changed",
    "glitch": "Glitch",
}
MIDDLE_FROM, MIDDLE_TO = 0.36, 0.64  # shares of the frame; a box with its centre between them is in the middle
RECOLOURED = {"negative": "Negative", "grey": "Without colour", "coloured": "A is without colour"}
ENCODINGS = {
    "601_to_709": "Wrong colour matrix (BT.709 shown as BT.601)",
    "709_to_601": "Wrong colour matrix (BT.601 shown as BT.709)",
    "limited_to_full": "Wrong colour range (full shown as limited)",
    "full_to_limited": "Wrong colour range (limited shown as full)",
}
Interval = Sequence[float]
Segment = StoredSegment
Script = StoredScript


def title(segment: StoredSegment) -> str:
    """Return what happened in a segment, where in the picture, and how long the segment lasts."""
    a, b = _length(segment["a"]), _length(segment["b"])
    if count := segment.get("frames"):
        verb = "doubled" if segment.get("kind") == "doubled_frames" else FRAME_VERBS[segment["op"]]
        return f"{count} frame{'s' if count > 1 else ''} {verb}, {seconds(max(a, b))}"
    noun = "frames" if max(a, b) < SHOT_FROM else "shot"
    match segment["op"]:
        case "inserted":
            return f"New {noun}, {seconds(b)}"
        case "deleted":
            return f"Removed {noun}, {seconds(a)}"
        case "moved":
            return f"Moved{' and changed' if segment['regions'] else ''} {noun}, {seconds(b)}"
        case "changed":
            return f"{_changed_where(segment)}, {seconds(b)}"
    return f"Same, {seconds(b)}"


def times(segment: ShownSegment) -> str:
    """Return the place of a segment on both sides."""
    a, b = segment["a"], segment["b"]
    if not a:
        return f"{between(b)} in B, {_after(segment['follows'], 'A')}" if b else ""
    if not b:
        return f"{between(a)} in A, {_after(segment['follows'], 'B')}"
    if segment["op"] == "moved":
        return f"{between(a)} in A, now at {clock(b[0])} in B"
    return f"{between(a)} in A\u00a0· {between(b)} in B"


def absence(segment: StoredSegment, letter: str) -> str:
    """Return what to show in place of the picture of the side that has no part in a segment."""
    also_at = segment.get("also_at")
    return f"Not in {letter}" if also_at is None else f"In {letter} at {clock(also_at)}"


def _after(at: float | None, letter: str) -> str:
    return f"after {clock(at)} in {letter}" if at else f"before the start of {letter}"


def between(interval: Interval) -> str:
    """Return the start and the end of an interval as clock times."""
    return f"{clock(interval[0])} – {clock(interval[1])}"


def summary(script: ScriptFacts) -> str:
    """Return how much longer or shorter B is than A."""
    gap = script["duration_b"] - script["duration_a"]
    if abs(gap) < 0.05:
        return "Both have the same length"
    return f"B is {seconds(abs(gap))} {'longer' if gap > 0 else 'shorter'}"


def percent(similarity: float, differing: int) -> str:
    """Return the similarity in percent with one digit; below 100 while there are differences."""
    return f"{math.floor((min(similarity, ALMOST) if differing else similarity) * 10 + 0.5) / 10:.1f}"


def nothing_differs(stored: ScriptFacts) -> str:
    """Return the text for an empty list of differences of a stored script, at any threshold."""
    facts = ", ".join(transform(each) for each in stored["transforms"])
    if stored["differing_segments"] or stored.get("mode") == "interval":
        rest = f"No {'other ' if facts else ''}differences at this sensitivity."
    else:
        rest = "Nothing else differs." if facts else "Both videos look the same throughout."
    return f"Throughout: {facts}. {rest}" if facts else rest


def transform(fact: StoredTransform) -> str:
    """Return one difference of B as a whole from A."""
    if fact["kind"] == "mirror":
        return {"vertical": "Flipped vertically", "both": "Rotated 180°"}.get(fact["value"], "Mirrored")
    if fact["kind"] == "speed":
        return f"Speed {fact['value']:.4f}".rstrip("0").rstrip(".") + "\u00a0×"
    if fact["kind"] == "crop":
        return _cropped(fact["value"])
    if fact["kind"] == "letterbox":
        return "A is letterboxed" if fact["value"]["side"] == "a" else "Letterboxed"
    if fact["kind"] == "inset":
        return "A is a picture in picture" if fact["value"]["side"] == "a" else "Picture in picture"
    if fact["kind"] == "rotation":
        return _rotated(fact["value"])
    if fact["kind"] == "lens":
        return "Other lens distortion"
    if fact["kind"] == "recolour":
        return RECOLOURED.get(fact["value"]) or f"Colour channels exchanged (RGB from {fact['value'].upper()})"
    if fact["kind"] == "colour_matrix" or fact["kind"] == "colour_range":
        return ENCODINGS[fact["value"]]
    return "Colour graded"


def _rotated(warp: StoredWarp) -> str:
    """Return by how many degrees B is rotated."""
    angle = warp["angle"] if warp["side"] == "b" else -warp["angle"]
    digits = f"{abs(angle):.1f}".removesuffix(".0")
    return f"Rotated {digits}° {'clockwise' if angle > 0 else 'anticlockwise'}"


def _cropped(box: FrameBox) -> str:
    """Return which side is cropped, and to how much of its width and height.

    The side that `box` names is not cropped: the other side shows only this box of it.
    """
    share = f"{100 * math.sqrt(box['width'] * box['height']):.0f} %"
    return f"A is cropped to {share}" if box["side"] == "b" else f"Cropped to {share}"


def clock(at: float, digits: int = 2) -> str:
    """Return seconds as `m:ss.cc`, or as `h:mm:ss.cc` from one hour on."""
    scale = 10**digits
    units = math.floor(at * scale + 0.5)
    whole, part = divmod(units, scale)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    tail = f".{part:0{digits}d}" if digits else ""
    return f"{hours}:{minute:02d}:{second:02d}{tail}" if hours else f"{minute}:{second:02d}{tail}"


def seconds(length: float) -> str:
    """Return a duration in tenths of a second, or in hundredths below one second.

    Halves round up, as they do in JavaScript.
    """
    if length >= 0.95:
        return f"{math.floor(length * 10 + 0.5) / 10:.1f} s"
    return f"{math.floor(length * 100 + 0.5) / 100:.2f} s"


def _length(interval: Interval | None) -> float:
    return interval[1] - interval[0] if interval else 0.0


def _changed_where(segment: StoredSegment) -> str:
    regions, texts = segment["regions"], segment.get("texts")
    if texts and segment.get("kind") == "text_changed":
        return f"Text changed, “{texts[0]}” → “{texts[1]}”"
    changed = KIND_TITLES.get(segment.get("kind") or "", "Changed")
    if segment["distance"] == REPLACED:  # distances of embeddings can exceed 1 and do not mean a replacement
        return "Replaced shot"
    if not regions:
        return changed
    if regions[0]["width"] * regions[0]["height"] > WHOLE:
        return "Changed, whole picture" if changed == "Changed" else changed
    box = max(regions, key=lambda region: region["width"] * region["height"])
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    row = "top" if y < MIDDLE_FROM else "bottom" if y > MIDDLE_TO else ""
    column = "left" if x < MIDDLE_FROM else "right" if x > MIDDLE_TO else ""
    where = " ".join(word for word in (row, column) if word) or "centre"
    others = len(regions) - 1
    more = f" and {others} more area{'s' if others > 1 else ''}" if others else ""
    return f"{changed}, {where}{more}"
