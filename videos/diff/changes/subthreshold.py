"""Find subthreshold changes: spans that stay apart from their surroundings, but below the threshold.

They are cut out of equal segments and keep their own distances, so that a lower threshold can show them without a new
measurement. Spans at the level that is typical for their surroundings stay one segment.
"""

from dataclasses import replace

import numpy as np

from videos.diff.changes.change import Change
from videos.diff.changes.components import group_changes, pool_blocks
from videos.diff.changes.meter import ChangeMeter
from videos.diff.changes.score_maps import ScoreMap
from videos.diff.changes.spans import MarkedSpan, mark_spans
from videos.diff.script.edit_script import Span

MIN_SCORE = 0.4  # share of the threshold
TYPICAL_RATIO = 1.8  # times the typical score of the surroundings
MIN_BINS = 2
MIN_CELLS = 4
MIN_SECONDS = 0.3
MAX_SUBTHRESHOLD = 150  # subthreshold spans in one comparison


def add_subthreshold(meter: ChangeMeter, score_map: ScoreMap, marked: list[MarkedSpan], most: int) -> list[MarkedSpan]:
    """Return the marked spans of a part and at most `most` subthreshold changes between them, in order."""
    candidates = _find_subthreshold(score_map, [change for each in marked for change in each.changes])
    taken = [each.span for each in marked]
    added = [
        replace(each, span=span, is_subthreshold=True)
        for each in mark_spans(meter, candidates[:most])
        for span in _subtract_spans(each.span, taken)
    ]
    return sorted([*marked, *added], key=lambda each: each.span)


def _find_subthreshold(score_map: ScoreMap, known: list[Change]) -> list[Change]:
    """Return the changes below the threshold outside the known ones, the clearest first."""
    blocks = pool_blocks(score_map)
    free = np.ones(len(blocks), bool)
    for change in known:
        free[max(0, change.first - 1) : change.last + 1] = False
    if not free.any():
        return []
    level = max(MIN_SCORE, TYPICAL_RATIO * float(np.median(blocks[free].max(axis=(1, 2)))))
    if level >= 1:
        return []
    blocks[~free] = 0
    changes = [
        change
        for change in group_changes(score_map, blocks, level)
        if change.last - change.first >= MIN_BINS and change.cells.sum() >= MIN_CELLS
    ]
    return sorted(changes, key=lambda each: -each.strength * (each.last - each.first))


def _subtract_spans(span: Span, taken: list[Span]) -> list[Span]:
    """Return what of a span is outside those taken, without pieces that are too short to matter."""
    pieces = []
    start = span[0]
    for low, high in [*(each for each in taken if each[1] > span[0] and each[0] < span[1]), (span[1], span[1])]:
        if low - start >= MIN_SECONDS:
            pieces.append((start, low))
        start = max(start, high)
    return pieces
