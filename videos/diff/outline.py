"""From settled runs to an outline of the script: what was kept in order, what moved, what one side alone has."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from videos.diff.align import Run
from videos.diff.fingerprint import Fingerprint
from videos.diff.line import SAME_TIMES, Line
from videos.diff.script import Span

SLIVER_FRAMES = 1.5  # what is shorter is rounding between two frame rates, and goes to its neighbour
LEAST_RUN_SECONDS = 0.25  # that a run must keep of itself,
LEAST_MOVE_SECONDS = 1.0  # what is shorter is as simply told as taken out and put in, and more often chance
WHOLE_SHARE = 0.7  # unless it is short and keeps so much

Kind = Literal["kept", "moved", "replaced", "inserted", "deleted", "paced"]  # paced: kept at another speed


@dataclass(frozen=True, slots=True)
class Part:
    """A span on either side; `line` where the two show the same."""

    kind: Kind
    a: Span | None
    b: Span | None
    line: Line = SAME_TIMES


def outline(a: Fingerprint, b: Fingerprint, runs: list[Run]) -> list[Part]:
    """Parts in B's order that cover both timelines, with every border at a frame of its side."""
    sliver = SLIVER_FRAMES * max(a.step, b.step)
    matched = _not_overlapping([part for run in _apart_in_b(runs) if (part := _on_frames(a, b, run))])
    keep = _heaviest_chain(matched)
    kept = [matched[index] for index in keep]
    moved = [
        replace(part, kind="moved")
        for index, part in enumerate(matched)
        if index not in set(keep) and part.a and part.a[1] - part.a[0] >= LEAST_MOVE_SECONDS
    ]
    kept = _swallow_slivers(a, b, kept, moved, sliver)
    return _in_order(list(_with_gaps(a, b, kept, moved)))


def _apart_in_b(runs: list[Run]) -> list[Run]:
    """Runs of which no two show the same moment of B: the longer keeps it."""
    claimed: list[tuple[float, float]] = []
    left = []
    for run in sorted(runs, key=lambda each: -each.seconds):
        start, end = run.b
        for low, high in claimed:
            if low <= start < high:
                start = min(high, end)
            if low < end <= high:
                end = max(low, start)
        whole = end - start > WHOLE_SHARE * (run.b[1] - run.b[0])
        if end - start > LEAST_RUN_SECONDS or whole:
            claimed.append((start, end))
            left.append(Run(run.line.to_a(start), run.line.to_a(end), run.line))
    return sorted(left, key=lambda each: each.start)


def _on_frames(a: Fingerprint, b: Fingerprint, run: Run) -> Part | None:
    span_a = _snap(a, (run.start, run.end))
    span_b = _snap(b, run.b)
    if span_a[1] <= span_a[0] or span_b[1] <= span_b[0]:
        return None
    return Part("kept", span_a, span_b, run.line)


def _not_overlapping(parts: list[Part]) -> list[Part]:
    """Parts in A's order of which none shares the frame that rounding gave to two."""
    end = -1.0
    for index, part in enumerate(parts):
        assert part.a is not None  # noqa: S101  for the type checker
        parts[index] = replace(part, a=(max(part.a[0], end), part.a[1]))
        end = max(end, part.a[1])
    end = -1.0
    for part in sorted(parts, key=lambda each: each.b or (0.0, 0.0)):
        assert part.b is not None  # noqa: S101  for the type checker
        parts[parts.index(part)] = replace(part, b=(max(part.b[0], end), part.b[1]))
        end = max(end, part.b[1])
    return [part for part in parts if part.a and part.b and part.a[0] < part.a[1] and part.b[0] < part.b[1]]


def _snap(video: Fingerprint, span: Span) -> Span:
    borders = video.borders
    start, end = (float(borders[np.abs(borders - time).argmin()]) for time in span)
    return start, end


def _heaviest_chain(parts: list[Part]) -> list[int]:
    """Indexes of the parts, ordered on both sides, that together last longest; the others have moved."""
    best = [0.0] * len(parts)
    came = [-1] * len(parts)
    for index, part in enumerate(parts):
        assert part.a is not None and part.b is not None  # noqa: S101, PT018  for the type checker
        for before in range(index):
            earlier = parts[before].b
            if earlier is not None and earlier[1] <= part.b[0] + 1e-6 and best[before] > best[index]:
                best[index], came[index] = best[before], before
        best[index] += part.a[1] - part.a[0]
    chain: list[int] = []
    place = int(np.argmax(best)) if parts else -1
    while place >= 0:
        chain.append(place)
        place = came[place]
    return chain[::-1]


def _swallow_slivers(a: Fingerprint, b: Fingerprint, kept: list[Part], moved: list[Part], sliver: float) -> list[Part]:
    """Kept parts drawn over gaps too short to mean anything, up to the ends of both videos."""
    taken_a = {part.a[0] for part in moved if part.a}
    taken_b = {part.b[0] for part in moved if part.b}
    grown = list(kept)
    for index, part in enumerate(grown):
        assert part.a is not None and part.b is not None  # noqa: S101, PT018  for the type checker
        following = grown[index + 1] if index + 1 < len(grown) else None
        next_a = following.a[0] if following and following.a else a.duration
        next_b = following.b[0] if following and following.b else b.duration
        end_a = next_a if next_a - part.a[1] < sliver and part.a[1] not in taken_a else part.a[1]
        end_b = next_b if next_b - part.b[1] < sliver and part.b[1] not in taken_b else part.b[1]
        start_a = 0.0 if not index and part.a[0] < sliver else part.a[0]
        start_b = 0.0 if not index and part.b[0] < sliver else part.b[0]
        grown[index] = replace(part, a=(start_a, end_a), b=(start_b, end_b))
    return grown


def _with_gaps(a: Fingerprint, b: Fingerprint, kept: list[Part], moved: list[Part]) -> Iterator[Part]:
    yield from kept
    yield from moved
    ends = [(0.0, 0.0), *[(part.a[1], part.b[1]) for part in kept if part.a and part.b]]
    starts = [*[(part.a[0], part.b[0]) for part in kept if part.a and part.b], (a.duration, b.duration)]
    for (from_a, from_b), (to_a, to_b) in zip(ends, starts, strict=True):
        spare_a = _left_over((from_a, to_a), [part.a for part in moved if part.a])
        spare_b = _left_over((from_b, to_b), [part.b for part in moved if part.b])
        both = min(len(spare_a), len(spare_b))
        for span_a, span_b in zip(spare_a[:both], spare_b[:both], strict=True):
            yield Part("replaced", span_a, span_b)
        for span in spare_a[both:]:
            yield Part("deleted", span, None)
        for span in spare_b[both:]:
            yield Part("inserted", None, span)


def _left_over(span: Span, taken: list[Span]) -> list[Span]:
    """What of a span none of the others covers."""
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


def _in_order(parts: list[Part]) -> list[Part]:
    """By time in B; a deleted part stands after the part that ends where it begins in A."""
    ordered = sorted((part for part in parts if part.b), key=lambda part: part.b or (0.0, 0.0))
    for gone in sorted((part for part in parts if part.a and not part.b), key=lambda part: part.a or (0.0, 0.0)):
        before = [
            (part.a[1], place)
            for place, part in enumerate(ordered)
            if part.a and gone.a and part.kind != "moved" and part.a[1] <= gone.a[0] + 1e-9
        ]
        ordered.insert(max(before)[1] + 1 if before else 0, gone)
    return ordered
