"""Find the spans in which a measure of the whole picture differs, such as its sharpness."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from videos.diff.changes.change import MIN_SHOT_STRENGTH, MIN_STRENGTH, WHOLE_FRAME_SHARE, Change
from videos.diff.changes.score_maps import ScoreMap
from videos.diff.changes.steps.level_steps import BinSpan, Mask, differs_throughout, find_level_spans
from videos.diff.changes.steps.sharpness import GRID, is_spread
from videos.diff.changes.steps.whole_measures import TONES, LevelStep, MeasureName, Usual
from videos.diff.sampling.descriptor import Floats
from videos.fingerprint.format import LUMA_SHAPE

MIN_STRONG_STRENGTH = 1.5  # score from which cells of most of the picture tell a change without its tones
GRADE_STEPS = (1.5, 0.8)  # by which one of brightness, blue and red differs under a grade, and another one
REST_BINS = 5  # bins of a stretch of the rest of a part whose median detail is compared with that of a span, at most
BESIDE_BINS = 3  # bins beside a span that do not belong to the rest
MAX_REST_SHARE = 0.5  # share of the difference of a span by which the rest may differ
FILLED_SHARE = 0.5  # share of a span that a known change of the whole frame fills, to tell what differs there


def find_whole_changes(score_map: ScoreMap, usual: Usual, evident: list[Change], places: list[Change]) -> list[Change]:
    """Return the spans in which a measure of the whole picture differs and which no evident change mostly fills.

    Grades come first, then the longest ones, because a measure may tell only a part of an edit. A weak change of the
    cells does not hide a grade, which tells it from an effect of an encoding.
    """
    filling = [change for change in evident if change.area >= WHOLE_FRAME_SHARE]
    strong = [change for change in filling if change.strength >= MIN_STRONG_STRENGTH]
    steps = _list_whole_steps(score_map, usual, [*evident, *places], filling, strong)
    found: list[Change] = []
    for each in sorted(steps, key=lambda each: (not each.is_grade, each.first - each.last)):
        others = (*(strong if each.is_grade else filling), *found)
        filled = sum(max(0, min(each.last, it.last) - max(each.first, it.first)) for it in others)
        if filled < FILLED_SHARE * (each.last - each.first):
            found.append(each)
    return found


def _list_whole_steps(
    score_map: ScoreMap, usual: Usual, known: list[Change], filling: list[Change], strong: list[Change]
) -> Iterator[Change]:
    """Yield the spans of bins in which a measure of the whole picture differs.

    Bins that a change of the whole picture is `filling` tell nothing of those beside them. What their tones are tells
    something, but for those of `strong` changes.
    """
    levels = score_map.levels
    is_filled, is_strong = (_mark_bins(score_map, changes) for changes in (filling, strong))
    usual_detail = np.array([each.median for each in usual.blocks], np.float32).reshape(GRID)
    whole = (0, len(is_filled))
    is_part_graded = _is_grade(levels, usual, whole)
    for measure, usual_level in usual.whole.items():
        beside = np.where(is_strong if measure in TONES else is_filled, np.float32(usual_level.median), levels[measure])
        spans = find_level_spans(beside, usual_level, score_map.has_cut)
        if is_part_graded and measure in TONES and differs_throughout(beside, usual_level, GRADE_STEPS[-1]):
            spans = [(whole, float(np.median(beside)) - usual_level.median)]
        if measure == "detail":
            if not usual.is_graded:
                spans = _list_outstanding(score_map, beside - np.float32(usual_level.median), spans)
            detail = score_map.detail - usual_detail
            spans = [(span, level) for span, level in spans if _is_of_whole(detail, known, span, level)]
        for span, level in spans:
            if measure == "coarseness" and level < 0:  # less than usual is no edit
                continue
            strength = max(MIN_STRENGTH, abs(level) / usual_level.step)
            is_grade = measure in TONES and _is_grade(levels, usual, span)
            is_clear = is_grade or strength >= MIN_SHOT_STRENGTH
            if is_clear or not all(_is_near_cut(score_map, at) for at in span):
                step = LevelStep(measure, level, usual_level.median)
                yield Change(score_map, *span, np.ones(LUMA_SHAPE, bool), strength, step=step, is_grade=is_grade)


def _mark_bins(score_map: ScoreMap, changes: list[Change]) -> Mask:
    """Return a mask of the bins (bins,) in which one of the changes is."""
    marked = np.zeros(len(score_map.times), bool)
    for change in changes:
        marked[change.first : change.last] = True
    return marked


def _is_grade(levels: Mapping[MeasureName, Floats], usual: Usual, span: BinSpan) -> bool:
    """Return whether several tones differ throughout a span: an encoding may change one of them from cut to cut."""
    first, last = span
    tones = [(levels[name][first:last], usual.whole[name]) for name in TONES if name in usual.whole]
    return all(
        sum(differs_throughout(*tone, steps) for tone in tones) >= count for count, steps in enumerate(GRADE_STEPS, 1)
    )


def _is_near_cut(score_map: ScoreMap, border: int) -> bool:
    """Return whether A has a cut in a bin beside a border between bins, so that a shot may begin or end there."""
    return bool(score_map.has_cut[max(0, border - 1) : border + 1].any())


def _list_outstanding(
    score_map: ScoreMap, difference: Floats, spans: Sequence[tuple[BinSpan, float]]
) -> list[tuple[BinSpan, float]]:
    """Return the spans in which the detail differs clearly more than in the rest of the part.

    `difference` (bins,) is by how much the detail exceeds the usual one. A coarse encoding loses detail now and then,
    in steps that may be as sharp as those of an edit. Whole shots are compared only if a span begins or ends with one.
    The smallest differences are judged first: spans that are not outstanding belong to the rest for the larger ones.
    """
    ordered = sorted(spans, key=lambda each: abs(each[1]))
    kept: list[tuple[BinSpan, float]] = []
    for place, (span, level) in enumerate(ordered):
        is_rest = np.ones(len(difference), bool)
        for (first, last), _ in (*kept, *ordered[place:]):
            is_rest[max(0, first - BESIDE_BINS) : last + BESIDE_BINS] = False
        towards = difference * np.sign(level)
        if not any(_is_near_cut(score_map, at) for at in span):
            towards = _subtract_shots(towards, score_map.has_cut)
        count = min(REST_BINS, span[1] - span[0])
        medians = np.median(sliding_window_view(towards, count), axis=1)
        of_rest = medians[sliding_window_view(is_rest, count).all(axis=1)]
        if of_rest.max(initial=0) < MAX_REST_SHARE * abs(level):
            kept.append((span, level))
    return sorted(kept)


def _subtract_shots(difference: Floats, has_cut: Mask) -> Floats:
    """Return the differences of bins (bins,) without the smallest one of their shot, if that is above 0."""
    shots = np.split(difference, np.flatnonzero(has_cut))
    return np.concatenate([shot - max(0.0, shot[1:].min(initial=shot[0])) for shot in shots if len(shot)])


def _is_of_whole(detail: Floats, known: list[Change], span: BinSpan, level: float) -> bool:
    """Return whether the detail (bins, 6, 16) differs in a span of bins not only within the known changes."""
    first, last = span
    cells = np.zeros(LUMA_SHAPE, bool)
    for change in known:
        if change.first < last and first < change.last:
            cells |= change.cells
    return bool(cells.mean() >= WHOLE_FRAME_SHARE) or is_spread(detail[first:last], cells, level)
