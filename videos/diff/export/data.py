"""Exports to compute with, and to read."""

import csv
import io
import json
import re

from videos.diff import words
from videos.diff.export.subject import Row, Shown, Subject, differing

SEGMENT_KEYS = ("op", "a", "b", "distance", "severity", "regions")
COLUMNS = ("number", "op", "severity", "a_start", "a_end", "b_start", "b_end", "distance", "regions")
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&])")


def as_json(shown: Shown, subject: Subject) -> str:
    """One object; its segments are those of the API."""
    whole = {
        "a": {"title": subject.a.title, "duration": shown["duration_a"]},
        "b": {"title": subject.b.title, "duration": shown["duration_b"]},
        "duration_a": shown["duration_a"],
        "duration_b": shown["duration_b"],
        "mode": shown.get("mode", "aligned"),
        "metric": shown.get("metric"),
        "transforms": shown["transforms"],
        "threshold_used": shown["threshold"],
        "similarity_percent": shown["similarity_percent"],
        "total_segments": shown["total_segments"],
        "differing_segments": shown["differing_segments"],
        "segments": plain_segments(shown),
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def plain_segments(shown: Shown) -> list[Row]:
    """Segments with the keys that the API promises, and no others."""
    return [{key: row[key] for key in SEGMENT_KEYS} for row in shown["segments"]]


def as_csv(shown: Shown, subject: Subject) -> str:
    """A row for each segment, equal ones too. Times in seconds; regions as `x y width height` in fractions, by `;`."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for number, row in enumerate(shown["segments"], start=1):
        spans = [row[side] or ("", "") for side in "ab"]
        boxes = ";".join(f"{box['x']} {box['y']} {box['width']} {box['height']}" for box in row["regions"])
        distance = "" if row["distance"] is None else row["distance"]
        writer.writerow([number, row["op"], row["severity"] or "", *spans[0], *spans[1], distance, boxes])
    return out.getvalue()


def as_md(shown: Shown, subject: Subject) -> str:
    """What one would send by mail: the facts, then every difference on a line."""
    lines = [
        f"# {_plain(subject.a.line)} → {_plain(subject.b.line)}",
        "",
        f"- A: {_plain(subject.a.line)}, {words.clock(shown['duration_a'])}",
        f"- B: {_plain(subject.b.line)}, {words.clock(shown['duration_b'])}",
        f"- {words.summary(shown)}; {shown['similarity_percent']:g} % the same",
        *(f"- {words.transform(each)}" for each in shown["transforms"]),
        "",
        f"## Differences: {shown['differing_segments']}",
        "",
    ]
    for number, row in enumerate(differing(shown), start=1):
        severity = f", {row['severity']}" if row["severity"] else ""
        lines.append(f"{number}. **{words.title(row)}**{severity}: {words.times(row)}")
    if not shown["differing_segments"]:
        lines.append("None.")
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Text that markdown takes for nothing but text."""
    return _SPECIAL.sub(r"\\\1", text)
