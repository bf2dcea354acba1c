"""Find changes within the frame of matched footage: which cells differ, when, and how strongly.

Cells of a score map that stand out are grouped by connected components in space and time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.changes.bin_scores import Scores
from videos.diff.changes.motion import average_strongest, count_moving_cells
from videos.diff.changes.score_maps import ScoredGlitch, ScoreMap
from videos.diff.changes.splitting import split_group
from videos.diff.changes.steps.block_steps import PlaceStep, find_place_steps
from videos.diff.changes.steps.level_steps import BinSpan, find_level_spans
from videos.diff.changes.steps.sharpness import GRID, is_spread
from videos.diff.changes.steps.whole_measures import LevelStep, Usual
from videos.diff.sampling.descriptor import Floats
from videos.diff.script.edit_script import Span
from videos.diff.script.kinds import ChangeKind
from videos.fingerprint.format import LUMA_SHAPE

GROWTH = 0.6  # share of the threshold down to which a change extends around its core
MIN_CORE_SHARE = 0.05  # share of the bins of a change that have a core
BLOCKS = (9, 16)  # rows and columns of the blocks in which cells are grouped
BLOCK_ROWS, BLOCK_COLUMNS = LUMA_SHAPE[0] // BLOCKS[0], LUMA_SHAPE[1] // BLOCKS[1]  # cells
PRESENCE = 0.25  # share of the way from the level outside to the level inside at which a change is present
EVIDENT_SECONDS = 0.6  # seconds; shorter changes need a higher score
SMALL_CELLS = 24  # cells, of 2304; smaller changes need a score higher by SMALL_FACTOR
SMALL_FACTOR = 1.25
MIN_STRENGTH = 1.2  # score that every change needs
CLEAR_STRENGTH = 2.0  # score from which a change need not be steady, nor a step of the whole picture sharp
MIN_PRESENT_SCORE = 0.32  # mean score of the cells of a weaker change in most bins; that of edges that move is lower
PAUSE_BINS = 2  # bins; a pause this short does not end a change
WHOLE_FRAME_SHARE = 0.5  # share of cells from which a change absorbs all others of its time
MIN_SHOT_STRENGTH = 2.5  # score from which a difference of detail over a whole shot is an edit
GLITCH = ChangeKind("glitch", 0.8)
FILLED_SHARE = 0.5  # share of a span that a known change of the whole frame fills, to tell what differs there
MAX_PRESENCE_SCORE = np.float16(4)  # score; higher ones count as this for the presence of a change

Cell = tuple[int, int, int]  # bin, row, column


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A group of cells that differ from bin `first` up to `last` of a score map; `cells` is (36, 64) of bool.

    `strength` is the highest score; scores are limited where a difference is certain. `levels` is the mean difference
    of the cells in levels, 0 if not measured. `foreign` means that the footage is other footage and no edit.
    `step` is by how much a measure of the whole picture or of a place differs, if only that tells the change.
    `kind` is set if the course of the frames tells it: a transition, a frozen picture or a glitch. `spans`: those of a
    glitch in A and B. `is_weak`: it is too faint for its duration and size. `cells_before` and `cells_after` are those
    of another change that ends or begins where this one begins or ends. `place` are the cells around it whose detail
    steps at the same time. `moving_cells` counts the cells at one time of
    a change that moves, whose `cells` are those of its whole path; it is 0 otherwise.
    """

    score_map: ScoreMap
    first: int
    last: int
    cells: NDArray[np.bool_]
    strength: float
    levels: float = 0.0
    foreign: bool = False
    step: LevelStep | None = None
    kind: ChangeKind | None = None
    spans: tuple[Span, Span] | None = None
    is_weak: bool = False
    cells_before: NDArray[np.bool_] | None = None
    cells_after: NDArray[np.bool_] | None = None
    moving_cells: int = 0
    place: NDArray[np.bool_] | None = None

    @property
    def is_faint(self) -> bool:
        """Whether only a measure of the whole picture tells the change, and no more than its borders need."""
        return self.is_mild and self.strength <= MIN_STRENGTH

    @property
    def is_mild(self) -> bool:
        """Whether only a measure of the whole picture tells the change, and not strongly."""
        return self.step is not None and self.step.blocks is None and self.strength < CLEAR_STRENGTH

    @property
    def area(self) -> float:
        """The share of the picture that differs at one time."""
        return self.moving_cells / self.cells.size if self.moving_cells else float(self.cells.mean())


