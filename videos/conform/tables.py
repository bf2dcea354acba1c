"""Read and write lists of markers as CSV (`time,end,text`) and as JSON (`[{time, end?, text}]`)."""

import csv
import io
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from sage.durations import parse_duration
from videos.conform.items import MAX_ITEMS, ParsedFile, PlacedItem, TimedItem, check_span, list_kept, refuse
from videos.conform.timecode import TIMECODE, Reel
from videos.diff.export.data import FORMULA_STARTS

COLUMNS = ("time", "end", "text")
DELIMITERS = ",;\t"
DIGITS = 3  # of seconds that are written
TimeFormat = Callable[[float], str | float]


def find_delimiter(text: str) -> str | None:
    """Return the delimiter of a CSV file whose first line names the columns `time` and `text`, else None."""
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    for delimiter in DELIMITERS:
        names = {cell.strip().strip('"').lower() for cell in first.split(delimiter)}
        if {"time", "text"} <= names:
            return delimiter
    return None


def parse_csv(text: str, delimiter: str, a: Reel, b: Reel, duration: float) -> ParsedFile:
    """Return the markers of a CSV file. Other columns are kept."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise refuse(f"This file is no valid CSV: {error}. Export it again.") from error
    names = [cell.strip().lower() for cell in rows[0]]
    places = {name: names.index(name) for name in COLUMNS if name in names}
    if not {"time", "text"} <= places.keys():
        raise refuse("The first line of this CSV file must be time,end,text. Correct it.")
    cells = [[_get_cell(row, places.get(name)) for name in COLUMNS] for row in rows[1:]]
    a, b = _choose_starts([time for row in cells for time in row[:2]], a, b, duration)
    items = []
    for number, (row, (time, end, label)) in enumerate(zip(rows[1:], cells, strict=True), 2):
        name = f"Line {number}"
        start, last = _read_time(time, a, name), _read_time(end, a, name) if end else None
        check_span(start, last, name)
        items.append(TimedItem(start, last, label, (row, _choose_format(time, b))))

    def write(placed: Sequence[PlacedItem]) -> str:
        written = [rows[0]]
        for each, start in list_kept(placed):
            row, format_time = each.item.source
            changed = [*row, *[""] * (len(names) - len(row))]
            changed[places["time"]] = str(format_time(start))
            if each.item.end is not None:
                changed[places["end"]] = str(format_time(start if each.end is None else each.end))
            written.append(changed)
        return _write_rows(written, delimiter)

    return ParsedFile("csv", items, write)


def write_csv(placed: Sequence[PlacedItem]) -> str:
    """Return items of another format as CSV in seconds. Cells that a spreadsheet would run begin with an apostrophe."""
    rows: list[Sequence[Any]] = [COLUMNS]
    for each, start in list_kept(placed):
        text = each.item.text
        safe = f"'{text}" if text.startswith(FORMULA_STARTS) else text
        rows.append([_round(start), "" if each.end is None else _round(each.end), safe])
    return _write_rows(rows, ",")


def parse_json(value: Any, a: Reel, b: Reel, duration: float) -> ParsedFile:
    """Return the markers of a JSON list. Other keys are kept."""
    if not isinstance(value, list) or not all(isinstance(row, dict) and "time" in row for row in value):
        raise refuse("This JSON is no list of markers. Write it as [{“time”: 5.2, “text”: “Logo”}, …].")
    a, b = _choose_starts([row.get(name) for row in value for name in ("time", "end")], a, b, duration)
    items = []
    for number, row in enumerate(value, 1):
        name = f"Marker {number}"
        start = _read_time(row["time"], a, name)
        end = None if row.get("end") in (None, "") else _read_time(row["end"], a, name)
        check_span(start, end, name)
        label = row.get("text")
        if label is not None and not isinstance(label, str):
            raise refuse(f"{name} has a text that is no string. Correct it.")
        items.append(TimedItem(start, end, label or "", (row, _choose_format(row["time"], b))))

    def write(placed: Sequence[PlacedItem]) -> str:
        rows = []
        for each, start in list_kept(placed):
            row, format_time = each.item.source
            changed = {**row, "time": format_time(start)}
            if each.item.end is not None:
                changed["end"] = format_time(start if each.end is None else each.end)
            rows.append(changed)
        return _dump(rows)

    return ParsedFile("json", items, write)


def write_json(placed: Sequence[PlacedItem]) -> str:
    """Return items of another format as JSON in seconds."""
    rows = []
    for each, start in list_kept(placed):
        end = {} if each.end is None else {"end": _round(each.end)}
        rows.append({"time": _round(start), **end, "text": each.item.text})
    return _dump(rows)


def _get_cell(row: Sequence[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _read_time(value: Any, reel: Reel, name: str) -> float:
    """Return the seconds of a number, of `1:05.2`, or of a timecode with frames."""
    if isinstance(value, str):
        if TIMECODE.fullmatch(value.strip()):
            return max(reel.read(value.strip()), 0.0)
        value = value.strip().replace(",", ".")
    try:
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError
        return parse_duration(value)
    except ValueError as error:
        shown = str(value)[:30]
        raise refuse(
            f"{name} has the time “{shown}”. Write seconds, m:ss or a timecode such as 01:00:05:12."
        ) from error


def _choose_format(value: Any, reel: Reel) -> TimeFormat:
    """Return how to write a time as the file writes this one: seconds, a clock or a timecode."""
    if not isinstance(value, str):
        return _round
    if TIMECODE.fullmatch(value.strip()):
        return reel.write
    return _format_clock if ":" in value else lambda seconds: str(_round(seconds))


def _format_clock(seconds: float) -> str:
    minutes, thousandths = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    tail = f"{thousandths // 1000:02d}.{thousandths % 1000:03d}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def _choose_starts(values: Sequence[Any], a: Reel, b: Reel, duration: float) -> tuple[Reel, Reel]:
    """Return both reels with the start that the earliest timecode implies."""
    codes = [value.strip() for value in values if isinstance(value, str) and TIMECODE.fullmatch(value.strip())]
    if not codes:
        return a, b
    if len(codes) > 2 * MAX_ITEMS:
        raise refuse(f"This file has more than {MAX_ITEMS:,} markers. Divide it.")
    is_drop = any(";" in code for code in codes)
    a, b = a.counting(is_drop=is_drop), b.counting(is_drop=is_drop)
    a = a.starting_before(min(a.count_frames(code) for code in codes), duration)
    return a, b.sharing_start(a)


def _round(seconds: float) -> float:
    return round(seconds, DIGITS)


def _write_rows(rows: Sequence[Sequence[Any]], delimiter: str) -> str:
    output = io.StringIO()
    csv.writer(output, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return output.getvalue()


def _dump(rows: Sequence[Any]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
