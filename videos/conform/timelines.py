"""Read and write OpenTimelineIO timelines as JSON: the clips of every track, and the markers of the timeline.

A timeline begins at 0 s of the video, whatever its `global_start_time` is. The library is not used, because its parser
of C++ would run in the web process on files of users.
"""

import copy
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from videos.conform.items import MAX_ITEMS, ParsedFile, PlacedItem, TimedItem, list_kept, refuse
from videos.conform.timecode import Reel

Node = dict[str, Any]
MAX_NUMBER = 2**53  # frames; larger integers are not exact as floats
MAX_DEPTH = 40  # of nested stacks and tracks


@dataclass(frozen=True, slots=True)
class ClipSource:
    """A clip, or a nested composition, at `place` among the children of a track."""

    track: int
    place: int
    node: Node


@dataclass(frozen=True, slots=True)
class MarkerSource:
    """A marker of the timeline, or of the track with a number."""

    track: int | None
    node: Node


def is_otio(value: Any) -> bool:
    """Return whether parsed JSON is of OpenTimelineIO."""
    return isinstance(value, dict) and "OTIO_SCHEMA" in value


def parse_otio(value: Node, b: Reel) -> ParsedFile:
    """Return the clips and markers of a timeline."""
    if _get_schema(value) != "Timeline":
        raise refuse("This OpenTimelineIO file is no timeline. Export a timeline.")
    stack = value.get("tracks")
    tracks = stack.get("children") if isinstance(stack, dict) else None
    if not isinstance(tracks, list) or not all(_get_schema(track) == "Track" for track in tracks):
        raise refuse("This timeline has no tracks. Export it again.")
    items = [_read_marker(node, None) for node in _list_nodes(stack, "markers")]
    for number, track in enumerate(tracks):
        items += [_read_marker(node, number) for node in _list_nodes(track, "markers")]
        items += _read_clips(track, number)
    if len(items) > MAX_ITEMS:
        raise refuse(f"This timeline has more than {MAX_ITEMS:,} clips and markers. Divide it.")
    return ParsedFile("otio", items, lambda placed: _write_timeline(placed, value, b))


def write_otio(placed: Sequence[PlacedItem], b: Reel, title: str) -> str:
    """Return items of another format as a timeline without tracks, with a marker for each item."""
    markers = [
        {
            "OTIO_SCHEMA": "Marker.2",
            "metadata": {},
            "name": each.item.text,
            "color": "YELLOW",
            "marked_range": _make_range(start, each.seconds, b.exact),
        }
        for each, start in list_kept(placed)
    ]
    stack = {"OTIO_SCHEMA": "Stack.1", "metadata": {}, "name": "tracks", "children": [], "markers": markers}
    timeline = {"OTIO_SCHEMA": "Timeline.1", "metadata": {}, "name": title, "tracks": stack}
    return json.dumps(timeline, ensure_ascii=False, indent=1) + "\n"


def _read_clips(track: Node, number: int) -> list[TimedItem]:
    items, at = [], 0.0
    for place, node in enumerate(_list_nodes(track, "children")):
        if _get_schema(node) == "Transition":
            continue  # it overlaps its neighbours
        seconds = _measure(node)
        if _get_schema(node) != "Gap" and seconds > 0:
            items.append(TimedItem(at, at + seconds, _get_name(node), ClipSource(number, place, node)))
        at += seconds
    return items


def _read_marker(node: Node, track: int | None) -> TimedItem:
    marked = node.get("marked_range")
    if not isinstance(marked, dict):
        raise refuse("A marker of this timeline has no range. Export it again.")
    start, seconds = _read_range(marked)
    end = start + seconds if seconds > 0 else None
    return TimedItem(start, end, _get_name(node), MarkerSource(track, node))


def _measure(node: Node, depth: int = 0) -> float:
    """Return the duration of a clip, a gap or a composition in seconds."""
    if depth > MAX_DEPTH:
        raise refuse(f"This timeline nests more than {MAX_DEPTH} compositions. Flatten it.")
    if isinstance(node.get("source_range"), dict):
        return _read_range(node["source_range"])[1]
    kind = _get_schema(node)
    if kind in ("Stack", "Track"):
        children = [child for child in _list_nodes(node, "children") if _get_schema(child) != "Transition"]
        lengths = [_measure(child, depth + 1) for child in children]
        return max(lengths, default=0.0) if kind == "Stack" else sum(lengths)
    available = _find_available_range(node)
    if available is None:
        raise refuse(f"The clip “{_get_name(node)[:60]}” has no duration. Export the timeline again.")
    return _read_range(available)[1]


def _find_available_range(node: Node) -> Node | None:
    """Return the range of the active media of a clip."""
    references = node.get("media_references")
    active = references.get(node.get("active_media_reference_key")) if isinstance(references, dict) else None
    reference = active or node.get("media_reference")
    found = reference.get("available_range") if isinstance(reference, dict) else None
    return found if isinstance(found, dict) else None


