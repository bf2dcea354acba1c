"""Model the differences that encoding causes between aligned frames, and normalise frame differences by it.

For each pair of frames a gain and an offset of brightness are fitted robustly. The remaining difference is divided by
the typical deviation of cells with the same edge and motion activity. The typical deviation is learned from most of the
aligned frames of the two videos: a coarse re-encode raises the tolerance, and a clean one keeps it low.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.noise.activity import (
    ACTIVITY_CLASSES,
    ACTIVITY_LEVELS,
    Classes,
    classify_activity,
    measure_edges,
    measure_motion,
    pool_activity,
)
from videos.diff.noise.grading_error import estimate_chroma_error, estimate_luma_error, find_largest
from videos.diff.noise.mixed_frames import MixedSide, Mixes, fit_pair_mixes, read_details, read_mixed
from videos.diff.noise.resampling_error import estimate_resampling_error
from videos.diff.noise.tone_curves import apply_tone_curves
from videos.diff.sampling.descriptor import Floats, Indexes, Levels, SampledVideo
from videos.fingerprint.format import CHROMA_SHAPE, DETAIL_SHAPE, LUMA_SHAPE

LUMA_FLOOR = 0.7  # levels; the smallest typical deviation of luma in any re-encode
CHROMA_FLOOR = 0.8  # levels; the same for chroma
DETAIL_FLOOR = 0.4  # doublings of variance; the same for detail
MAX_GAIN_OFF = 0.04  # largest deviation of one frame's gain from the typical gain that is compensated
MAX_OFFSET_OFF = 3.0  # levels; largest deviation of one frame's brightness from the typical one that is compensated
MAX_LEARN_PAIRS = 240  # frame pairs from which the model is learned
MIN_CELLS = 100  # cells; an activity class with fewer cells keeps its default
MAX_MISMATCH = 0.5  # mismatch (0 to 1) from which a pair does not show the same footage and is not learned from
MAX_MEDIAN_RATIO = 1.6  # mismatch relative to the median from which a pair is not learned from
MISMATCH_MARGIN = 0.06  # mismatch added to that limit
MIN_TYPICAL = 0.2  # typical deviations; below this most of the picture is flat and its median is meaningless
MAX_ROUGHNESS = 2.0  # largest factor by which a frame's deviations are reduced for coarse encoding
OUTLIER_DEVIATIONS = 8.0  # typical deviations from which a cell is excluded in the second pass
TAIL_QUANTILE = 0.95  # deviations have heavy tails; this share of them must be within two typical deviations
MISMATCH_CLIP = 4.0  # typical deviations at which cells are clipped in the mismatch


@dataclass(frozen=True, slots=True)
class Residual:
    """Signed deviations in units of the typical deviation.

    Shapes: luma (pairs, 36, 64), chroma (pairs, 2, 9, 16), detail (pairs, 18, 32).
    """

    luma: Floats
    chroma: Floats
    detail: Floats

    def measure_mismatch(self) -> Floats:
        """Return the mismatch (pairs,) of luma over the whole frame, from 0 for equal frames to 1.

        A local overlay contributes little.
        """
        return _measure_mismatch(self.luma)


def _measure_mismatch(luma: Floats) -> Floats:
    """Return the mean clipped deviation (pairs,), scaled to 0 to 1."""
    clipped = np.abs(luma)
    np.minimum(clipped, np.float32(MISMATCH_CLIP), out=clipped)
    mean: Floats = clipped.mean(axis=(1, 2)) / np.float32(MISMATCH_CLIP)
    return mean


@dataclass(frozen=True, slots=True)
class _Tolerated:
    """Differences of luma, chroma and detail in levels that resampling or a change of colours may cause, if any."""

    luma: Floats | None = None
    chroma: Floats | None = None
    detail: Floats | None = None


@dataclass(frozen=True, slots=True)
class _Differences:
    """Differences of luma, chroma and detail, and the activity classes of their cells."""

    luma: Floats
    chroma: Floats
    detail: Floats
    edge: Classes
    motion: Classes
    coarse_motion: Classes
    detail_motion: Classes
    tolerated: _Tolerated


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
        return self.normalise(_compute_differences(a, b, in_a, in_b, self.gain, self.offset, self.mixed))

    def measure_levels(self, a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes) -> Floats:
        """Return the difference of frame pairs (pairs, 36, 64) in levels: the larger of luma and chroma."""
        differences = _compute_differences(a, b, in_a, in_b, self.gain, self.offset, self.mixed)
        chroma = np.abs(differences.chroma - self.chroma_offset[None, :, None, None]).max(axis=1)
        levels: Floats = np.maximum(np.abs(differences.luma), np.kron(chroma, np.ones((1, 4, 4), np.float32)))
        return levels

    def measure_mismatch(self, a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes) -> Floats:
        """Return the residual's mismatch (pairs,) without computing chroma and detail."""
        return _measure_mismatch(self._compute_luma_residual(a, b, in_a, in_b))

    def measure_mismatch_and_share(
        self, a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes, graded: bool = False
    ) -> tuple[Floats, Floats]:
        """Return the mismatch (pairs,) and the share (pairs,) of cells whose luma certainly differs.

        With `graded`, any tone curve between the two frames of a pair is no difference.
        """
        luma = self._compute_luma_residual(a, b, in_a, in_b, graded)
        share: Floats = (np.abs(luma) > OUTLIER_DEVIATIONS).mean(axis=(1, 2), dtype=np.float32)
        return _measure_mismatch(luma), share

    def measure_cells(
        self, a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes, cells: NDArray[np.bool_]
    ) -> Floats:
        """Return by how many typical deviations (pairs,) the luma of the cells (n, 36, 64) differs on average.

        It is that of the part of the picture, one of n, that differs most.
        """
        luma = np.minimum(np.abs(self._compute_luma_residual(a, b, in_a, in_b)), np.float32(OUTLIER_DEVIATIONS))
        return np.max([luma[:, part].mean(axis=1) for part in cells], axis=0)

    def _compute_luma_residual(
        self, a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes, graded: bool = False
    ) -> Floats:
        """Return the normalised differences of luma (pairs, 36, 64). For `graded` see `measure_mismatch_and_share`."""
        mixes = fit_pair_mixes(a, b, in_a, in_b, (self.gain, self.offset), self.mixed)
        differences = _compute_luma_differences(a, b, in_a, in_b, self.gain, self.offset, mixes, graded)
        luma = self._normalise_luma(
            differences.luma,
            classify_activity(differences.edge),
            classify_activity(differences.motion),
            differences.tolerated,
        )
        residual: Floats = luma / self._measure_roughness(luma)
        return residual

    def normalise(self, differences: _Differences) -> Residual:
        """Divide differences by their typical deviations."""
        tolerated = differences.tolerated
        chroma = differences.chroma - self.chroma_offset[None, :, None, None]
        chroma /= _raise_to(self.chroma[differences.coarse_motion][:, None], tolerated.chroma)
        detail = differences.detail - np.float32(self.detail_shift)
        detail /= _raise_to(self.detail[differences.detail_motion], tolerated.detail)
        luma = self._normalise_luma(differences.luma, differences.edge, differences.motion, tolerated.luma)
        roughness = self._measure_roughness(luma)
        return Residual(luma / roughness, chroma, detail / roughness)

    def _normalise_luma(self, luma: Floats, edges: Classes, moving: Classes, tolerated: Floats | None) -> Floats:
        """Divide luma differences by the typical deviation of each cell's classes."""
        classes = edges * np.uint8(ACTIVITY_CLASSES)
        classes += moving
        deviations: Floats = luma / _raise_to(self.luma.ravel()[classes], tolerated)
        return deviations

    def _measure_roughness(self, luma: Floats) -> Floats:
        """Return factors (pairs, 1, 1) of at least 1: how much coarser each pair is than a typical one.

        Encoders spend few bits on some shots. A local change does not move the median, and a change that fills the
        frame moves it by more than is compensated here.
        """
        if self.typical < MIN_TYPICAL:
            return np.ones((len(luma), 1, 1), np.float32)
        rough = np.ones(len(luma), np.float32)
        off = np.abs(luma).reshape(len(luma), -1)
        # The median exceeds the typical value only in these pairs.
        above = np.count_nonzero(off <= np.float32(self.typical), axis=1) <= off.shape[1] // 2
        middle = np.median(off[above], axis=1)
        rough[above] = (middle / np.float32(self.typical)).clip(1, MAX_ROUGHNESS)
        return rough[:, None, None]


