"""Derive the script at another threshold from a stored script, without a new measurement.

A stored script is cut as finely as the engine can tell distances apart, and every segment keeps its distance. A segment
that both sides show in place is changed from the threshold on and equal below it. Adjacent equal segments are joined.
"""

from typing import TypedDict

from videos.diff.script.edit_script import Script, parse_segment
from videos.diff.script.kinds import OTHER
from videos.diff.script.stored import KindName, ShownScript, ShownSegment, StoredScript, StoredSegment, StoredSpan

# Kinds that say less of a change than the texts that were read in it.
LESS_THAN_TEXTS = (None, "text_or_logo_added", "text_or_logo_removed")
TEXT_CONFIDENCE = 0.9  # confidence that a text changed where both texts were read
MIN_THRESHOLD, MAX_THRESHOLD = 0.01, 0.5  # distance; the range in which a user can set the threshold
THRESHOLD_TOLERANCE = 1e-6  # distance; a threshold this close to the calibrated one counts as the calibrated one


def rethreshold(script: StoredScript, threshold: float | None = None) -> ShownScript:
    """Return the script at `threshold`, by default at the calibrated one. Does not modify `script`.

    Each segment gains `index`, its place among the stored segments (the first one's if several are joined); pictures
    are stored under it. It also gains `follows`: if a side lacks the segment, the second on that side where it would
    be. Segments of the interval mode are never joined, and their similarity is independent of the threshold.
    """
    if threshold is None or abs(threshold - script["threshold"]) <= THRESHOLD_TOLERANCE:
        threshold = script["threshold"]
    segments = reclassify_segments(script, threshold)
    rows: list[ShownSegment] = [{**segment, "index": index, "follows": None} for index, segment in enumerate(segments)]
    is_interval = script.get("mode") == "interval"
    if not is_interval:
        rows = _join_equal(rows)
    fresh = Script(
        script["duration_a"],
        script["duration_b"],
        threshold,
        [parse_segment(row) for row in rows],
        script["transforms"],
    ).as_dict()
    shown: ShownScript = {
        **script,
        **fresh,
        "segments": [
            {**row, "severity": measured["severity"], **_choose_kind(row), "follows": follows}
            for row, measured, follows in zip(rows, fresh["segments"], _preceding_ends(rows), strict=True)
        ],
    }
    if is_interval:
        shown["similarity_percent"] = script["similarity_percent"]
    return shown


class _KindFields(TypedDict):
    kind: KindName | None
    confidence: float | None


def _choose_kind(row: ShownSegment) -> _KindFields:
    """Return the kind of a segment and the confidence in it. A change whose kind is doubtful is `other`."""
    kind, confidence = find_kind(row)
    if row["op"] == "equal" or (kind is None and row["op"] != "changed"):
        return {"kind": None, "confidence": None}
    return {"kind": kind or OTHER, "confidence": confidence}


def find_kind(segment: StoredSegment) -> tuple[KindName | None, float]:
    """Return the kind of a stored segment, None if it is doubtful, and the confidence in it."""
    kind = segment.get("kind")
    if segment.get("texts") and kind in LESS_THAN_TEXTS:
        return "text_changed", TEXT_CONFIDENCE
    return kind, segment.get("confidence") or 0.0


def reclassify_segments(script: StoredScript, threshold: float | None = None) -> list[StoredSegment]:
    """Return the stored segments with their ops at `threshold`, by default at the calibrated one. None are joined."""
    if threshold is None or abs(threshold - script["threshold"]) <= THRESHOLD_TOLERANCE:
        return script["segments"]
    return [_reclassify_segment(segment, threshold) for segment in script["segments"]]


def _preceding_ends(rows: list[ShownSegment]) -> list[float | None]:
    """Return, for each row that one side lacks, the second on that side that it follows; None for the others."""
    end_a = end_b = 0.0
    preceding: list[float | None] = []
    for row in rows:
        a, b = row["a"], row["b"]
        preceding.append(end_a if not a else end_b if not b else None)
        if row["op"] != "moved":
            end_a, end_b = a[1] if a else end_a, b[1] if b else end_b
    return preceding


def _reclassify_segment(segment: StoredSegment, threshold: float) -> StoredSegment:
    distance = segment["distance"] or 0.0
    if segment["op"] == "moved" and distance < threshold:
        return {**segment, "kind": None, "confidence": None, "regions": []}
    if segment["op"] not in ("equal", "changed"):
        return segment
    return {**segment, "op": "changed" if distance >= threshold else "equal"}


def _join_equal(segments: list[ShownSegment]) -> list[ShownSegment]:
    """Join adjacent equal segments. Equal segments lose their regions."""
    rows: list[ShownSegment] = []
    for segment in segments:
        joined = _join(rows[-1], segment) if rows else None
        if joined:
            rows[-1] = joined
        else:
            rows.append({**segment, "regions": []} if segment["op"] == "equal" else segment)
    return rows


def _join(before: ShownSegment, after: ShownSegment) -> ShownSegment | None:
    """Return one segment for two equal ones that are adjacent on both sides, else None."""
    if before["op"] != "equal" or after["op"] != "equal":
        return None
    a, b = _join_spans(before["a"], after["a"]), _join_spans(before["b"], after["b"])
    if not a or not b:
        return None
    distance = max(before["distance"] or 0.0, after["distance"] or 0.0)
    return {**before, "a": a, "b": b, "distance": distance, "regions": []}


def _join_spans(before: StoredSpan | None, after: StoredSpan | None) -> StoredSpan | None:
    return [before[0], after[1]] if before and after and before[1] == after[0] else None
