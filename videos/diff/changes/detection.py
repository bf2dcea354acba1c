"""Find all changes of a part: groups of cells, steps of the whole picture and of places, and glitches."""

from dataclasses import replace

import numpy as np

from videos.diff.changes.change import CLEAR_STRENGTH, MIN_STRENGTH, Change
from videos.diff.changes.components import group_changes, measure_presence, pool_blocks
from videos.diff.changes.score_maps import ScoredGlitch, ScoreMap
from videos.diff.changes.steps.block_steps import PlaceStep, find_place_steps
from videos.diff.changes.steps.whole_changes import find_whole_changes
from videos.diff.changes.steps.whole_measures import LevelStep, Usual
from videos.diff.script.kinds import ChangeKind
from videos.fingerprint.format import LUMA_SHAPE

EVIDENT_SECONDS = 0.6  # seconds; shorter changes need a higher score
SMALL_CELLS = 24  # cells, of 2304; smaller changes need a score higher by SMALL_FACTOR
SMALL_FACTOR = 1.25
MIN_PRESENT_SCORE = 0.32  # mean score of the cells of a weaker change in most bins; that of edges that move is lower
GLITCH = ChangeKind("glitch", 0.8)


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
    return [*changes, *find_whole_changes(score_map, usual, evident, places), *places, *glitches]


def _is_evident(change: Change) -> bool:
    """Return whether a change is strong enough for its duration and its size, and its cells differ most of the time."""
    times = change.score_map.times
    seconds = (change.last - change.first) * (float(times[1] - times[0]) if len(times) > 1 else EVIDENT_SECONDS)
    needed = MIN_STRENGTH * max(1.0, float(np.sqrt(EVIDENT_SECONDS / seconds)))
    if change.strength < needed * (SMALL_FACTOR if change.cells.sum() < SMALL_CELLS else 1.0):
        return False
    within = measure_presence(change, change.first, change.last)
    return change.strength >= CLEAR_STRENGTH or float(np.median(within)) >= MIN_PRESENT_SCORE


def _convert_place(score_map: ScoreMap, usual: Usual, place: PlaceStep) -> Change:
    first, last = place.bins
    blocks = place.blocks
    shape = tuple(cells // count for cells, count in zip(LUMA_SHAPE, blocks.shape, strict=True))
    medians = [each.median for each, stepped in zip(usual.blocks, blocks.flat, strict=True) if stepped]
    step = LevelStep("detail", place.level, float(np.mean(medians)), blocks)
    return Change(score_map, first, last, np.kron(blocks, np.ones(shape, bool)), MIN_STRENGTH, step=step, is_weak=True)


def _convert_glitch(score_map: ScoreMap, glitch: ScoredGlitch) -> Change:
    (start, end), _ = glitch.spans
    at = min(int(np.searchsorted(score_map.times, (start + end) / 2)), len(score_map.times) - 1)
    return Change(score_map, at, at + 1, glitch.cells, glitch.strength, glitch.levels, kind=GLITCH, spans=glitch.spans)
