"""Find the lines of text on screen that differ between two videos, along the edit script of their comparison."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from videos.diff.script.stored import StoredBox, StoredSegment
from videos.media.screen_text.texts import fold_text, is_same_text, measure_similarity

Interval = tuple[float, float]

MAX_CHANGES = 5_000  # of a comparison
BUCKET_SECONDS = 4.0  # of the index of lines by time
MIN_SHARED_SECONDS = 0.15  # in which two lines are both visible, along the script
MIN_SHARED_PART = 0.3  # of the time of a line, from which the other video has its footage
MIN_ALONE_CONFIDENCE = 0.85  # of a line that only one video has; others may have been overlooked in the other one
MAX_EQUAL_PART = 0.8  # of the time of a line that only one video has; over equal footage, the other reading missed it
MIN_CHANGED_SIMILARITY = 0.6  # of the letters of a line that was changed and moved in the picture
MIN_PLACE_OVERLAP = 0.3  # intersection over union of the boxes of a line that was changed


@dataclass(frozen=True, slots=True)
class VisibleLine:
    """A line and when it is visible, in seconds, half-open."""

    start: float
    end: float
    text: str
    box: StoredBox
    confidence: float


class TextChange(TypedDict):
    """A line that was changed, inserted or deleted. Times are [start, end] in seconds of each side, or None.

    `box` is the place in B's frame, for a deleted line in A's.
    """

    op: Literal["changed", "inserted", "deleted"]
    a: list[float] | None
    b: list[float] | None
    text_a: str
    text_b: str
    box: StoredBox


def compare_lines(
    a: Sequence[VisibleLine], b: Sequence[VisibleLine], segments: Iterable[StoredSegment]
) -> list[TextChange]:
    """Return the lines that differ, in the order of B.

    A line of A is expected in B where the script shows the same footage. It is unchanged if B has the same text there,
    apart from mistakes of reading. A line that only one video has is no change over equal footage, because the reading
    missed it in the other. A line whose footage B lacks is unchanged if a line whose footage A lacks has the same text,
    so that a title that moved without its footage is no change.
    """
    both = [(segment["op"], segment["a"], segment["b"]) for segment in segments if segment["a"] and segment["b"]]
    pieces = [(source, to) for _, source, to in both]
    equal_a, equal_b = [one for op, one, _ in both if op == "equal"], [one for op, _, one in both if op == "equal"]
    expected = [_map_interval((line.start, line.end), pieces) for line in a]
    pairs = _list_pairs(expected, b)
    same_a = {i for i, j in pairs if is_same(a[i], b[j])}
    same_b = {j for i, j in pairs if is_same(a[i], b[j])}
    rest_a = [i for i in range(len(a)) if i not in same_a]
    rest_b = [j for j in range(len(b)) if j not in same_b]
    reverse = [(to, source) for source, to in pieces]
    lost = [i for i in rest_a if _is_unshared(a[i], pieces)]
    new = [j for j in rest_b if _is_unshared(b[j], reverse)]
    moved = _match_moved([(i, a[i]) for i in lost], [(j, b[j]) for j in new])
    gone_a, gone_b = {i for i, _ in moved}, {j for _, j in moved}
    open_a, open_b = set(rest_a) - gone_a, set(rest_b) - gone_b
    changed = _match_changed(a, b, [(i, j) for i, j in pairs if i in open_a and j in open_b])
    changes = [_build_change(a[i], b[j]) for i, j in changed]
    left_a = open_a - {i for i, _ in changed}
    left_b = open_b - {j for _, j in changed}
    changes += [_build_change(a[i], None) for i in left_a if _is_really_alone(a[i], equal_a)]
    changes += [_build_change(None, b[j]) for j in left_b if _is_really_alone(b[j], equal_b)]
    order = _Order(pieces)
    return sorted(changes, key=order.place)[:MAX_CHANGES]


def is_same(a: VisibleLine, b: VisibleLine) -> bool:
    """Return whether two lines have the same text, apart from mistakes of reading."""
    return is_same_text(a.text, b.text, min(a.confidence, b.confidence))


def _map_interval(interval: Interval, pieces: Sequence[tuple[list[float], list[float]]]) -> list[Interval]:
    """Return where an interval of one side is on the other side, by the spans that both sides share."""
    mapped = []
    for source, target in pieces:
        start, end = max(interval[0], source[0]), min(interval[1], source[1])
        if end <= start:
            continue
        scale = (target[1] - target[0]) / (source[1] - source[0])
        mapped.append((target[0] + (start - source[0]) * scale, target[0] + (end - source[0]) * scale))
    return mapped


def _list_pairs(expected: Sequence[Sequence[Interval]], b: Sequence[VisibleLine]) -> list[tuple[int, int]]:
    """Return the places of the lines of A and B that are visible at the same time, along the script."""
    buckets: defaultdict[int, list[int]] = defaultdict(list)
    for j, line in enumerate(b):
        for bucket in _list_buckets(line.start, line.end):
            buckets[bucket].append(j)
    pairs: list[tuple[int, int]] = []
    for i, intervals in enumerate(expected):
        found: set[int] = set()
        for start, end in intervals:
            near = {j for bucket in _list_buckets(start, end) for j in buckets.get(bucket, ())}
            for j in near:
                needed = min(MIN_SHARED_SECONDS, (end - start) / 2, (b[j].end - b[j].start) / 2)
                if min(end, b[j].end) - max(start, b[j].start) >= needed:
                    found.add(j)
        pairs += ((i, j) for j in sorted(found))
    return pairs


def _list_buckets(start: float, end: float) -> range:
    return range(int(start / BUCKET_SECONDS), int(end / BUCKET_SECONDS) + 1)


def _is_unshared(line: VisibleLine, pieces: Sequence[tuple[list[float], list[float]]]) -> bool:
    """Return whether the other side lacks the footage over which a line is visible."""
    shared = sum(max(0.0, min(line.end, source[1]) - max(line.start, source[0])) for source, _ in pieces)
    return shared < MIN_SHARED_PART * (line.end - line.start)


def _is_really_alone(line: VisibleLine, equal: Sequence[list[float]]) -> bool:
    """Return whether the other video lacks a line, instead of the reading having missed it there.

    `equal` are the spans of equal footage on the side of the line, in order.
    """
    if line.confidence < MIN_ALONE_CONFIDENCE:
        return False
    covered = 0.0
    for start, end in equal[max(0, bisect_right(equal, [line.start]) - 1) :]:
        if start >= line.end:
            break
        covered += max(0.0, min(line.end, end) - max(line.start, start))
    return covered <= MAX_EQUAL_PART * (line.end - line.start)


def _match_moved(a: Sequence[tuple[int, VisibleLine]], b: Sequence[tuple[int, VisibleLine]]) -> list[tuple[int, int]]:
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    for j, line in b:
        waiting[fold_text(line.text)].append(j)
    matched = []
    for i, line in a:
        if places := waiting[fold_text(line.text)]:
            matched.append((i, places.pop(0)))
    return matched


def _match_changed(
    a: Sequence[VisibleLine], b: Sequence[VisibleLine], pairs: Iterable[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return the pairs of lines that are at the same place or have most letters in common, the nearest first."""
    scored = []
    for i, j in pairs:
        overlap = _measure_overlap(a[i].box, b[j].box)
        similarity = measure_similarity(a[i].text, b[j].text)
        if overlap >= MIN_PLACE_OVERLAP or similarity >= MIN_CHANGED_SIMILARITY:
            scored.append((overlap + similarity, i, j))
    matched: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in sorted(scored, key=lambda each: (-each[0], each[1], each[2])):
        if i not in matched and j not in taken:
            matched[i] = j
            taken.add(j)
    return list(matched.items())


