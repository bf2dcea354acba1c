"""Read and write SubRip and WebVTT, with their markup, settings and comments."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from videos.conform.items import (
    MARKER_SECONDS,
    ParsedFile,
    PlacedItem,
    TimedItem,
    check_span,
    list_kept,
    refuse,
)
from videos.diff.script.time_mapping import TimeMapping
from videos.transcripts.cues import BLANK_LINE, TIME, clean_subtitle, format_time, read_time

TIME_LINE = re.compile(rf"{TIME}[ \t]*-->[ \t]*{TIME}(?P<settings>(?:[ \t].*)?)", re.ASCII)
INNER_TIME = re.compile(rf"<{TIME}>", re.ASCII)


@dataclass(frozen=True, slots=True)
class CueSource:
    """The lines of a cue in its file. `before` holds the comments above it, `name` is the line above its times."""

    before: str
    name: str
    settings: str
    text: str


def parse_subtitles(text: str, kind: str, mapping: TimeMapping) -> ParsedFile:
    """Return the cues of SubRip or WebVTT (`srt`, `vtt`). Times within the text of a cue follow `mapping`."""
    header, before = "", ""
    items: list[TimedItem] = []
    for block in BLANK_LINE.split(text.strip("\ufeff \t\n")):
        lines = block.split("\n")
        at = next((index for index, line in enumerate(lines) if "-->" in line), None)
        if at is not None and not lines[0].startswith("NOTE"):
            items.append(_parse_cue(lines, at, before, len(items) + 1))
            before = ""
        elif kind == "srt" and items:  # a cue with an empty line
            items[-1] = _extend_cue(items[-1], block)
        elif kind == "vtt" and items:
            before += f"{block}\n\n"
        else:
            header += f"{block}\n\n"
    if kind == "vtt" and not header.startswith("WEBVTT"):
        header = f"WEBVTT\n\n{header}"
    write_cue = partial(_write_again, kind=kind, mapping=mapping)
    return ParsedFile(kind, items, lambda placed: _write_cues(placed, header if kind == "vtt" else "", write_cue))


def write_items(placed: Sequence[PlacedItem], kind: str) -> str:
    """Return items of another format as SubRip or WebVTT. Markers without an end are shown for 2 s."""
    return _write_cues(placed, "WEBVTT\n\n" if kind == "vtt" else "", partial(_write_plain, kind=kind))


def _parse_cue(lines: Sequence[str], at: int, before: str, number: int) -> TimedItem:
    times = TIME_LINE.fullmatch(lines[at].strip())
    if times is None:
        raise refuse(f"The times of cue {number} cannot be read: “{lines[at].strip()[:60]}”. Correct them.")
    groups = times.groups()
    start, end = read_time(*groups[:4]), read_time(*groups[4:8])
    check_span(start, end, f"Cue {number}")
    text = "\n".join(lines[at + 1 :])
    name = lines[at - 1] if at else ""
    return TimedItem(start, end, clean_subtitle(text), CueSource(before, name, times["settings"].rstrip(), text))


def _extend_cue(item: TimedItem, block: str) -> TimedItem:
    source: CueSource = item.source
    text = f"{source.text}\n{block}"
    joined = CueSource(source.before, source.name, source.settings, text)
    return TimedItem(item.start, item.end, clean_subtitle(text), joined)


def _write_cues(placed: Sequence[PlacedItem], header: str, write_cue: Callable[[PlacedItem, str, int], str]) -> str:
    blocks = []
    for number, (each, start) in enumerate(list_kept(placed), 1):
        end = start + MARKER_SECONDS if each.end is None else each.end
        blocks.append(write_cue(each, f"{format_time(start)} --> {format_time(end)}", number))
    return (header + "\n\n".join(blocks)).rstrip("\n") + "\n" if header or blocks else ""


def _write_again(each: PlacedItem, times: str, number: int, kind: str, mapping: TimeMapping) -> str:
    """Return a cue as its file had it, with other times."""
    source: CueSource = each.item.source
    name, line = (source.name, times) if kind == "vtt" else (str(number), times.replace(".", ","))
    lines = [name] if name else []
    return source.before + "\n".join([*lines, line + source.settings, _retime(source.text, mapping)])


def _write_plain(each: PlacedItem, times: str, number: int, kind: str) -> str:
    """Return a cue with the plain text of an item."""
    text = "\n".join(filter(None, (line.strip() for line in each.item.text.splitlines())))
    text = html.escape(text, quote=False) if kind == "vtt" else text.replace("-->", "→")
    return f"{number}\n{times if kind == 'vtt' else times.replace('.', ',')}\n{text}"


def _retime(text: str, mapping: TimeMapping) -> str:
    """Map the times within a cue, by which words appear one after the other."""

    def replace(match: re.Match[str]) -> str:
        mapped = mapping.map_moment(read_time(*match.groups()))
        return "" if mapped.start is None else f"<{format_time(mapped.start)}>"

    return INNER_TIME.sub(replace, text)
