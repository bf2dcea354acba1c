"""Measure the whole picture, or places of it: by how much B has more detail, is brighter, bluer or redder than A."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from videos.diff.changes.steps.block_steps import find_usual_blocks
from videos.diff.changes.steps.level_steps import UsualLevel, find_usual_level
from videos.diff.changes.steps.sharpness import compute_sharpness, measure_detail
from videos.diff.noise.model import Residual
from videos.diff.sampling.descriptor import Floats

MeasureName = Literal["detail", "brightness", "blue", "red"]
# Typical deviations of the smallest step that is an edit.
MIN_STEPS: dict[MeasureName, float] = {"detail": 0.15, "brightness": 1.5, "blue": 1.5, "red": 1.5}
TONES: tuple[MeasureName, ...] = ("brightness", "blue", "red")

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


def measure_tones(residual: Residual) -> Floats:
    """Return (pairs, 3) by how many typical deviations B is brighter, bluer and redder: the median over the picture."""
    luma, chroma = (each.reshape(*each.shape[:-2], -1) for each in (residual.luma, residual.chroma))
    tones: Floats = np.concatenate([np.median(luma, axis=-1)[:, None], np.median(chroma, axis=-1)], axis=1)
    return tones


def measure_whole(residual: Residual, measure: MeasureName) -> Floats:
    """Return (pairs,) one measure in typical deviations."""
    if measure == "detail":
        return compute_sharpness(measure_detail(residual))
    values: Floats = measure_tones(residual)[:, TONES.index(measure)]
    return values


def list_levels(detail: Floats, tones: Floats) -> dict[MeasureName, Floats]:
    """Return each measure (bins,) of a part, from its detail (bins, 6, 16) and tones (bins, 3)."""
    by_tone: dict[MeasureName, Floats] = {name: tones[:, place] for place, name in enumerate(TONES)}
    return {"detail": compute_sharpness(detail), **by_tone}


def learn_usual(details: Sequence[Floats], tones: Sequence[Floats], is_graded: bool = False) -> Usual:
    """Learn what is usual in a pair from the detail (bins, 6, 16) and the tones (bins, 3) of all its parts."""
    levels = [list_levels(*each) for each in zip(details, tones, strict=True)]
    return Usual(find_usual_levels(levels, is_graded), find_usual_blocks(details))


def find_usual_levels(parts: Sequence[Mapping[MeasureName, Floats]], is_graded: bool = False) -> UsualLevels:
    """Learn what is usual in a pair from the measures of all its parts.

    Those of tones are left out if one side is graded, because no grade of a whole video fits all of its shots.
    """
    return {
        name: find_usual_level([part[name] for part in parts], least)
        for name, least in MIN_STEPS.items()
        if not (is_graded and name in TONES)
    }
