"""Export a script for editing programs with OpenTimelineIO: an EDL that rebuilds B, and a timeline of both sides."""

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from videos.diff.export.data import REVIEW_TITLES
from videos.diff.export.subject import Side, Subject, one_line, place_in_b
from videos.diff.export.timecode import DEFAULT_EDL_RATE, choose_timecode
from videos.diff.script import wording
from videos.diff.script.stored import SIDES, ShownScript, ShownSegment, StoredTransform

FRAME_COUNT_MODE = "FCM: NON-DROP FRAME"
MAX_COMMENT_LENGTH = 500  # characters of the comment of a marker
METADATA_KEYS = ("op", "a", "b", "distance", "severity", "kind", "confidence", "regions")
COLOURS = {
    "changed": otio.schema.MarkerColor.YELLOW,
    "inserted": otio.schema.MarkerColor.GREEN,
    "deleted": otio.schema.MarkerColor.RED,
    "moved": otio.schema.MarkerColor.PURPLE,
}


def as_otio(shown: ShownScript, subject: Subject) -> str:
    """Return two video tracks, A and B, cut at the segments. Differences have markers in the colours of Sage."""
    timeline = otio.schema.Timeline(f"{subject.a.line} → {subject.b.line}")
    timeline.metadata["sage"] = {"transforms": shown["transforms"]}
    for name, side in zip(SIDES, (subject.a, subject.b), strict=True):
        track = otio.schema.Track(name.upper(), kind=otio.schema.TrackKind.Video)
        rate = side.rate or DEFAULT_EDL_RATE
        last = 0
        spans = [(span, row) for row in shown["segments"] if (span := row[name])]
        for span, row in sorted(spans, key=lambda each: each[0][0]):
            start, end = (round(moment * rate) for moment in span)
            start = max(start, last)
            if end > start:
                track.append(_make_clip(side, row, start, end - start, rate))
                last = end
        timeline.tracks.append(track)
    return str(otio.adapters.write_to_string(timeline, "otio_json")) + "\n"


def _make_clip(side: Side, row: ShownSegment, start: int, count: int, rate: float) -> otio.schema.Clip:
    span = TimeRange(RationalTime(start, rate), RationalTime(count, rate))
    clip = otio.schema.Clip(side.line, otio.schema.ExternalReference(one_line(side.filename)), span)
    clip.metadata["sage"] = {key: row.get(key) for key in METADATA_KEYS}
    if row["op"] != "equal":
        clip.markers.append(_make_marker(row, span))
    return clip


def _make_marker(row: ShownSegment, span: TimeRange) -> otio.schema.Marker:
    return otio.schema.Marker(wording.title(row), span, COLOURS[row["op"]], comment=describe_review(row))


def as_edl(shown: ShownScript, subject: Subject) -> str:
    """Return a CMX 3600 EDL that rebuilds B: from reel A where B shows A's footage unchanged, else from reel B.

    Differences are locators; a deleted segment is one where it would have been. The transforms of the whole are
    comments of the first event. Timecode is non-drop-frame, so 29.97 counts as 30. The timecode of a reel counts the
    reel's own frames.
    """
    of_a, of_b = choose_timecode(subject.a.rate), choose_timecode(subject.b.rate)
    rate = of_b.rate
    altered = any(each["kind"] != "speed" for each in shown["transforms"])
    track = otio.schema.Track("V", kind=otio.schema.TrackKind.Video)
    lost: list[ShownSegment] = []
    for row, _ in place_in_b(shown):
        if not row["b"]:
            lost.append(row)
            continue
        start, end = (of_b.frame(moment) for moment in row["b"])
        if end <= start:
            continue
        if row["a"] and not altered and _is_unchanged(row, of_b.exact, shown["threshold"]):
            clip = _make_event(subject.a, "A", of_a.convert(row["a"][0], rate), end - start, rate)
        else:
            clip = _make_event(subject.b, "B", start, end - start, rate)
        told = [*lost, row] if row["op"] != "equal" else lost
        clip.markers.extend(_make_locator(each, RationalTime(start, rate)) for each in told)
        track.append(clip)
        lost = []
    if lost and len(track):
        at = track.duration() - RationalTime(1, rate)
        track[-1].markers.extend(_make_locator(each, at) for each in lost)
    if not len(track):  # shorter than a frame of timecode
        return f"TITLE: {subject.b.line}\n{FRAME_COUNT_MODE}\n"
    track[0].metadata["cmx_3600"]["comments"] = [_make_comment(each) for each in shown["transforms"]]
    timeline = otio.schema.Timeline(f"{subject.a.line} to {subject.b.line}"[:70])
    timeline.tracks.append(track)
    written = str(otio.adapters.write_to_string(timeline, "cmx_3600", rate=rate))
    return written.replace("\n", f"\n{FRAME_COUNT_MODE}\n", 1)


def _is_unchanged(row: ShownSegment, rate: float, threshold: float) -> bool:
    """Return whether A's footage can replace B's: it is the same, and equally long, so not at another speed."""
    a, b = row["a"], row["b"]
    if row["op"] not in ("equal", "moved") or not a or not b:
        return False
    if row["op"] == "moved" and (row["distance"] or 0.0) >= threshold:
        return False
    return abs((a[1] - a[0]) - (b[1] - b[0])) < 1 / rate


def _make_event(side: Side, reel: str, start: int, count: int, rate: float) -> otio.schema.Clip:
    span = TimeRange(RationalTime(start, rate), RationalTime(count, rate))
    clip = otio.schema.Clip(one_line(side.filename), otio.schema.MissingReference(), span)
    clip.metadata["cmx_3600"] = {"reel": reel}
    return clip


def _make_locator(row: ShownSegment, at: RationalTime) -> otio.schema.Marker:
    """Return a marker at a moment of B, where editing programs expect it."""
    told = wording.title(row) if row["b"] else f"{wording.title(row)}: {wording.times(row)}"
    if review := describe_review(row):
        told = f"{told} ({review})"
    return otio.schema.Marker(told.replace("–", "-"), TimeRange(at, RationalTime(1, at.rate)), COLOURS[row["op"]])


def describe_review(row: ShownSegment) -> str:
    """Return the review and the notes of a difference on one line, as the comment of its marker."""
    review = REVIEW_TITLES.get(row.get("review") or "", "")
    notes = []
    for note in row.get("notes", []):
        notes.append(f"{note['author']}: {note['text']}")
        notes += (f"{reply['author']}: {reply['text']}" for reply in note["replies"])
    return one_line(" / ".join(filter(None, [review, *notes])))[:MAX_COMMENT_LENGTH]


def _make_comment(transform: StoredTransform) -> str:
    text = wording.transform(transform).replace("\u00a0", " ").replace("×", "x").replace("°", " degrees")
    return f"B THROUGHOUT: {text.upper()}"