def find_changes(score_map: ScoreMap, usual: Usual) -> list[Change]:
    """Return the changes of a part.

    They are the groups of cells that touch in space and time, each with at least one cell over the threshold, the spans
    in which a measure of the whole picture differs, the places whose detail steps, and the glitches. A weak one counts
    only if its borders are clear.
    """
    groups = group_changes(score_map, pool_blocks(score_map), 1.0)
    changes = [replace(change, is_weak=not _is_evident(change)) for change in groups]
    glitches = [_convert_glitch(score_map, glitch) for glitch in score_map.glitches]
    evident = [change for change in changes if not change.is_weak]
    places = [_convert_place(score_map, usual, place) for place in find_place_steps(score_map.detail, usual.blocks)]
    return [*changes, *_find_whole_changes(score_map, usual, evident, places), *places, *glitches]


def _convert_place(score_map: ScoreMap, usual: Usual, place: PlaceStep) -> Change:
    first, last = place.bins
    blocks = place.blocks
    shape = tuple(cells // count for cells, count in zip(LUMA_SHAPE, blocks.shape, strict=True))
    medians = [each.median for each, stepped in zip(usual.blocks, blocks.flat, strict=True) if stepped]
    step = LevelStep("detail", place.level, float(np.mean(medians)), blocks)
    return Change(score_map, first, last, np.kron(blocks, np.ones(shape, bool)), MIN_STRENGTH, step=step, is_weak=True)


def _find_whole_changes(score_map: ScoreMap, usual: Usual, evident: list[Change], places: list[Change]) -> list[Change]:
    """Return the spans in which a measure of the whole picture differs and which no evident change mostly fills.

    The longest ones come first, because a measure may tell only a part of an edit.
    """
    filling = [change for change in evident if change.area >= WHOLE_FRAME_SHARE]
    steps = _list_whole_steps(score_map, usual, [*evident, *places], filling)
    found: list[Change] = []
    for (first, last), step, strength in sorted(steps, key=lambda each: each[0][0] - each[0][1]):
        filled = sum(max(0, min(last, each.last) - max(first, each.first)) for each in (*filling, *found))
        if filled < FILLED_SHARE * (last - first):
            found.append(Change(score_map, first, last, np.ones(LUMA_SHAPE, bool), strength, step=step))
    return found


def _list_whole_steps(
    score_map: ScoreMap, usual: Usual, known: list[Change], filling: list[Change]
) -> Iterator[tuple[BinSpan, LevelStep, float]]:
    """Yield the spans of bins in which a measure of the whole picture differs, with its step and its strength.

    Bins that a change of the whole picture is `filling` tell nothing of those beside them.
    """
    levels = score_map.levels
    is_filled = np.zeros(len(score_map.times), bool)
    for change in filling:
        is_filled[change.first : change.last] = True
    usual_detail = np.array([each.median for each in usual.blocks], np.float32).reshape(GRID)
    for measure, usual_level in usual.whole.items():
        beside = np.where(is_filled, np.float32(usual_level.median), levels[measure])
        for span, level in find_level_spans(beside, usual_level, score_map.has_cut):
            if measure == "detail" and not _is_of_whole(score_map.detail - usual_detail, known, span, level):
                continue
            if measure == "coarseness" and level < 0:  # less than usual is no edit
                continue
            strength = max(MIN_STRENGTH, abs(level) / usual_level.step)
            if strength >= MIN_SHOT_STRENGTH or not all(_is_near_cut(score_map, at) for at in span):
                yield span, LevelStep(measure, level, usual_level.median), strength


def _is_near_cut(score_map: ScoreMap, border: int) -> bool:
    """Return whether A has a cut in a bin beside a border between bins, so that a shot may begin or end there."""
    return bool(score_map.has_cut[max(0, border - 1) : border + 1].any())


def _is_of_whole(detail: Floats, known: list[Change], span: BinSpan, level: float) -> bool:
    """Return whether the detail (bins, 6, 16) differs in a span of bins not only within the known changes."""
    first, last = span
    cells = np.zeros(LUMA_SHAPE, bool)
    for change in known:
        if change.first < last and first < change.last:
            cells |= change.cells
    return bool(cells.mean() >= WHOLE_FRAME_SHARE) or is_spread(detail[first:last], cells, level)


def _convert_glitch(score_map: ScoreMap, glitch: ScoredGlitch) -> Change:
    (start, end), _ = glitch.spans
    at = min(int(np.searchsorted(score_map.times, (start + end) / 2)), len(score_map.times) - 1)
    return Change(score_map, at, at + 1, glitch.cells, glitch.strength, glitch.levels, kind=GLITCH, spans=glitch.spans)


def pool_blocks(score_map: ScoreMap) -> Scores:
    """Return (bins, 9, 16): the highest score in each block of cells."""
    bits = score_map.score.view(np.uint16)  # non-negative halves sort like their bits, and integers compare faster
    high = bits.reshape(-1, BLOCKS[0], BLOCK_ROWS, LUMA_SHAPE[1]).max(axis=2)
    blocks = high[..., 0::BLOCK_COLUMNS].copy()
    for column in range(1, BLOCK_COLUMNS):
        np.maximum(blocks, high[..., column::BLOCK_COLUMNS], out=blocks)
    return blocks.view(np.float16)


def group_changes(score_map: ScoreMap, blocks: Scores, level: float) -> list[Change]:
    """Return the groups of blocks that touch in space and time, each with at least one block over `level`."""
    changes: list[Change] = []
    for group in _connect_cells(blocks > GROWTH * level, blocks > level):
        bins, down, across = (np.array(axis) for axis in zip(*group, strict=True))
        start = int(bins.min())
        allowed = np.zeros((int(bins.max()) + 1 - start, *BLOCKS), bool)
        allowed[bins - start, down, across] = True
        low, high = _find_core(allowed & (blocks[start : start + len(allowed)] > level))
        is_brief = high - low < len(allowed)
        allowed, start = allowed[low:high], start + low
        pieces = [
            _make_change(score_map, blocks, allowed[low:high], start + low, level) for low, high in split_group(allowed)
        ]
        changes += pieces if is_brief else _connect_pieces(pieces)
    return _join_touching(changes)


def _find_core(over: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the bins of a group: all, or only those from the first to the last over the threshold, if these are few.

    Blocks (bins, 9, 16) that are `over` it for a moment say nothing of weaker ones for many seconds.
    """
    core = np.flatnonzero(over.any(axis=(1, 2)))
    if len(core) >= MIN_CORE_SHARE * len(over):
        return 0, len(over)
    return int(core[0]), int(core[-1]) + 1


def _make_change(score_map: ScoreMap, blocks: Scores, allowed: NDArray[np.bool_], first: int, level: float) -> Change:
    """Return the change of the blocks (bins, 9, 16) that differ from bin `first` on."""
    last = first + len(allowed)
    strength = float(blocks[first:last][allowed].max())
    score = score_map.score[first:last]
    places: NDArray[np.bool_] = score > GROWTH * level
    places &= allowed.repeat(BLOCK_ROWS, axis=1).repeat(BLOCK_COLUMNS, axis=2)
    if moving := count_moving_cells(places):
        return Change(score_map, first, last, np.logical_or.reduce(places), strength, moving_cells=moving)
    mask = np.kron(allowed.any(axis=0), np.ones((BLOCK_ROWS, BLOCK_COLUMNS), bool))
    mean = score.astype(np.float32).mean(axis=0)
    cells = mask & (mean > GROWTH * min(level, float(mean[mask].max())))
    return Change(score_map, first, last, cells, strength)


def _connect_pieces(pieces: list[Change]) -> list[Change]:
    """Return the changes of a group, each at the bins in which it is present, and with the cells of its neighbours."""
    if len(pieces) == 1:
        [only] = pieces
        first, last = _find_presence(only)
        return [replace(only, first=first, last=last)]
    beside = [None, *(piece.cells for piece in pieces), None]
    return [
        replace(piece, cells_before=before, cells_after=after)
        for piece, before, after in zip(pieces, beside, beside[2:], strict=False)
    ]


def _is_evident(change: Change) -> bool:
    """Return whether a change is strong enough for its duration and its size, and its cells differ most of the time."""
    times = change.score_map.times
    seconds = (change.last - change.first) * (float(times[1] - times[0]) if len(times) > 1 else EVIDENT_SECONDS)
    needed = MIN_STRENGTH * max(1.0, float(np.sqrt(EVIDENT_SECONDS / seconds)))
    if change.strength < needed * (SMALL_FACTOR if change.cells.sum() < SMALL_CELLS else 1.0):
        return False
    within = _measure_presence(change, change.first, change.last)
    return change.strength >= CLEAR_STRENGTH or float(np.median(within)) >= MIN_PRESENT_SCORE


def _measure_presence(change: Change, first: int, last: int) -> Floats:
    """Return the mean score (last - first,) of the cells of a change in bins of its part."""
    scores = np.minimum(change.score_map.score[first:last, change.cells], MAX_PRESENCE_SCORE).astype(np.float32)
    return average_strongest(scores, change.moving_cells)


def _find_presence(change: Change) -> tuple[int, int]:
    """Return the bins around a group in which its cells are closer to their level inside than to that outside."""
    first, last = change.first, change.last
    level = _measure_presence(change, 0, len(change.score_map.score))
    outside = np.concatenate([level[: max(0, first - 2)], level[last + 2 :]])
    within = float(np.median(level[first:last]))
    without = min(float(np.median(outside)) if len(outside) else 0.0, within)
    present = np.flatnonzero(level > without + PRESENCE * (within - without))
    core = present[(present >= first) & (present < last)]
    if not len(core):
        return first, last
    low, high = int(core[0]), int(core[-1])
    for place in present[present > high]:
        if place - high > PAUSE_BINS:
            break
        high = int(place)
    for place in present[present < low][::-1]:
        if low - place > PAUSE_BINS:
            break
        low = int(place)
    return low, high + 1


def _join_touching(changes: list[Change]) -> list[Change]:
    """Join changes whose boxes touch while both are present, such as the parts of a tinted picture."""
    joined: list[Change] = []
    for change in sorted(changes, key=lambda each: -each.strength):
        for place, other in enumerate(joined):
            shared = min(change.last, other.last) - max(change.first, other.first)
            if shared * 2 > min(change.last - change.first, other.last - other.first) and _boxes_touch(change, other):
                joined[place] = replace(
                    other,
                    first=min(other.first, change.first),
                    last=max(other.last, change.last),
                    cells=other.cells | change.cells,
                )
                break
        else:
            joined.append(change)
    return joined if len(joined) == len(changes) else _join_touching(joined)


def _boxes_touch(one: Change, other: Change) -> bool:
    for axis in (0, 1):
        mine, theirs = (np.flatnonzero(change.cells.any(axis=axis)) for change in (one, other))
        if mine[0] > theirs[-1] + 1 or theirs[0] > mine[-1] + 1:
            return False
    return True


def _connect_cells(weak: NDArray[np.bool_], strong: NDArray[np.bool_]) -> list[list[Cell]]:
    """Return the connected components of `weak` that hold a cell of `strong`.

    Cells connect diagonally and over short pauses.
    """
    left = {(int(t), int(y), int(x)) for t, y, x in np.argwhere(weak)}
    groups = []
    for seed in map(tuple, np.argwhere(strong).tolist()):
        if seed not in left:
            continue
        left.discard(seed)
        group, todo = [], [seed]
        while todo:
            t, y, x = todo.pop()
            group.append((t, y, x))
            for dt in range(-PAUSE_BINS, PAUSE_BINS + 1):
                for dy in (-1, 0, 1):
                    for dx in (-1, 0, 1):
                        cell = (t + dt, y + dy, x + dx)
                        if cell in left:
                            left.discard(cell)
                            todo.append(cell)
        groups.append(group)
    return groups
