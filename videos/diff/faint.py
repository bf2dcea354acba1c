"""What nearly counts as a change: stretches that stay apart from the rest, though below the threshold.

They are cut out of what is equal and keep their own distances, so that a lower threshold shows them without another
look at the videos. What is usual for a stretch stays one segment.
"""

from dataclasses import replace

import numpy as np

from videos.diff.changes import Change, gathered, in_blocks
from videos.diff.script import Span
from videos.diff.spans import Marked, Surveyor, mark
from videos.diff.tracks import Track

FAINTEST = 0.4  # of the threshold
OVER_USUAL = 1.8  # times what is usual for the stretch
LEAST_BINS = 2
LEAST_CELLS = 4
LEAST_SECONDS = 0.3
MOST = 150  # in one comparison


def with_faint(survey: Surveyor, track: Track, marked: list[Marked], most: int) -> list[Marked]:
    """What changed in a part and, between that, at most `most` stretches that nearly did, in order."""
    found = mark(survey, _faint(track, [change for each in marked for change in each.changes])[:most])
    taken = [each.span for each in marked]
    cut = [replace(each, span=span, faint=True) for each in found for span in _outside(each.span, taken)]
    return sorted([*marked, *cut], key=lambda each: each.span)


def _faint(track: Track, found: list[Change]) -> list[Change]:
    """The clearest first."""
    blocks = in_blocks(track)
    free = np.ones(len(blocks), bool)
    for change in found:
        free[max(0, change.first - 1) : change.last + 1] = False
    if not free.any():
        return []
    level = max(FAINTEST, OVER_USUAL * float(np.median(blocks[free].max(axis=(1, 2)))))
    if level >= 1:
        return []
    blocks[~free] = 0
    faint = [
        change
        for change in gathered(track, blocks, level)
        if change.last - change.first >= LEAST_BINS and change.cells.sum() >= LEAST_CELLS
    ]
    return sorted(faint, key=lambda each: -each.strength * (each.last - each.first))


def _outside(span: Span, taken: list[Span]) -> list[Span]:
    """What of a span lies outside those taken, but for what is too short to mean anything."""
    pieces = []
    start = span[0]
    for low, high in [*(each for each in taken if each[1] > span[0] and each[0] < span[1]), (span[1], span[1])]:
        if low - start >= LEAST_SECONDS:
            pieces.append((start, low))
        start = max(start, high)
    return pieces
