"""Outline the script from settled runs: which footage stayed in order, which moved, and which one side alone has."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from videos.diff.alignment.time_map import IDENTITY_TIME_MAP, TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.script.edit_script import Span
from videos.diff.script.stored import SideName
from videos.fingerprint.format import Fingerprint

SLIVER_FRAMES = 1.5  # frames; a shorter gap is rounding between two frame rates and joins its neighbour
MIN_RUN_SECONDS = 0.25  # what must be left of a run once longer runs have claimed their part of B,
MIN_RUN_SHARE = 0.7  # unless this share of the run is left
MIN_MOVE_SECONDS = 1.0  # shorter moves are described as a deletion and an insertion: most are coincidences


@dataclass(frozen=True, slots=True)
class MatchedPart:
    """A span of A and the span of B that shows the same footage; `retimed` runs at another speed than the rest."""

    a: Span
    b: Span
    time_map: TimeMap = IDENTITY_TIME_MAP
    kind: Literal["kept", "moved", "retimed"] = "kept"

    @property
    def seconds(self) -> float:
        """The duration in A."""
        return self.a[1] - self.a[0]


@dataclass(frozen=True, slots=True)
class ReplacedPart:
    """A span of A and the span of B that has taken its place with other footage."""

    a: Span
    b: Span


@dataclass(frozen=True, slots=True)
class OneSidedPart:
    """A span of one side that the other side lacks: deleted if the side is A, inserted if it is B.

    `also_at` is the second at which the other side shows the same footage elsewhere, if it does.
    """

    side: SideName
    span: Span
    also_at: float | None = None


Part = MatchedPart | ReplacedPart | OneSidedPart


def outline_script(a: Fingerprint, b: Fingerprint, runs: list[Run]) -> list[Part]:
    """Return parts in B's order that cover both timelines, with every boundary at a frame of its side."""
    matched = _remove_overlaps([part for run in _separate_in_b(runs) if (part := _snap_run(a, b, run))])
    chain = set(find_heaviest_chain(matched, [part.seconds for part in matched]))
    kept = [part for index, part in enumerate(matched) if index in chain]
    moved = [
        replace(part, kind="moved")
        for index, part in enumerate(matched)
        if index not in chain and part.seconds >= MIN_MOVE_SECONDS
    ]
    kept = _close_slivers(a, b, kept, moved)
    matched = [*kept, *moved]
    kept, moved = (_close_replaced_slivers(a, b, parts, matched) for parts in (kept, moved))
    gaps = list(_fill_gaps(a, b, kept, moved))
    return _sort_parts([*kept, *moved, *gaps])


def _separate_in_b(runs: list[Run]) -> list[Run]:
    """Trim runs until no two show the same moment of B. The longer run keeps a disputed span."""
    claimed: list[Span] = []
    left = []
    for run in sorted(runs, key=lambda each: -each.seconds):
        start, end = run.b
        for low, high in claimed:
            if low <= start < high:
                start = min(high, end)
            if low < end <= high:
                end = max(low, start)
        is_mostly_left = end - start > MIN_RUN_SHARE * (run.b[1] - run.b[0])
        if end - start > MIN_RUN_SECONDS or is_mostly_left:
            claimed.append((start, end))
            left.append(Run(run.time_map.to_a(start), run.time_map.to_a(end), run.time_map))
    return sorted(left, key=lambda each: each.start)


def _snap_run(a: Fingerprint, b: Fingerprint, run: Run) -> MatchedPart | None:
    span_a = _snap_span(a, (run.start, run.end))
    span_b = _snap_span(b, run.b)
    if span_a[1] <= span_a[0] or span_b[1] <= span_b[0]:
        return None
    return MatchedPart(span_a, span_b, run.time_map)


def _snap_span(video: Fingerprint, span: Span) -> Span:
    borders = video.borders
    start, end = (float(borders[np.abs(borders - time).argmin()]) for time in span)
    return start, end


def _remove_overlaps(parts: list[MatchedPart]) -> list[MatchedPart]:
    """Return parts in A's order of which no two share a frame that rounding gave to both."""
    end = -1.0
    for index, part in enumerate(parts):
        parts[index] = replace(part, a=(max(part.a[0], end), part.a[1]))
        end = max(end, part.a[1])
    end = -1.0
    for part in sorted(parts, key=lambda each: each.b):
        parts[parts.index(part)] = replace(part, b=(max(part.b[0], end), part.b[1]))
        end = max(end, part.b[1])
    return [part for part in parts if part.a[0] < part.a[1] and part.b[0] < part.b[1]]


def find_heaviest_chain(parts: list[MatchedPart], weights: list[float]) -> list[int]:
    """Return the indexes of the parts, in order on both sides, that together weigh most; the others have moved.

    This is the longest increasing subsequence, weighted.
    """
    best = [0.0] * len(parts)
    previous = [-1] * len(parts)
    for index, part in enumerate(parts):
        for before in range(index):
            if parts[before].b[1] <= part.b[0] + 1e-6 and best[before] > best[index]:
                best[index], previous[index] = best[before], before
        best[index] += weights[index]
    chain: list[int] = []
    place = int(np.argmax(best)) if parts else -1
    while place >= 0:
        chain.append(place)
        place = previous[place]
    return chain[::-1]


