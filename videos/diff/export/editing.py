"""Exports for editing programs, by OpenTimelineIO: an EDL that rebuilds B, and a timeline that shows both sides."""

from dataclasses import dataclass
from typing import Any

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from videos.diff import words
from videos.diff.export.subject import Row, Shown, Side, Subject, one_line, place_in_b

EDL_RATES = (24, 25, 30, 48, 50, 60)  # what timecode counts in; drop-frame is never used
EDL_RATE_OTHERWISE = 25
COUNTING = "FCM: NON-DROP FRAME"
NEAR = 0.02  # 23.976 counts as 24
COLOURS = {
    "changed": otio.schema.MarkerColor.YELLOW,
    "inserted": otio.schema.MarkerColor.GREEN,
    "deleted": otio.schema.MarkerColor.RED,
    "moved": otio.schema.MarkerColor.PURPLE,
}


def as_otio(shown: Shown, subject: Subject) -> str:
    """Two video tracks, A and B, each cut where the segments are; differences carry markers in the colours of Sage."""
    timeline = otio.schema.Timeline(f"{subject.a.line} → {subject.b.line}")
    timeline.metadata["sage"] = {"transforms": shown["transforms"]}
    for name, side in (("a", subject.a), ("b", subject.b)):
        track = otio.schema.Track(name.upper(), kind=otio.schema.TrackKind.Video)
        rate = side.rate or EDL_RATE_OTHERWISE
        last = 0
        for row in sorted((row for row in shown["segments"] if row[name]), key=lambda row: row[name][0]):
            start, end = (round(moment * rate) for moment in row[name])
            start = max(start, last)
            if end > start:
                track.append(_clip(side, row, start, end - start, rate))
                last = end
        timeline.tracks.append(track)
    return str(otio.adapters.write_to_string(timeline, "otio_json")) + "\n"


def _clip(side: Side, row: Row, start: int, count: int, rate: float) -> otio.schema.Clip:
    span = TimeRange(RationalTime(start, rate), RationalTime(count, rate))
    clip = otio.schema.Clip(side.line, otio.schema.ExternalReference(one_line(side.filename)), span)
    clip.metadata["sage"] = {key: row[key] for key in ("op", "a", "b", "distance", "severity", "regions")}
    if row["op"] != "equal":
        clip.markers.append(_marker(row, span))
    return clip


def _marker(row: Row, span: TimeRange) -> otio.schema.Marker:
    return otio.schema.Marker(words.title(row), span, COLOURS[row["op"]])


def as_edl(shown: Shown, subject: Subject) -> str:
    """CMX 3600: B rebuilt from reel A where it shows A's footage untouched, from reel B elsewhere.

    Differences are locators; what was deleted is one where it would have been. What is true of B as a whole is told
    below the first event. Timecode counts frames without dropping any, so at 29.97 it runs at 30; that of a reel counts
    the reel's own frames.
    """
    of_a, of_b = _timecode(subject.a.rate), _timecode(subject.b.rate)
    rate = of_b.rate
    altered = any(each["kind"] != "speed" for each in shown["transforms"])
    track = otio.schema.Track("V", kind=otio.schema.TrackKind.Video)
    lost: list[Row] = []
    for row, _ in place_in_b(shown):
        if not row["b"]:
            lost.append(row)
            continue
        start, end = (of_b.frame(moment) for moment in row["b"])
        if end <= start:
            continue
        if not altered and _untouched(row, of_b.exact, shown["threshold"]):
            clip = _event(subject.a, "A", of_a.written(row["a"][0], rate), end - start, rate)
        else:
            clip = _event(subject.b, "B", start, end - start, rate)
        told = [*lost, row] if row["op"] != "equal" else lost
        clip.markers.extend(_locator(each, RationalTime(start, rate)) for each in told)
        track.append(clip)
        lost = []
    if lost and len(track):
        at = track.duration() - RationalTime(1, rate)
        track[-1].markers.extend(_locator(each, at) for each in lost)
    if not len(track):  # shorter than a frame of timecode
        return f"TITLE: {subject.b.line}\n{COUNTING}\n"
    track[0].metadata["cmx_3600"]["comments"] = [_comment(each) for each in shown["transforms"]]
    timeline = otio.schema.Timeline(f"{subject.a.line} to {subject.b.line}"[:70])
    timeline.tracks.append(track)
    written = str(otio.adapters.write_to_string(timeline, "cmx_3600", rate=rate))
    return written.replace("\n", f"\n{COUNTING}\n", 1)


@dataclass(frozen=True, slots=True)
class _Timecode:
    """Counts to `rate` where in truth there are `exact` frames to a second of a video."""

    rate: int
    exact: float

    def frame(self, moment: float) -> int:
        return round(moment * self.exact)

    def written(self, moment: float, rate: int) -> int:
        """What has to be counted to at `rate` for this timecode to be written there: 00:01:12 of 25 is 42 of 30.

        Frames that come faster share numbers, as those of 50 do on tapes that count to 25.
        """
        second, frame = divmod(self.frame(moment), self.rate)
        return second * rate + (frame if self.rate <= rate else frame * rate // self.rate)


def _untouched(row: Row, rate: float, threshold: float) -> bool:
    """Whether A's footage can stand for B's: the same, and as long, which at another speed it is not."""
    if row["op"] not in ("equal", "moved") or not row["a"]:
        return False
    if row["op"] == "moved" and (row["distance"] or 0.0) >= threshold:
        return False
    lengths = [row[side][1] - row[side][0] for side in "ab"]
    return abs(lengths[0] - lengths[1]) < 1 / rate


def _event(side: Side, reel: str, start: int, count: int, rate: float) -> otio.schema.Clip:
    span = TimeRange(RationalTime(start, rate), RationalTime(count, rate))
    clip = otio.schema.Clip(one_line(side.filename), otio.schema.MissingReference(), span)
    clip.metadata["cmx_3600"] = {"reel": reel}
    return clip


def _locator(row: Row, at: RationalTime) -> otio.schema.Marker:
    """At a moment of B, which is where editing programs look for it."""
    told = words.title(row) if row["b"] else f"{words.title(row)}: {words.times(row)}"
    return otio.schema.Marker(told.replace("–", "-"), TimeRange(at, RationalTime(1, at.rate)), COLOURS[row["op"]])


def _comment(transform: dict[str, Any]) -> str:
    told = words.transform(transform).replace("\u00a0", " ").replace("×", "x")
    return f"B THROUGHOUT: {told.upper()}"


def _timecode(rate: float) -> _Timecode:
    """Each frame has a number of its own, or every so many: 12 frames a second count as 24."""
    for known in EDL_RATES:
        times = round(known / rate) if rate else 0
        if times and abs(known / rate - times) < NEAR:
            return _Timecode(known, rate * times)
    return _Timecode(EDL_RATE_OTHERWISE, float(EDL_RATE_OTHERWISE))