def learn_noise_model(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes, mixed: MixedSide = None
) -> NoiseModel:
    """Learn the noise model from frame pairs that mostly show the same footage. `mixed`: see NoiseModel.

    The model is learned twice. The second pass excludes pairs and cells that the first pass found clearly changed.
    """
    chosen = np.unique(np.linspace(0, len(in_a) - 1, MAX_LEARN_PAIRS).astype(int))
    in_a, in_b = in_a[chosen], in_b[chosen]
    fits = _fit_brightness(a.read_luma(in_a), b.read_luma(in_b))
    gain, offset = (float(value) for value in np.median(fits, axis=0))
    differences = _compute_differences(a, b, in_a, in_b, gain, offset, mixed)
    chroma_offset = np.median(differences.chroma, axis=(0, 2, 3)).astype(np.float32)
    first = _build_model(differences, gain, offset, chroma_offset, None)
    residual = first.normalise(differences)
    ordinary = _select_ordinary(residual.measure_mismatch()) & _select_ordinary(
        np.minimum(np.abs(residual.chroma), 4).mean(axis=(1, 2, 3)) / 4
    )
    if not ordinary.any():
        return replace(first, mixed=mixed)
    second = _build_model(differences, gain, offset, chroma_offset, residual, ordinary)
    medians = np.median(np.abs(second.normalise(differences).luma).reshape(len(in_a), -1), axis=1)
    return replace(second, typical=float(np.median(medians[ordinary])), mixed=mixed)


