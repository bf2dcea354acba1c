"""Read and write CMX 3600 edit decision lists.

The record times of events and the times of locators are those of the video. Events keep their source, shortened as
their record.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from videos.conform.items import ParsedFile, PlacedItem, TimedItem, check_span, list_kept, refuse
from videos.conform.timecode import Reel
from videos.diff.export.subject import one_line

TIMECODE = r"(\d\d[:;]\d\d[:;]\d\d[:;.,]\d\d)"
EVENT = re.compile(rf"(\s*)(\d{{1,8}})(\s+\S.*?)\s+{TIMECODE}\s+{TIMECODE}\s+{TIMECODE}\s+{TIMECODE}(.*)", re.ASCII)
LOCATOR = re.compile(rf"(\*\s*LOC:\s*){TIMECODE}(.*)", re.ASCII | re.IGNORECASE)
CLIP_NAME = re.compile(r"\*\s*FROM CLIP NAME:\s*(.*)", re.IGNORECASE)
MARKER_NAME = re.compile(r"\|M:([^|]*)")
COUNT_MODE = re.compile(r"\s*FCM:\s*(NON[- ]DROP|DROP)", re.IGNORECASE)
MOTION = re.compile(r"\s*M2\s")
MAX_LINE = 400  # characters of an event
MAX_TEXT = 200  # characters of a written name
HEADER = "TITLE: {}\nFCM: {}\n\n"


@dataclass(slots=True)
class EventSource:
    """One line of an event, and the lines below it. Times are frame numbers of the source and seconds of the record."""

    number: str
    head: str
    tail: str
    source_start: int
    is_drop: bool
    comments: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LocatorSource:
    """A locator without its time."""

    head: str
    tail: str


def match_event(line: str) -> re.Match[str] | None:
    """Return the match of a line with `EVENT`. Long lines are comments, and would take long to match."""
    return EVENT.fullmatch(line.rstrip()) if len(line) <= MAX_LINE else None


def is_edl(text: str) -> bool:
    """Return whether a text looks like an EDL: it has a title, a count mode or an event."""
    start = text.lstrip("\ufeff \t\n")[:4000]
    return bool(re.match(r"TITLE:|FCM:", start) or any(match_event(line) for line in start.split("\n")))


def parse_edl(text: str, a: Reel, b: Reel, duration: float) -> ParsedFile:
    """Return the events and locators of an EDL, at A's frame rate."""
    lines = text.lstrip("\ufeff").split("\n")
    is_drop = any(match[1].upper() == "DROP" for line in lines if (match := COUNT_MODE.match(line)))
    records = [match[place] for line in lines if (match := match_event(line)) for place in (6, 7)]
    if not records:
        raise refuse("This EDL has no events. Export it again.")
    is_drop = is_drop or any(";" in record for record in records)
    a, b = a.counting(is_drop=is_drop), b.counting(is_drop=is_drop)
    a = a.starting_before(min(a.count_frames(record, is_drop) for record in records), duration)
    b = b.sharing_start(a)
    header, items = _parse_lines(lines, a, is_drop)
    return ParsedFile("edl", items, lambda placed: _write_edl(placed, header, a, b))


def write_edl(placed: Sequence[PlacedItem], b: Reel, title: str) -> str:
    """Return items of another format as an EDL with one event and one locator each."""
    lines = [HEADER.format(one_line(title)[:70], _describe_mode(b))]
    for number, (each, start) in enumerate(list_kept(placed), 1):
        first, last = (round(second * b.exact) for second in (start, start + each.seconds))
        times = [b.format_frames(b.start + frames) for frames in (first, max(last, first + 1))]
        text = one_line(each.item.text)[:MAX_TEXT]
        lines.append(
            f"{number:03d}  AX       V     C        {' '.join(times * 2)}\n* LOC: {times[0]} YELLOW  {text}\n\n"
        )
    return "".join(lines)


def _parse_lines(lines: Sequence[str], a: Reel, is_drop: bool) -> tuple[list[str], list[TimedItem]]:
    header: list[str] = []
    items: list[TimedItem] = []
    event: EventSource | None = None
    for line in (line.rstrip() for line in lines):
        if COUNT_MODE.match(line) or not line:
            continue
        if match := match_event(line):
            start, end = a.read(match[6], is_drop), a.read(match[7], is_drop)
            check_span(start, end, f"Event {match[2]}")
            event = EventSource(match[2], match[3], match[8], a.count_frames(match[4], is_drop), is_drop)
            marker = MARKER_NAME.search(match[8])
            items.append(TimedItem(start, end, marker[1].strip() if marker else "", event))
        elif match := LOCATOR.fullmatch(line):
            source = LocatorSource(match[1], match[3])
            items.append(TimedItem(a.read(match[2], is_drop), None, match[3].strip(), source))
        elif event is None:
            header.append(line)
        else:
            event.comments.append(line)
    return header, [_name_event(item) for item in items]


def _name_event(item: TimedItem) -> TimedItem:
    """Return an event with a text: the name of its clip or marker, else its first columns."""
    source = item.source
    if not isinstance(source, EventSource) or item.text:
        return item
    found = (CLIP_NAME.match(line) or MARKER_NAME.search(line) for line in source.comments)
    name = next((match[1].strip() for match in found if match), " ".join(source.head.split()))
    return TimedItem(item.start, item.end, name, source)


def _write_edl(placed: Sequence[PlacedItem], header: Sequence[str], a: Reel, b: Reel) -> str:
    kept = list_kept(placed)
    events = [(each, start) for each, start in kept if isinstance(each.item.source, EventSource)]
    locators = [(each, start) for each, start in kept if isinstance(each.item.source, LocatorSource)]
    title = list(header) or ["TITLE: Conformed"]
    lines = [*title, f"FCM: {_describe_mode(b)}", ""]
    numbers: dict[str, int] = {}
    for place, (each, start) in enumerate(events):
        number = numbers.setdefault(each.item.source.number, len(numbers) + 1)
        lines += _write_event(each, start, number, a, b)
        until = events[place + 1][1] if place + 1 < len(events) else None
        while locators and (until is None or locators[0][1] < until):
            lines.append(_write_locator(*locators.pop(0), b))
        lines.append("")
    lines += [_write_locator(*locator, b) for locator in locators]
    return "\n".join(lines).rstrip("\n") + "\n"


def _describe_mode(reel: Reel) -> str:
    return "DROP FRAME" if reel.is_drop else "NON-DROP FRAME"


def _write_event(each: PlacedItem, start: float, number: int, a: Reel, b: Reel) -> list[str]:
    source: EventSource = each.item.source
    record_start, record_end = round(start * b.exact), round((start + each.seconds) * b.exact)
    if each.seconds and record_end == record_start:
        record_end += 1
    kept_from = each.item.start if each.kept_from is None else each.kept_from
    source_start = source.source_start + round((kept_from - each.item.start) * a.exact)
    source_end = source_start + round((record_end - record_start) / b.exact * a.exact)
    times = [a.format_frames(frames) for frames in (source_start, source_end)]
    times += [b.format_frames(b.start + frames) for frames in (record_start, record_end)]
    head = f"{number:0{max(3, len(source.number))}d}{source.head}"
    return [f"{head} {' '.join(times)}{source.tail}", *source.comments]


def _write_locator(each: PlacedItem, start: float, b: Reel) -> str:
    source: LocatorSource = each.item.source
    return f"{source.head}{b.write(start)}{source.tail}"
