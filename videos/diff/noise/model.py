"""Model the differences that encoding causes between aligned frames, and normalise frame differences by it.

The difference of each cell is divided by the typical deviation of cells with the same edge and motion activity.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from videos.diff.masks import count_cells
from videos.diff.noise.activity import ACTIVITY_CLASSES, Classes, classify_activity
from videos.diff.noise.differences import Differences, compute_differences, compute_luma_differences
from videos.diff.noise.medians import find_medians
from videos.diff.noise.mixed_frames import MixedSide, fit_pair_mixes
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo

MIN_TYPICAL = 0.2  # typical deviations; below this most of the picture is flat and its median is meaningless
MAX_ROUGHNESS = 2.0  # largest factor by which a frame's deviations are reduced for coarse encoding
OUTLIER_DEVIATIONS = 8.0  # typical deviations from which a cell is excluded in the second pass
PAIRS_AT_ONCE = 64  # pairs that are compared at once, so that what is known of them stays in the processor's cache
MISMATCH_CLIP = 4.0  # typical deviations at which cells are clipped in the mismatch


@dataclass(frozen=True, slots=True)
class Residual:
    """Signed deviations in units of the typical deviation.

    Shapes: luma (pairs, 36, 64), chroma (pairs, 2, 9, 16), detail (pairs, 18, 32). `levels` (pairs, 36, 64) are the
    differences of luma in levels.
    """

    luma: Floats
    chroma: Floats
    detail: Floats
    levels: Floats

    def measure_mismatch(self) -> Floats:
        """Return the mismatch (pairs,) of luma over the whole frame, from 0 for equal frames to 1.

        A local overlay contributes little.
        """
        return _measure_mismatch(np.abs(self.luma))


class PairMeasures(NamedTuple):
    """What the luma of frame pairs tells. Each array has the shape (pairs,).

    `mismatch` is that of `Residual`, and `share` that of the cells which certainly differ. `roughness`, 1 to
    MAX_ROUGHNESS, says how much coarser each pair is than a typical one. `part` is by how many typical deviations the
    part of the picture that differs most does so on average; 0 if no parts were asked for.
    """

    mismatch: Floats
    share: Floats
    roughness: Floats
    part: Floats


def _measure_mismatch(deviations: Floats) -> Floats:
    """Return the mean absolute deviation (pairs,), clipped and scaled to 0 to 1."""
    clipped = np.minimum(deviations, np.float32(MISMATCH_CLIP))
    mean: Floats = clipped.mean(axis=(1, 2)) / np.float32(MISMATCH_CLIP)
    return mean


def _measure_parts(deviations: Floats, parts: NDArray[np.bool_] | None) -> Floats:
    """Return the mean absolute deviation (pairs,) of the part (n, 36, 64) for which it is greatest."""
    if parts is None:
        return np.zeros(len(deviations), np.float32)
    clipped = np.minimum(deviations, np.float32(OUTLIER_DEVIATIONS))
    greatest: Floats = np.max([clipped[:, part].mean(axis=1) for part in parts], axis=0)
    return greatest


@dataclass(frozen=True, slots=True)
class NoiseModel:
    """The typical deviation of cells between two videos.

    `luma` is indexed by edge and motion class; `chroma` and `detail` by motion class. `gain` and `offset` map A's
    typical brightness to B's. `typical` is the median luma deviation over the cells of a typical pair. `mixed` is the
    side whose frames mix adjacent frames of the other side.
    """

    gain: float
    offset: float
    chroma_offset: Floats
    luma: Floats
    chroma: Floats
    detail_shift: float
    detail: Floats
    typical: float = 0.0
    mixed: MixedSide = None

    def compute_residual(self, a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes) -> Residual:
        """Return the normalised differences of frame pairs."""
        return self.normalise(compute_differences(a, b, in_a, in_b, self.gain, self.offset, self.mixed))

    def measure_levels(self, a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes) -> Floats:
        """Return the difference of frame pairs (pairs, 36, 64) in levels: the larger of luma and chroma."""
        differences = compute_differences(a, b, in_a, in_b, self.gain, self.offset, self.mixed)
        chroma = np.abs(differences.chroma - self.chroma_offset[None, :, None, None]).max(axis=1)
        levels: Floats = np.maximum(np.abs(differences.luma), np.kron(chroma, np.ones((1, 4, 4), np.float32)))
        return levels

    def measure_pairs(
        self,
        a: SampledVideo,
        b: SampledVideo,
        in_a: Indexes,
        in_b: Indexes,
        parts: NDArray[np.bool_] | None = None,
        graded: bool = False,
        roughest: Floats | None = None,
    ) -> PairMeasures:
        """Return what the luma of at least one frame pair tells, without computing chroma and detail.

        `parts` (n, 36, 64) are parts of the picture. With `graded`, any tone curve between the two frames of a pair is
        no difference. `roughest` (pairs,) limits by how much each pair is excused for coarse encoding.
        """
        measured = []
        for start in range(0, len(in_a), PAIRS_AT_ONCE):
            chunk = slice(start, start + PAIRS_AT_ONCE)
            deviations = self._compute_deviations(a, b, in_a[chunk], in_b[chunk], graded)
            measured.append(self._summarise(deviations, parts, None if roughest is None else roughest[chunk]))
        return PairMeasures(*(np.concatenate(of_chunks) for of_chunks in zip(*measured, strict=True)))

    def _summarise(self, luma: Floats, parts: NDArray[np.bool_] | None, roughest: Floats | None) -> PairMeasures:
        """Return what deviations of luma (pairs, 36, 64) tell, by `measure_pairs`. They are overwritten."""
        np.abs(luma, out=luma)
        roughness = self._measure_roughness(luma)
        luma /= roughness if roughest is None else np.minimum(roughness, roughest[:, None, None])
        cells = luma.shape[1] * luma.shape[2]
        share = (count_cells(luma > OUTLIER_DEVIATIONS) / cells).astype(np.float32)
        return PairMeasures(_measure_mismatch(luma), share, roughness.ravel(), _measure_parts(luma, parts))

    def _compute_deviations(
        self, a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes, graded: bool = False
    ) -> Floats:
        """Return the differences of luma (pairs, 36, 64) in typical deviations; coarse encoding is not excused yet."""
        mixes = fit_pair_mixes(a, b, in_a, in_b, (self.gain, self.offset), self.mixed)
        differences = compute_luma_differences(a, b, in_a, in_b, self.gain, self.offset, mixes, graded)
        return self._normalise_luma(
            differences.luma,
            classify_activity(differences.edge),
            classify_activity(differences.motion),
            differences.tolerated,
        )

    def normalise(self, differences: Differences) -> Residual:
        """Divide differences by their typical deviations."""
        tolerated = differences.tolerated
        chroma = differences.chroma - self.chroma_offset[None, :, None, None]
        chroma /= _raise_to(self.chroma[differences.coarse_motion][:, None], tolerated.chroma)
        detail = differences.detail - np.float32(self.detail_shift)
        detail /= _raise_to(self.detail[differences.detail_motion], tolerated.detail)
        luma = self._normalise_luma(differences.luma, differences.edge, differences.motion, tolerated.luma)
        roughness = self._measure_roughness(np.abs(luma))
        return Residual(luma / roughness, chroma, detail / roughness, differences.luma)

    def _normalise_luma(self, luma: Floats, edges: Classes, moving: Classes, tolerated: Floats | None) -> Floats:
        """Divide luma differences by the typical deviation of each cell's classes."""
        classes = edges * np.uint8(ACTIVITY_CLASSES)
        classes += moving
        deviations: Floats = luma / _raise_to(self.luma.ravel().take(classes), tolerated)
        return deviations

    def _measure_roughness(self, luma: Floats) -> Floats:
        """Return factors (pairs, 1, 1) of at least 1: how much coarser each pair is than a typical one.

        `luma` (pairs, 36, 64) are absolute deviations.

        Encoders spend few bits on some shots. A local change does not move the median, and a change that fills the
        frame moves it by more than is compensated here.
        """
        if self.typical < MIN_TYPICAL:
            return np.ones((len(luma), 1, 1), np.float32)
        rough = np.ones(len(luma), np.float32)
        off = luma.reshape(len(luma), -1)
        half = off.shape[1] // 2
        far = count_cells(luma <= np.float32(self.typical * MAX_ROUGHNESS)) < half
        rough[far] = MAX_ROUGHNESS
        # Only these pairs need their median: it exceeds the typical value, but by no more than can be excused.
        near = ~far & (count_cells(luma <= np.float32(self.typical)) <= half)
        rough[near] = (find_medians(off[near]) / np.float32(self.typical)).clip(1, MAX_ROUGHNESS)
        return rough[:, None, None]


def _raise_to(deviation: Floats, floor: Floats | None) -> Floats:
    """Return deviations raised to at least `floor`."""
    return deviation if floor is None else np.maximum(deviation, floor)
