"""Score the bins of a matched part: how much each cell differs in each 0.2 s, and what the whole picture gains."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.pairing import pair_frames
from videos.diff.alignment.outline import MatchedPart
from videos.diff.changes.steps.sharpness import GRID, measure_detail
from videos.diff.changes.steps.whole_measures import OVERALL, measure_overall
from videos.diff.noise.model import NoiseModel
from videos.diff.noise.scores import Thresholds, score_over_thresholds
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo
from videos.fingerprint.format import LUMA_SHAPE

FRAMES_PER_BIN = 3
MIDDLE_OF_BIN = np.array([0.5], np.float32)  # shares of a bin
SPREAD_OVER_BIN = ((np.arange(FRAMES_PER_BIN) + 0.5) / FRAMES_PER_BIN).astype(np.float32)
CLOSER_LOOK_SCORE = 0.5  # score of one frame from which more frames of its bin are scored
NEAR_LAST_FRAME = 0.6  # frames before the end of a part; later moments are nearer to the frame after it

Scores = NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class BinScores:
    """`score` (bins, 36, 64), `detail` (bins, 6, 16) and `overall` (bins, 4), as a ScoreMap has them."""

    score: Scores
    detail: Floats
    overall: Floats

    @classmethod
    def zeros(cls, count: int) -> Self:
        return cls(
            np.zeros((count, *LUMA_SHAPE), np.float16),
            np.zeros((count, *GRID), np.float32),
            np.zeros((count, len(OVERALL)), np.float32),
        )

    @classmethod
    def join(cls, pieces: list[Self]) -> Self:
        """Return the bins of the pieces in succession."""
        return cls(
            np.concatenate([piece.score for piece in pieces]),
            np.concatenate([piece.detail for piece in pieces]),
            np.concatenate([piece.overall for piece in pieces]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class BinScorer:
    """Scores bins by the frames of both sides, without the odd ones: those of glitches and transitions."""

    a: SampledVideo
    b: SampledVideo
    noise: NoiseModel
    limits: Thresholds
    search: bool
    odd_a: Indexes
    odd_b: Indexes

    def score_bins(self, part: MatchedPart, borders: NDArray[np.float64]) -> BinScores:
        """Score one frame of each bin of a part, and more frames of the bins in which one stands out.

        `borders` (bins + 1,) are in seconds of A.
        """
        scores = BinScores.zeros(len(borders) - 1)
        self._fill_bins(scores, part, borders, np.arange(len(scores.score)), MIDDLE_OF_BIN)
        standing_out = np.flatnonzero((scores.score > CLOSER_LOOK_SCORE).any(axis=(1, 2)))
        if len(standing_out):
            self._fill_bins(scores, part, borders, standing_out, SPREAD_OVER_BIN)
        self.a.fingerprint.release()
        self.b.fingerprint.release()
        return scores

    def _fill_bins(
        self, scores: BinScores, part: MatchedPart, borders: NDArray[np.float64], bins: Indexes, shares: Floats
    ) -> None:
        """Write the scores of the frames at these shares of each bin. A bin without usual frames keeps its scores."""
        in_a, in_b = self._pair_frames(part, borders, bins, shares)
        is_usual = ~(np.isin(in_a, self.odd_a) | np.isin(in_b, self.odd_b))
        in_a, in_b = in_a[is_usual], in_b[is_usual]
        if not len(in_a):
            return
        bin_of_frame = self._find_bins(borders, in_a)
        residual = self.noise.compute_residual(self.a, self.b, in_a, in_b)
        measured = (
            (scores.score, score_over_thresholds(residual, self.limits)),
            (scores.detail, measure_detail(residual)),
            (scores.overall, measure_overall(residual)),
        )
        found, place, counts = np.unique(bin_of_frame, return_inverse=True, return_counts=True)
        is_alone = np.isin(bin_of_frame, bins) & (counts[place] == 1)
        for of_bins, of_frames in measured:
            of_bins[bin_of_frame[is_alone]] = of_frames[is_alone]
        for index in found[np.isin(found, bins) & (counts > 1)]:
            for of_bins, of_frames in measured:
                of_bins[index] = of_frames[bin_of_frame == index].mean(axis=0)

    def _pair_frames(
        self, part: MatchedPart, borders: NDArray[np.float64], bins: Indexes, shares: Floats
    ) -> tuple[Indexes, Indexes]:
        times = (borders[bins, None] + shares * (borders[1] - borders[0])).ravel()
        times = np.minimum(times, part.a[1] - NEAR_LAST_FRAME * self.a.fingerprint.step)
        in_a, in_b = pair_frames(self.a, self.b, times, part.time_map, self.search)
        missed = np.setdiff1d(bins, self._find_bins(borders, in_a))
        if not len(missed):
            return in_a, in_b
        more_a, more_b = pair_frames(self.a, self.b, times, part.time_map, False)
        more = np.isin(self._find_bins(borders, more_a), missed)  # frames without a partner: all of them differ
        return np.append(in_a, more_a[more]), np.append(in_b, more_b[more])

    def _find_bins(self, borders: NDArray[np.float64], in_a: Indexes) -> Indexes:
        """Return the bin of each frame of A."""
        return np.searchsorted(borders, self.a.fingerprint.times[in_a] + 1e-6, side="right") - 1
