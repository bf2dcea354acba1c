"""Learn the noise model of a pair of videos from most of its aligned frames.

A coarse re-encode raises the tolerance, and a clean one keeps it low.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.noise.activity import ACTIVITY_CLASSES, ACTIVITY_LEVELS
from videos.diff.noise.differences import Differences, compute_differences, fit_brightness
from videos.diff.noise.medians import find_medians
from videos.diff.noise.mixed_frames import MixedSide
from videos.diff.noise.model import OUTLIER_DEVIATIONS, NoiseModel, Residual
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo

LUMA_FLOOR = 0.7  # levels; the smallest typical deviation of luma in any re-encode
CHROMA_FLOOR = 0.8  # levels; the same for chroma
DETAIL_FLOOR = 0.4  # doublings of variance; the same for detail
MAX_LEARN_PAIRS = 240  # frame pairs from which the model is learned
MIN_CELLS = 100  # cells; an activity class with fewer cells keeps its default
MAX_MISMATCH = 0.5  # mismatch (0 to 1) from which a pair does not show the same footage and is not learned from
MAX_MEDIAN_RATIO = 1.6  # mismatch relative to the median from which a pair is not learned from
MISMATCH_MARGIN = 0.06  # mismatch added to that limit
TAIL_QUANTILE = 0.95  # deviations have heavy tails; this share of them must be within two typical deviations


def learn_noise_model(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes, mixed: MixedSide = None
) -> NoiseModel:
    """Learn the noise model from frame pairs that mostly show the same footage. `mixed`: see NoiseModel.

    The model is learned twice. The second pass excludes pairs and cells that the first pass found clearly changed.
    """
    chosen = np.unique(np.linspace(0, len(in_a) - 1, MAX_LEARN_PAIRS).astype(int))
    in_a, in_b = in_a[chosen], in_b[chosen]
    fits = fit_brightness(a.read_luma(in_a), b.read_luma(in_b))
    gain, offset = (float(value) for value in np.median(fits, axis=0))
    differences = compute_differences(a, b, in_a, in_b, gain, offset, mixed)
    chroma_offset = np.median(differences.chroma, axis=(0, 2, 3)).astype(np.float32)
    first = _build_model(differences, gain, offset, chroma_offset, None)
    residual = first.normalise(differences)
    ordinary = _select_ordinary(residual.measure_mismatch()) & _select_ordinary(
        np.minimum(np.abs(residual.chroma), 4).mean(axis=(1, 2, 3)) / 4
    )
    if not ordinary.any():
        return replace(first, mixed=mixed)
    second = _build_model(differences, gain, offset, chroma_offset, residual, ordinary)
    medians = find_medians(np.abs(second.normalise(differences).luma).reshape(len(in_a), -1))
    return replace(second, typical=float(np.median(medians[ordinary])), mixed=mixed)


def _select_ordinary(mismatch: Floats) -> NDArray[np.bool_]:
    """Return a mask of the pairs whose mismatch is not much larger than the median."""
    ordinary: NDArray[np.bool_] = mismatch < min(
        MAX_MISMATCH, MISMATCH_MARGIN + MAX_MEDIAN_RATIO * float(np.median(mismatch))
    )
    return ordinary


def _build_model(
    differences: Differences,
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
    middle = 1.48 * float(find_medians(cells))
    return max(middle, float(np.quantile(cells, TAIL_QUANTILE)) / 2) if tails else middle


def _tabulate_by_edge_and_motion(
    deviation: Floats, edge: NDArray[np.uint8], motion: NDArray[np.uint8], tails: bool
) -> Floats:
    """Return the typical deviation (classes, classes) by edge and motion class, never decreasing with either."""
    steps = np.append(np.float32(0), ACTIVITY_LEVELS)
    table = LUMA_FLOOR + 0.04 * steps[:, None] + 0.08 * steps[None, :]
    classes = (edge * np.uint8(ACTIVITY_CLASSES) + motion).ravel()
    ordered = deviation.ravel()[np.argsort(classes, kind="stable")]
    ends = np.cumsum(np.bincount(classes, minlength=ACTIVITY_CLASSES**2))
    for place, cells in enumerate(np.split(ordered, ends[:-1])):
        typical = _typical_deviation(cells, tails)
        if typical:
            table[divmod(place, ACTIVITY_CLASSES)] = max(LUMA_FLOOR, typical)
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
