"""Conform a file: recognise its format, map its times, and write it in the same or another format."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sage.durations import MOST_SECONDS
from sage.errors import InvalidInput
from videos.conform import edl, subtitles, tables, timelines
from videos.conform.items import MAX_ITEMS, STATES, ParsedFile, PlacedItem, count_states, place_items, refuse
from videos.conform.timecode import Reel
from videos.diff.script.time_mapping import TimeMapping
from videos.transcripts.cues import decode_text

MAX_BYTES = 10 * 1024**2  # of a file
CONTENT_TYPES = {
    "srt": "application/x-subrip; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "edl": "text/plain; charset=utf-8",
    "otio": "application/json",
}
FORMATS = tuple(CONTENT_TYPES)
UNKNOWN = (
    "Choose SubRip, WebVTT, CSV with the columns time,end,text, JSON markers, an EDL or an OpenTimelineIO timeline."
)


@dataclass(frozen=True, slots=True)
class Conformed:
    """A file in B's times, and what became of each item."""

    text: str
    kind: str
    items: list[PlacedItem]

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.kind]

    @property
    def counts(self) -> str:
        """The counts as the header `X-Conform` has them."""
        counts = count_states(self.items)
        return ", ".join(f"{state}={counts[state]}" for state in STATES)


def conform(data: bytes, mapping: TimeMapping, reels: tuple[Reel, Reel], to: str = "", title: str = "") -> Conformed:
    """Return a file with times of A as a file with times of B, in its own format or in the format `to`.

    `reels` are the timecodes of A and B, `title` is for formats with one. Raises `InvalidInput`.
    """
    if to and to not in FORMATS:
        raise InvalidInput.field("to", f"Give one of {', '.join(FORMATS)}.", "invalid_choice")
    a, b = reels
    parsed = _parse(data, a, b, mapping)
    if not parsed.items:
        raise refuse("This file has no cues, markers or events. Choose another file.")
    if len(parsed.items) > MAX_ITEMS:
        raise refuse(f"This file has more than {MAX_ITEMS:,} items. Divide it.")
    if any(not 0 <= abs(item.start) <= MOST_SECONDS for item in parsed.items):
        raise refuse("A time of this file is too large. Correct it.")
    placed = place_items(parsed.items, mapping)
    kind = to or parsed.kind
    try:
        text = parsed.write(placed) if kind == parsed.kind else _write(placed, kind, b, title)
    except RecursionError as error:
        raise refuse("This file is nested too deeply. Flatten it.") from error
    return Conformed(text, kind, placed)


def _parse(data: bytes, a: Reel, b: Reel, mapping: TimeMapping) -> ParsedFile:
    if len(data) > MAX_BYTES:
        raise refuse(f"This file is larger than {MAX_BYTES // 1024**2} MB. Divide it.")
    text = decode_text(data).replace("\r\n", "\n").replace("\r", "\n")
    start = text.lstrip("\ufeff \t\n")
    if not start:
        raise refuse("This file is empty. Choose another file.")
    if start.startswith("WEBVTT"):
        return subtitles.parse_subtitles(text, "vtt", mapping)
    if start[0] in "[{":
        return _parse_json(start, a, b, mapping)
    if delimiter := tables.find_delimiter(start):
        return tables.parse_csv(start, delimiter, a, b, mapping.duration_a)
    if "-->" in start[:2000]:
        return subtitles.parse_subtitles(text, "srt", mapping)
    if edl.is_edl(start):
        return edl.parse_edl(start, a, b, mapping.duration_a)
    raise refuse(f"The format of this file is unknown. {UNKNOWN}")


def _parse_json(text: str, a: Reel, b: Reel, mapping: TimeMapping) -> ParsedFile:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refuse("This file is no valid JSON. Export it again.") from error
    if timelines.is_otio(value):
        return timelines.parse_otio(value, b)
    return tables.parse_json(value, a, b, mapping.duration_a)


def _write(placed: Sequence[PlacedItem], kind: str, b: Reel, title: str) -> str:
    if kind in ("srt", "vtt"):
        return subtitles.write_items(placed, kind)
    if kind == "edl":
        return edl.write_edl(placed, b, title)
    if kind == "otio":
        return timelines.write_otio(placed, b, title)
    return tables.write_csv(placed) if kind == "csv" else tables.write_json(placed)
