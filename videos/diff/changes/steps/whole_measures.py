"""Measure the whole picture, or places of it: by how much B has more detail, is brighter, bluer, redder or coarser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from videos.diff.changes.steps.block_steps import find_usual_blocks
from videos.diff.changes.steps.level_steps import Mask, UsualLevel, find_usual_level
from videos.diff.changes.steps.sharpness import compute_sharpness, measure_detail
from videos.diff.noise.medians import find_medians
from videos.diff.noise.model import Residual
from videos.diff.sampling.descriptor import Floats

MeasureName = Literal["detail", "brightness", "blue", "red", "coarseness"]
# Typical deviations of the smallest step that is an edit, and doublings of the coarseness: anywhere, and within a shot.
MIN_STEPS: dict[MeasureName, float] = {"detail": 0.15, "brightness": 1.5, "blue": 1.5, "red": 1.5, "coarseness": 0.8}
MIN_SHOT_STEPS = {**MIN_STEPS, "brightness": 1.0, "blue": 1.0, "red": 1.0, "coarseness": 0.53}
MIXED_SHOT_STEP = 0.45  # that of detail within a shot where one side mixes frames; what mixes have is known roughly
TONES: tuple[MeasureName, ...] = ("brightness", "blue", "red")
OVERALL: tuple[MeasureName, ...] = (*TONES, "coarseness")  # what `measure_overall` returns
COARSE_SHARE = 0.8  # share of the cells, those that differ least, whose mean difference is the coarseness
MIN_USUAL_COARSENESS = 0.8  # median of the coarseness of a pair from which it is evidence
FINE_LEVELS = 0.2  # levels at which the coarseness is 1, so that footage without noise has no large steps

UsualLevels = Mapping[MeasureName, UsualLevel]


@dataclass(frozen=True, slots=True, eq=False)
class LevelStep:
    """By how many typical deviations a measure differs from the usual one.

    It is that of the whole picture, or the mean over the `blocks` (6, 16) of a place.
    """

    measure: MeasureName
    level: float
    usual: float = 0.0
    blocks: NDArray[np.bool_] | None = None

    def compute_share(self, residual: Residual) -> Floats:
        """Return (pairs,) how much of the difference each pair of frames has: 1 for all of it, 0 for none."""
        if self.blocks is None:
            values = measure_whole(residual, self.measure)
        else:
            values = measure_detail(residual)[:, self.blocks].mean(axis=1)
        share: Floats = (values - np.float32(self.usual)) / np.float32(self.level)
        return share


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual in a pair: each measure of the whole picture, and the detail of each block."""

    whole: UsualLevels
    blocks: Sequence[UsualLevel]

    @property
    def is_graded(self) -> bool:
        """Whether one side is graded, so that no tone tells anything, and the detail depends on the tones of a shot."""
        return not any(name in self.whole for name in TONES)


def measure_overall(residual: Residual) -> Floats:
    """Return (pairs, 4) by how many typical deviations B is brighter, bluer and redder: the median over the picture.

    The last value is the coarseness in doublings: by how many levels the luma of most cells differs.
    """
    luma, chroma = (each.reshape(*each.shape[:-2], -1) for each in (residual.luma, residual.chroma))
    count = round(COARSE_SHARE * luma.shape[-1])
    levels = np.abs(residual.levels.reshape(luma.shape))
    doublings = np.log2(1 + np.partition(levels, count, axis=-1)[:, :count].mean(axis=-1) / np.float32(FINE_LEVELS))
    overall: Floats = np.column_stack([find_medians(luma), find_medians(chroma), doublings])
    return overall


def measure_whole(residual: Residual, measure: MeasureName) -> Floats:
    """Return (pairs,) one measure in typical deviations."""
    if measure == "detail":
        return compute_sharpness(measure_detail(residual))
    values: Floats = measure_overall(residual)[:, OVERALL.index(measure)]
    return values


def list_levels(detail: Floats, overall: Floats) -> dict[MeasureName, Floats]:
    """Return each measure (bins,) of a part, from its detail (bins, 6, 16) and overall measures (bins, 4)."""
    by_name: dict[MeasureName, Floats] = {name: overall[:, place] for place, name in enumerate(OVERALL)}
    return {"detail": compute_sharpness(detail), **by_name}


def learn_usual(
    details: Sequence[Floats],
    overall: Sequence[Floats],
    cuts: Sequence[Mask],
    is_graded: bool = False,
    is_mixed: bool = False,
) -> Usual:
    """Learn what is usual in a pair, from the detail (bins, 6, 16) and overall measures (bins, 4) of all its parts.

    `cuts` are the bins (bins,) of each part that have a cut. `is_mixed` says whether one side mixes frames.
    """
    levels = [list_levels(*each) for each in zip(details, overall, strict=True)]
    return Usual(find_usual_levels(levels, cuts, is_graded, is_mixed), find_usual_blocks(details))


def find_usual_levels(
    parts: Sequence[Mapping[MeasureName, Floats]],
    cuts: Sequence[Mask],
    is_graded: bool = False,
    is_mixed: bool = False,
) -> UsualLevels:
    """Learn what is usual in a pair from the measures of all its parts.

    Those of tones are left out if one side is graded, because no grade of a whole video fits all of its shots. The
    coarseness is left out if both sides are mostly the same encoding, which then differs after each edit.
    """
    least_in_shot = {**MIN_SHOT_STEPS, "detail": MIXED_SHOT_STEP} if is_mixed else MIN_SHOT_STEPS
    usual: dict[MeasureName, UsualLevel] = {
        name: find_usual_level([part[name] for part in parts], least, cuts, least_in_shot[name])
        for name, least in MIN_STEPS.items()
        if not (is_graded and name in TONES)
    }
    if usual["coarseness"].median < MIN_USUAL_COARSENESS:
        del usual["coarseness"]
    return usual