def _select_ordinary(mismatch: Floats) -> NDArray[np.bool_]:
    """Return a mask of the pairs whose mismatch is not much larger than the median."""
    ordinary: NDArray[np.bool_] = mismatch < min(
        MAX_MISMATCH, MISMATCH_MARGIN + MAX_MEDIAN_RATIO * float(np.median(mismatch))
    )
    return ordinary


def _build_model(
    differences: _Differences,
    gain: float,
    offset: float,
    chroma_offset: Floats,
    residual: Residual | None,
    ordinary: NDArray[np.bool_] | None = None,
) -> NoiseModel:
    """Return the typical deviations by activity class.

    Cells that `residual` shows to be outliers and pairs that are not `ordinary` are excluded.
    """
    luma = np.abs(differences.luma)
    chroma = np.abs(differences.chroma - chroma_offset[None, :, None, None]).max(axis=1)
    shift = float(np.median(differences.detail))
    detail = np.abs(differences.detail - shift)
    if residual is not None and ordinary is not None:
        luma = np.where(
            ordinary[:, None, None] & (np.abs(residual.luma) < OUTLIER_DEVIATIONS), luma, np.float32(np.nan)
        )
        inliers = ordinary[:, None, None] & (np.abs(residual.chroma).max(axis=1) < OUTLIER_DEVIATIONS)
        chroma = np.where(inliers, chroma, np.float32(np.nan))
        detail = np.where(
            ordinary[:, None, None] & (np.abs(residual.detail) < OUTLIER_DEVIATIONS), detail, np.float32(np.nan)
        )
    tails = residual is not None
    return NoiseModel(
        gain=gain,
        offset=offset,
        chroma_offset=chroma_offset,
        luma=_tabulate_by_edge_and_motion(luma, differences.edge, differences.motion, tails),
        chroma=_tabulate_by_motion(chroma, differences.coarse_motion, CHROMA_FLOOR, tails),
        detail_shift=shift,
        detail=_tabulate_by_motion(detail, differences.detail_motion, DETAIL_FLOOR, tails),
    )


