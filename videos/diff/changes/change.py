"""A change within matched footage: which cells differ, when, and how strongly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.changes.score_maps import ScoreMap
from videos.diff.changes.steps.whole_measures import LevelStep
from videos.diff.script.edit_script import Span
from videos.diff.script.kinds import ChangeKind

MIN_STRENGTH = 1.2  # score that every change needs
CLEAR_STRENGTH = 2.0  # score from which a change need not be steady, nor a step of the whole picture sharp
MIN_SHOT_STRENGTH = 2.5  # score from which a difference of detail over a whole shot is an edit
WHOLE_FRAME_SHARE = 0.5  # share of cells from which a change absorbs all others of its time


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A group of cells that differ from bin `first` up to `last` of a score map; `cells` is (36, 64) of bool.

    `strength` is the highest score; scores are limited where a difference is certain. `levels` is the mean difference
    of the cells in levels, 0 if not measured. `foreign` means that the footage is other footage and no edit.
    `step` is by how much a measure of the whole picture or of a place differs, if only that tells the change. If
    `is_grade`, several tones differ at once, so that it needs no border to tell it from an effect of an encoding.
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
    is_grade: bool = False
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
    def is_of_detail(self) -> bool:
        """Whether only the detail of the whole picture tells the change, no more than it may differ by in a shot."""
        is_whole = self.step is not None and self.step.blocks is None and self.step.measure == "detail"
        return is_whole and self.strength < MIN_SHOT_STRENGTH

    @property
    def area(self) -> float:
        """The share of the picture that differs at one time."""
        return self.moving_cells / self.cells.size if self.moving_cells else float(self.cells.mean())