def _write_timeline(placed: Sequence[PlacedItem], value: Node, b: Reel) -> str:
    timeline = copy.copy(value)
    stack = timeline["tracks"] = copy.copy(value["tracks"])
    tracks = stack["children"] = [copy.copy(track) for track in stack["children"]]
    kept = list_kept(placed)
    if stack.get("markers"):
        stack["markers"] = _write_markers(kept, None, b)
    for number, track in enumerate(tracks):
        if track.get("markers"):
            track["markers"] = _write_markers(kept, number, b)
        clips = [
            (each, start)
            for each, start in kept
            if isinstance(each.item.source, ClipSource) and each.item.source.track == number
        ]
        track["children"] = _write_clips(clips, track["children"], b)
    return json.dumps(timeline, ensure_ascii=False, indent=1) + "\n"


def _write_clips(clips: Sequence[tuple[PlacedItem, float]], children: Sequence[Node], b: Reel) -> list[Node]:
    """Return the children of a track in B's times: its clips, with gaps between them."""
    written: list[Node] = []
    at, previous = 0, None
    for each, start in clips:
        source: ClipSource = each.item.source
        first = max(round(start * b.exact), at)
        count = max(round((start + each.seconds) * b.exact) - first, 1)
        if first > at:
            written.append(_make_gap(first - at, b.exact))
        elif previous is not None and source.place == previous + 2:
            between = children[previous + 1]
            written += [between] if _get_schema(between) == "Transition" else []
        written.append(_trim_clip(each, count, b.exact))
        at, previous = first + count, source.place
    return written


def _trim_clip(each: PlacedItem, count: int, rate: float) -> Node:
    """Return a clip with its kept part as the source range, `count` frames of B long, at the rate of its source."""
    node: Node = each.item.source.node
    range_before = node.get("source_range") or _find_available_range(node)
    start, source_rate = 0.0, rate
    if isinstance(range_before, dict):
        start, source_rate = _read_range(range_before)[0], _read_rate(range_before["start_time"])
    kept_from = each.item.start if each.kept_from is None else each.kept_from
    trimmed = {**node, "source_range": _make_range(start + kept_from - each.item.start, count / rate, source_rate)}
    if trimmed.get("markers"):
        first, seconds = _read_range(trimmed["source_range"])
        trimmed["markers"] = [
            marker
            for marker in _list_nodes(node, "markers")
            if isinstance(marker.get("marked_range"), dict)
            and first <= _read_range(marker["marked_range"])[0] < first + seconds
        ]
    return trimmed


def _write_markers(kept: Sequence[tuple[PlacedItem, float]], track: int | None, b: Reel) -> list[Node]:
    return [
        {**each.item.source.node, "marked_range": _make_range(start, each.seconds, b.exact)}
        for each, start in kept
        if isinstance(each.item.source, MarkerSource) and each.item.source.track == track
    ]


def _make_gap(count: int, rate: float) -> Node:
    return {
        "OTIO_SCHEMA": "Gap.1",
        "metadata": {},
        "name": "",
        "source_range": _make_range(0.0, count / rate, rate),
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def _make_range(start: float, seconds: float, rate: float) -> Node:
    first = round(start * rate)
    times = {"start_time": first, "duration": round((start + seconds) * rate) - first}
    made: Node = {"OTIO_SCHEMA": "TimeRange.1"}
    for name, value in times.items():
        made[name] = {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": float(value)}
    return made


def _read_range(node: Node) -> tuple[float, float]:
    """Return the start and the duration of a range in seconds."""
    start, seconds = (_read_seconds(node.get(name)) for name in ("start_time", "duration"))
    if seconds < 0:
        raise refuse("A range of this timeline has a negative duration. Export it again.")
    return start, seconds


def _read_seconds(node: Any) -> float:
    rate = _read_rate(node)
    value: Any = node.get("value")
    if not _is_number(value):
        raise refuse("A time of this timeline has no value. Export it again.")
    return float(value) / rate


def _read_rate(node: Any) -> float:
    rate = node.get("rate") if isinstance(node, dict) else None
    if not _is_number(rate) or rate <= 0:
        raise refuse("A time of this timeline has no frame rate. Export it again.")
    return float(rate)


def _is_number(value: Any) -> TypeGuard[float]:
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < MAX_NUMBER
    return isinstance(value, float) and math.isfinite(value)


def _list_nodes(node: Any, name: str) -> list[Node]:
    found = node.get(name) if isinstance(node, dict) else None
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise refuse("This timeline is damaged. Export it again.")
    return found


def _get_schema(node: Any) -> str:
    """Return the name of the type without its version: `Clip` of `Clip.2`."""
    name = node.get("OTIO_SCHEMA") if isinstance(node, dict) else None
    return name.partition(".")[0] if isinstance(name, str) else ""


def _get_name(node: Node) -> str:
    name = node.get("name") or node.get("comment")
    return name if isinstance(name, str) else ""