def _measure_overlap(a: StoredBox, b: StoredBox) -> float:
    """Return the intersection over union of two boxes."""
    wide = min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"])
    high = min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / (a["width"] * a["height"] + b["width"] * b["height"] - wide * high)


def _build_change(a: VisibleLine | None, b: VisibleLine | None) -> TextChange:
    shown = b or a
    assert shown  # noqa: S101  one side has the line
    return {
        "op": "changed" if a and b else "deleted" if a else "inserted",
        "a": [a.start, a.end] if a else None,
        "b": [b.start, b.end] if b else None,
        "text_a": a.text if a else "",
        "text_b": b.text if b else "",
        "box": shown.box,
    }


class _Order:
    """The order of changes in B: a deleted line is where its footage would have been."""

    def __init__(self, pieces: Sequence[tuple[list[float], list[float]]]) -> None:
        self._pieces = sorted(pieces)

    def place(self, change: TextChange) -> tuple[float, float]:
        if change["b"]:
            return change["b"][0], change["box"]["y"]
        assert change["a"]  # noqa: S101  for the type checker
        moment = change["a"][0]
        at = 0.0
        for source, target in self._pieces:
            if source[0] > moment:
                break
            scale = (target[1] - target[0]) / ((source[1] - source[0]) or 1)
            at = target[0] + (min(moment, source[1]) - source[0]) * scale
        return at, change["box"]["y"]