def _close_slivers(
    a: Fingerprint, b: Fingerprint, kept: list[MatchedPart], moved: list[MatchedPart]
) -> list[MatchedPart]:
    """Extend kept parts over gaps that are shorter than a sliver, up to the ends of both videos."""
    sliver = SLIVER_FRAMES * max(a.step, b.step)
    taken_a = {part.a[0] for part in moved}
    taken_b = {part.b[0] for part in moved}
    next_a = [*(part.a[0] for part in kept[1:]), a.duration]
    next_b = [*(part.b[0] for part in kept[1:]), b.duration]
    extended = []
    for index, part in enumerate(kept):
        (start_a, end_a), (start_b, end_b) = part.a, part.b
        if next_a[index] - end_a < sliver and end_a not in taken_a:
            end_a = next_a[index]
        if next_b[index] - end_b < sliver and end_b not in taken_b:
            end_b = next_b[index]
        if index == 0 and start_a < sliver:
            start_a = 0.0
        if index == 0 and start_b < sliver:
            start_b = 0.0
        extended.append(replace(part, a=(start_a, end_a), b=(start_b, end_b)))
    return extended


def _close_replaced_slivers(
    a: Fingerprint, b: Fingerprint, parts: list[MatchedPart], matched: list[MatchedPart]
) -> list[MatchedPart]:
    """Extend parts over a sliver of one side where the other side has a longer gap: that one is new, or is missing.

    `matched` are all parts, of which one may begin after the sliver.
    """
    sliver = SLIVER_FRAMES * max(a.step, b.step)
    extended = []
    for part in parts:
        next_a = min([a.duration, *(other.a[0] for other in matched if other.a[0] >= part.a[1])])
        next_b = min([b.duration, *(other.b[0] for other in matched if other.b[0] >= part.b[1])])
        if 0 < next_a - part.a[1] < sliver <= next_b - part.b[1]:
            part = replace(part, a=(part.a[0], next_a))
        elif 0 < next_b - part.b[1] < sliver <= next_a - part.a[1]:
            part = replace(part, b=(part.b[0], next_b))
        extended.append(part)
    return extended


def _fill_gaps(a: Fingerprint, b: Fingerprint, kept: list[MatchedPart], moved: list[MatchedPart]) -> Iterator[Part]:
    """Yield parts for what lies between the kept parts and is not moved."""
    ends = [(0.0, 0.0), *[(part.a[1], part.b[1]) for part in kept]]
    starts = [*[(part.a[0], part.b[0]) for part in kept], (a.duration, b.duration)]
    for (from_a, from_b), (to_a, to_b) in zip(ends, starts, strict=True):
        spare_a = subtract_spans((from_a, to_a), [part.a for part in moved])
        spare_b = subtract_spans((from_b, to_b), [part.b for part in moved])
        both = min(len(spare_a), len(spare_b))
        for span_a, span_b in zip(spare_a[:both], spare_b[:both], strict=True):
            yield ReplacedPart(span_a, span_b)
        for span in spare_a[both:]:
            yield OneSidedPart("a", span)
        for span in spare_b[both:]:
            yield OneSidedPart("b", span)


def subtract_spans(span: Span, taken: Iterable[Span]) -> list[Span]:
    """Return what of a span none of the others covers."""
    left = []
    start = span[0]
    for low, high in sorted(taken):
        if high <= start or low >= span[1]:
            continue
        if low > start:
            left.append((start, low))
        start = max(start, high)
    if start < span[1] - 1e-9:
        left.append((start, span[1]))
    return left


def _sort_parts(parts: Sequence[Part]) -> list[Part]:
    """Sort by time in B; a deleted part follows the part that ends where it begins in A."""
    deleted = sorted(part.span for part in parts if isinstance(part, OneSidedPart) and part.side == "a")
    ordered = sorted(
        (part for part in parts if not isinstance(part, OneSidedPart) or part.side == "b"),
        key=lambda part: part.span if isinstance(part, OneSidedPart) else part.b,
    )
    for span in deleted:
        before = [
            (end, place)
            for place, part in enumerate(ordered)
            if (end := _end_in_a(part)) is not None and end <= span[0] + 1e-9
        ]
        ordered.insert(max(before)[1] + 1 if before else 0, OneSidedPart("a", span))
    return ordered


def _end_in_a(part: Part) -> float | None:
    """Return where a part ends in A; None if A lacks it or if it has moved."""
    if isinstance(part, OneSidedPart):
        return part.span[1] if part.side == "a" else None
    if isinstance(part, MatchedPart) and part.kind == "moved":
        return None
    return part.a[1]