def _typical_deviation(cells: Floats, tails: bool) -> float:
    """Return 1.48 times the median deviation, raised for heavy tails, or 0 if there are too few cells."""
    cells = cells[~np.isnan(cells)]
    if len(cells) < MIN_CELLS:
        return 0.0
    middle = 1.48 * float(np.median(cells))
    return max(middle, float(np.quantile(cells, TAIL_QUANTILE)) / 2) if tails else middle


def _tabulate_by_edge_and_motion(
    deviation: Floats, edge: NDArray[np.uint8], motion: NDArray[np.uint8], tails: bool
) -> Floats:
    """Return the typical deviation (classes, classes) by edge and motion class, never decreasing with either."""
    steps = np.append(np.float32(0), ACTIVITY_LEVELS)
    table = LUMA_FLOOR + 0.04 * steps[:, None] + 0.08 * steps[None, :]
    for row in range(ACTIVITY_CLASSES):
        for column in range(ACTIVITY_CLASSES):
            typical = _typical_deviation(deviation[(edge == row) & (motion == column)], tails)
            if typical:
                table[row, column] = max(LUMA_FLOOR, typical)
    table = np.maximum.accumulate(np.maximum.accumulate(table, axis=0), axis=1)
    return table.astype(np.float32)


def _tabulate_by_motion(deviation: Floats, motion: NDArray[np.uint8], floor: float, tails: bool) -> Floats:
    """Return the typical deviation (classes,) by motion class, never decreasing."""
    table = floor + 0.05 * np.append(np.float32(0), ACTIVITY_LEVELS)
    for column in range(ACTIVITY_CLASSES):
        typical = _typical_deviation(deviation[motion == column], tails)
        if typical:
            table[column] = max(floor, typical)
    return np.maximum.accumulate(table).astype(np.float32)


def _raise_to(deviation: Floats, floor: Floats | None) -> Floats:
    """Return deviations raised to at least `floor`."""
    return deviation if floor is None else np.maximum(deviation, floor)


@dataclass(frozen=True, slots=True)
class _LumaDifferences:
    """Differences of luma, and the edge and motion activity of their cells."""

    luma: Floats
    edge: Levels
    motion: Levels
    tolerated: Floats | None


def _compute_luma_differences(
    a: SampledVideo,
    b: SampledVideo,
    in_a: Indexes,
    in_b: Indexes,
    gain: float,
    offset: float,
    mixes: tuple[Mixes | None, Mixes | None],
    graded: bool = False,
) -> _LumaDifferences:
    """Return the luma differences of frame pairs, or of the mixes of either side, after compensating brightness.

    With `graded`, a tone curve is compensated too.
    """
    levels_a, levels_b = a.read_levels(in_a), b.read_levels(in_b)
    luma_a, luma_b = (
        levels.astype(np.float32)
        if mix is None
        else mix.blend(levels.astype(np.float32), side.read_luma(mix.neighbours))
        for side, levels, mix in ((a, levels_a, mixes[0]), (b, levels_b, mixes[1]))
    )
    if graded:
        luma_a = apply_tone_curves(luma_a, a.read_chroma(in_a), luma_b)
        gain, offset = 1.0, 0.0
    gains, offsets = _limit_brightness(_fit_brightness(luma_a, luma_b), luma_a.mean(axis=(1, 2)), gain, offset)
    edges = np.minimum(measure_edges(levels_a), measure_edges(levels_b))
    moving = np.minimum(measure_motion(a, in_a, levels_a), measure_motion(b, in_b, levels_b))
    by_resampling = None
    if a.view.resamples_cells or b.view.resamples_cells:
        by_resampling = estimate_resampling_error(a, b, luma_a, luma_b)
    tolerated = find_largest(by_resampling, estimate_luma_error(a, in_a), estimate_luma_error(b, in_b))
    luma_a *= gains[:, None, None]
    luma_a += offsets[:, None, None]
    luma_b -= luma_a
    if a.view.moves_cells or b.view.moves_cells:
        luma_b *= _find_supported_cells(a, b, luma_b)
    return _LumaDifferences(luma_b, edges, moving, tolerated)


