"""How much of a frame stands out, where, and how much must: deviations from the noise model on three channels.

Luma, chroma, and detail (which alone shows a blur on soft content), each over its own threshold.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from videos.diff.descriptor import Floats
from videos.diff.fingerprint import LUMA_SHAPE
from videos.diff.noise import Residual

CLIP = 16.0  # deviations; a cell that is off by more is simply gone
LUMA_LEAST, CHROMA_LEAST, DETAIL_LEAST = 4.0, 5.0, 4.5  # scores below which nothing counts as a change
OVER_LIVELY = 3.0  # a change must exceed the score of the pair's liveliest hundredth of cells by so much,
OVER_USUAL = 6.0  # but not that of its liveliest tenth by more than this, lest a lasting overlay hide itself


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores of each channel from which a cell counts as changed."""

    luma: float
    chroma: float
    detail: float

    @property
    def strictness(self) -> float:
        """How far above the least threshold noise has pushed this pair's."""
        return self.luma / LUMA_LEAST

    def eased(self, by: float) -> Self:
        return type(self)(by * self.luma, by * self.chroma, by * self.detail)


def score_maps(residual: Residual) -> tuple[Floats, Floats, Floats]:
    """(pairs, 36, 64) of luma, (pairs, 9, 16) of chroma, (pairs, 18, 32) of detail: how much stands out where."""
    luma = _around(np.minimum(np.abs(residual.luma), np.float32(CLIP)))
    chroma = np.minimum(np.abs(residual.chroma), np.float32(CLIP)).max(axis=1)
    detail = np.abs(_around(residual.detail.clip(-CLIP, CLIP)))
    return luma, chroma, detail


def _around(cells: Floats) -> Floats:
    """Mean over 3 x 3 cells."""
    lines = np.concatenate([cells[:, :1], cells, cells[:, -1:]], axis=1)
    rows = lines[:, :-2] + lines[:, 1:-1]
    rows += lines[:, 2:]
    wide = np.concatenate([rows[..., :1], rows, rows[..., -1:]], axis=2)
    mean = wide[..., :-2] + wide[..., 1:-1]
    mean += wide[..., 2:]
    mean /= np.float32(9)
    return mean


def thresholds(residual: Residual) -> Thresholds:
    """From pairs that mostly match: what the liveliest cells of a usual frame reach, and well above it."""
    least = (LUMA_LEAST, CHROMA_LEAST, DETAIL_LEAST)
    found = []
    for score, floor in zip(score_maps(residual), least, strict=True):
        lively, usual = np.median(np.quantile(score.reshape(len(score), -1), (0.99, 0.9), axis=1), axis=1)
        found.append(max(floor, min(OVER_LIVELY * float(lively), 1 + OVER_USUAL * float(usual))))
    return Thresholds(*found)


def in_units(residual: Residual, limits: Thresholds) -> Floats:
    """(pairs, 36, 64): the strongest channel of each cell over its threshold."""
    luma, chroma, detail = score_maps(residual)
    luma /= np.float32(limits.luma)
    for coarse, limit in ((chroma, limits.chroma), (detail, limits.detail)):
        _, rows, columns = coarse.shape
        cells = luma.reshape(len(luma), rows, LUMA_SHAPE[0] // rows, columns, LUMA_SHAPE[1] // columns)
        np.maximum(cells, (coarse / np.float32(limit))[:, :, None, :, None], out=cells)
    return luma
