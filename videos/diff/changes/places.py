"""Join the changes that lie in a place whose detail steps: they are what stands out most of one edit."""

from dataclasses import replace

import numpy as np

from videos.diff.changes.change import WHOLE_FRAME_SHARE, Change
from videos.diff.script.edit_script import Span

SAME_BORDER_SECONDS = 0.25  # seconds by which the borders of a place and of a change in it may differ
SHARED = 0.5  # share of the cells of the smaller one that a change and a place have in common

TimedChange = tuple[Span, Change]


def join_places(timed: list[TimedChange]) -> list[TimedChange]:
    """Return the changes, with those that lie in a place joined to it. A change that outlasts a place explains it."""
    places = [each for each in timed if _is_place(each[1])]
    left = [each for each in timed if not _is_place(each[1])]
    for span, place in places:
        shared = [each for each in left if _share_cells(each[1], place) and _share_time(each[0], span)]
        if any(_explains(each, span) for each in shared):
            continue
        left = [each for each in left if not any(each is other for other in shared)]
        left.append(_join(span, place, shared))
    return left


def _is_place(change: Change) -> bool:
    return change.step is not None and change.step.blocks is not None


def _share_cells(change: Change, place: Change) -> bool:
    smaller = min(change.cells.sum(), place.cells.sum())
    return bool((change.cells & place.cells).sum() >= SHARED * smaller)


def _share_time(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _explains(timed: TimedChange, of_place: Span) -> bool:
    span, change = timed
    outlasts = span[0] < of_place[0] - SAME_BORDER_SECONDS or span[1] > of_place[1] + SAME_BORDER_SECONDS
    return outlasts or bool(change.moving_cells) or change.area >= WHOLE_FRAME_SHARE


def _join(span: Span, place: Change, shared: list[TimedChange]) -> TimedChange:
    """Return a place with the changes in it. Their borders count where they are near, because they stand out more."""
    if not shared:
        return span, replace(place, place=place.cells)
    strongest = max((change for _, change in shared), key=lambda change: change.strength)
    borders = [min((other[end] for other, _ in shared), key=lambda at: abs(at - span[end])) for end in (0, 1)]
    start, end = (
        found if abs(found - own) <= SAME_BORDER_SECONDS else own for found, own in zip(borders, span, strict=True)
    )
    cells = np.logical_or.reduce([change.cells for _, change in shared])
    first, last = min(place.first, strongest.first), max(place.last, strongest.last)
    return (start, end), replace(strongest, first=first, last=last, cells=cells, place=place.cells)