def _compute_differences(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes, gain: float, offset: float, mixed: MixedSide
) -> _Differences:
    """Return the differences of frame pairs in all channels, with their activity classes."""
    mixes = fit_pair_mixes(a, b, in_a, in_b, (gain, offset), mixed)
    luma = _compute_luma_differences(a, b, in_a, in_b, gain, offset, mixes)
    chroma_a, chroma_b = read_mixed(a.read_chroma, in_a, mixes[0]), read_mixed(b.read_chroma, in_b, mixes[1])
    detail_a, detail_b = read_details(a, b, in_a, in_b, mixes)
    chroma, detail = chroma_b - chroma_a, detail_b - detail_a
    coarse, finer = (
        pool_activity(luma.motion, luma.edge, LUMA_SHAPE[0] // shape[-2]) for shape in (CHROMA_SHAPE, DETAIL_SHAPE)
    )
    if a.view.moves_cells or b.view.moves_cells:
        chroma *= _find_supported_cells(a, b, chroma)
        detail *= _find_supported_cells(a, b, detail)
    activity = (
        classify_activity(luma.edge),
        classify_activity(luma.motion),
        classify_activity(coarse),
        classify_activity(finer),
    )
    by_chroma = by_detail = None
    if a.view.resamples_cells or b.view.resamples_cells:
        by_chroma = estimate_resampling_error(a, b, chroma_a, chroma_b).max(axis=1, keepdims=True)
        by_detail = estimate_resampling_error(a, b, detail_a, detail_b)
    by_chroma = find_largest(by_chroma, estimate_chroma_error(a, in_a), estimate_chroma_error(b, in_b))
    tolerated = _Tolerated(luma.tolerated, by_chroma, by_detail)
    return _Differences(luma.luma, chroma, detail, *activity, tolerated)


def _find_supported_cells(a: SampledVideo, b: SampledVideo, planes: Floats) -> NDArray[np.bool_]:
    """Return a mask of the cells for which both views have enough data."""
    size = planes.shape[-2], planes.shape[-1]
    return a.view.find_supported_cells(size, size) & b.view.find_supported_cells(size, size)


def _fit_brightness(luma_a: Floats, luma_b: Floats) -> Floats:
    """Return gain and offset (pairs, 2) from A to B, by iteratively reweighted least squares on every fourth cell."""
    count = len(luma_a)
    x, y = (luma[:, ::2, ::2].reshape(count, -1) for luma in (luma_a, luma_b))
    gain, offset = np.ones(count, np.float32), np.median(y - x, axis=1).astype(np.float32)
    for _ in range(3):
        residual = y - gain[:, None] * x - offset[:, None]
        scale = np.abs(residual).mean(axis=1, keepdims=True) + np.float32(0.5)
        weight = 1 / (1 + np.square(residual / scale))
        total = weight.sum(axis=1)
        mean_x, mean_y = (weight * x).sum(axis=1) / total, (weight * y).sum(axis=1) / total
        centred = x - mean_x[:, None]
        spread = (weight * centred * centred).sum(axis=1) + np.float32(4) * total  # flat pictures keep a gain of 1
        gain = ((weight * centred * (y - mean_y[:, None])).sum(axis=1) + np.float32(4) * total) / spread
        offset = mean_y - gain * mean_x
    return np.stack([gain, offset], axis=1)


def _limit_brightness(fits: Floats, means: Floats, gain: float, offset: float) -> tuple[Floats, Floats]:
    """Return gain and offset of each pair, limited to near the typical ones, so that a temporary grade is detected."""
    gains = fits[:, 0].clip(gain - MAX_GAIN_OFF, gain + MAX_GAIN_OFF)
    expected = gain * means + offset
    shift = (fits[:, 0] * means + fits[:, 1] - expected).clip(-MAX_OFFSET_OFF, MAX_OFFSET_OFF)
    return gains, expected + shift - gains * means
