"""Score the deviations from the noise model, and derive the thresholds above which a cell counts as changed.

Luma, chroma and detail have separate thresholds. Only detail shows a blur of soft content.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from videos.diff.noise.model import Residual
from videos.diff.sampling.descriptor import Floats
from videos.fingerprint.format import LUMA_SHAPE

MAX_DEVIATIONS = 16.0  # typical deviations at which a cell's deviation is clipped
# Scores (typical deviations) below which nothing counts as a change, for luma, chroma and detail.
MIN_LUMA_SCORE, MIN_CHROMA_SCORE, MIN_DETAIL_SCORE = 4.0, 5.0, 4.5
LIVELY_FACTOR = 3.0  # threshold relative to the typical frame's 0.99 quantile of scores
# Upper limit of the threshold relative to the 0.9 quantile, so that a permanent overlay does not raise it.
TYPICAL_FACTOR = 6.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The score of each channel from which a cell counts as changed."""

    luma: float
    chroma: float
    detail: float

    @property
    def strictness(self) -> float:
        """Return the luma threshold relative to its minimum; noise raises it."""
        return self.luma / MIN_LUMA_SCORE

    def scale(self, factor: float) -> Self:
        """Return the thresholds multiplied by a factor."""
        return type(self)(factor * self.luma, factor * self.chroma, factor * self.detail)


def score_residuals(residual: Residual) -> tuple[Floats, Floats, Floats]:
    """Return the scores of luma (pairs, 36, 64), chroma (pairs, 9, 16) and detail (pairs, 18, 32)."""
    luma = _average_3x3(np.minimum(np.abs(residual.luma), np.float32(MAX_DEVIATIONS)))
    chroma = np.minimum(np.abs(residual.chroma), np.float32(MAX_DEVIATIONS)).max(axis=1)
    detail = np.abs(_average_3x3(residual.detail.clip(-MAX_DEVIATIONS, MAX_DEVIATIONS)))
    return luma, chroma, detail


def _average_3x3(cells: Floats) -> Floats:
    """Return the mean over 3 x 3 cells."""
    lines = np.concatenate([cells[:, :1], cells, cells[:, -1:]], axis=1)
    rows = lines[:, :-2] + lines[:, 1:-1]
    rows += lines[:, 2:]
    wide = np.concatenate([rows[..., :1], rows, rows[..., -1:]], axis=2)
    mean = wide[..., :-2] + wide[..., 1:-1]
    mean += wide[..., 2:]
    mean /= np.float32(9)
    return mean


def derive_thresholds(residual: Residual) -> Thresholds:
    """Return thresholds well above the scores of a typical frame, from pairs that mostly match."""
    least = (MIN_LUMA_SCORE, MIN_CHROMA_SCORE, MIN_DETAIL_SCORE)
    scores = []
    for score, floor in zip(score_residuals(residual), least, strict=True):
        lively, typical = np.median(np.quantile(score.reshape(len(score), -1), (0.99, 0.9), axis=1), axis=1)
        scores.append(max(floor, min(LIVELY_FACTOR * float(lively), 1 + TYPICAL_FACTOR * float(typical))))
    return Thresholds(*scores)


def score_over_thresholds(residual: Residual, limits: Thresholds) -> Floats:
    """Return the score of the strongest channel of each cell relative to its threshold, (pairs, 36, 64)."""
    luma, chroma, detail = score_residuals(residual)
    luma /= np.float32(limits.luma)
    for coarse, limit in ((chroma, limits.chroma), (detail, limits.detail)):
        _, rows, columns = coarse.shape
        cells = luma.reshape(len(luma), rows, LUMA_SHAPE[0] // rows, columns, LUMA_SHAPE[1] // columns)
        np.maximum(cells, (coarse / np.float32(limit))[:, :, None, :, None], out=cells)
    return luma
