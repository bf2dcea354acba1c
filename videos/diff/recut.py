"""A stored script as another threshold shows it: nothing is measured again, since every segment keeps its distance.

Stored scripts are cut as finely as the engine could tell distances apart. Here a segment that both sides show in place
is changed from the threshold on and equal below it; equal neighbours that continue each other become one.
"""

from typing import Any

from videos.diff.script import Script, Segment, region_of

LEAST, MOST = 0.01, 0.5  # what a threshold may be set to
SAME = 1e-6  # as good as the calibrated threshold, so that what was stored stands

Stored = dict[str, Any]


def recut(script: Stored, threshold: float | None = None) -> Stored:
    """The script at `threshold`, or at the calibrated one; `script` itself stays as it is.

    Each segment gains `index`, its place among the stored ones or that of the first it was joined from: pictures are
    kept under it. Intervals of the interval mode stay one by one, and their similarity does not turn on the threshold.
    """
    calibrated = script["threshold"]
    if threshold is None or abs(threshold - calibrated) <= SAME:
        threshold = calibrated
    else:
        script = {**script, "segments": [_told(segment, threshold) for segment in script["segments"]]}
    numbered = [{**segment, "index": index} for index, segment in enumerate(script["segments"])]
    intervals = script.get("mode") == "interval"
    rows = numbered if intervals else _joined(numbered)
    measured = Script(
        script["duration_a"], script["duration_b"], threshold, [_segment(row) for row in rows], script["transforms"]
    )
    shown = {**script, **measured.as_dict()}
    if intervals:
        shown["similarity_percent"] = script["similarity_percent"]
    shown["segments"] = [
        {**row, "severity": fresh["severity"]} for row, fresh in zip(rows, shown["segments"], strict=True)
    ]
    return shown


def _told(segment: Stored, threshold: float) -> Stored:
    if segment["op"] == "moved" and (segment["distance"] or 0.0) < threshold:
        return {**segment, "regions": []}
    if segment["op"] not in ("equal", "changed"):
        return segment
    return {**segment, "op": "changed" if segment["distance"] >= threshold else "equal"}


def _joined(segments: list[Stored]) -> list[Stored]:
    rows: list[Stored] = []
    for segment in segments:
        if rows and _continues(rows[-1], segment):
            before = rows[-1]
            rows[-1] = {
                **before,
                "a": [before["a"][0], segment["a"][1]],
                "b": [before["b"][0], segment["b"][1]],
                "distance": max(before["distance"] or 0.0, segment["distance"] or 0.0),
                "regions": [],
            }
        else:
            rows.append({**segment, "regions": []} if segment["op"] == "equal" else segment)
    return rows


def _continues(one: Stored, other: Stored) -> bool:
    """Whether two segments are equal, and the second takes up where the first ends on both sides."""
    return one["op"] == other["op"] == "equal" and one["a"][1] == other["a"][0] and one["b"][1] == other["b"][0]


def _segment(row: Stored) -> Segment:
    a, b = (tuple(row[side]) if row[side] else None for side in "ab")
    return Segment(row["op"], a, b, row["distance"], tuple(region_of(region) for region in row["regions"]))
