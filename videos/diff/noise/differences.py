"""Compute the differences between aligned frames in levels, after compensating brightness.

For each pair of frames a gain and an offset of brightness are fitted robustly.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.noise.activity import Classes, classify_activity, measure_edges, measure_motion, pool_activity
from videos.diff.noise.grading_error import (
    average_uneven_blocks,
    estimate_chroma_error,
    estimate_luma_error,
    find_largest,
    fit_graded_detail,
    measure_unevenness,
    raise_to_block,
)
from videos.diff.noise.medians import find_medians
from videos.diff.noise.mixed_frames import MixedSide, Mixes, fit_pair_mixes, read_mixed
from videos.diff.noise.resampling_error import estimate_resampling_error
from videos.diff.noise.tone_curves import apply_tone_curves
from videos.diff.sampling.descriptor import Floats, Indexes, Levels, SampledVideo
from videos.diff.sampling.neighbourhood import enlarge
from videos.fingerprint.format import CHROMA_SHAPE, DETAIL_SHAPE, LUMA_SHAPE

MAX_GAIN_OFF = 0.04  # largest deviation of one frame's gain from the typical gain that is compensated
MAX_OFFSET_OFF = 3.0  # levels; largest deviation of one frame's brightness from the typical one that is compensated
STARTED_EVERY = 5  # one in so many of the compared cells is used for the offset with which its search starts


@dataclass(frozen=True, slots=True)
class Tolerated:
    """Differences of luma, chroma and detail in levels that resampling or a change of colours may cause, if any."""

    luma: Floats | None = None
    chroma: Floats | None = None
    detail: Floats | None = None


@dataclass(frozen=True, slots=True)
class Differences:
    """Differences of luma, chroma and detail, and the activity classes of their cells."""

    luma: Floats
    chroma: Floats
    detail: Floats
    edge: Classes
    motion: Classes
    coarse_motion: Classes
    detail_motion: Classes
    tolerated: Tolerated


@dataclass(frozen=True, slots=True)
class LumaDifferences:
    """Differences of luma, and the edge and motion activity of their cells."""

    luma: Floats
    edge: Levels
    motion: Levels
    tolerated: Floats | None


def compute_luma_differences(
    a: SampledVideo,
    b: SampledVideo,
    in_a: Indexes,
    in_b: Indexes,
    gain: float,
    offset: float,
    mixes: tuple[Mixes | None, Mixes | None],
    graded: bool = False,
) -> LumaDifferences:
    """Return the luma differences of frame pairs, or of the mixes of either side, after compensating brightness.

    With `graded`, a tone curve is compensated instead.
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
    edges = np.minimum(measure_edges(levels_a), measure_edges(levels_b))
    moving = np.minimum(measure_motion(a, in_a, levels_a), measure_motion(b, in_b, levels_b))
    by_resampling = None
    if a.view.resamples_cells or b.view.resamples_cells:
        by_resampling = estimate_resampling_error(a, b, luma_a, luma_b)
    tolerated = find_largest(by_resampling, estimate_luma_error(a, in_a), estimate_luma_error(b, in_b))
    if not graded:
        fits = fit_brightness(luma_a, luma_b)
        gains, offsets = _limit_brightness(fits, luma_a.mean(axis=(1, 2)), gain, offset)
        luma_a *= gains[:, None, None]
        luma_a += offsets[:, None, None]
    luma_b -= luma_a
    for uneven in _measure_unevenness(a, b, in_a, in_b):
        luma_b = average_uneven_blocks(luma_b, uneven)
        edges, moving = (raise_to_block(activity, uneven > 0) for activity in (edges, moving))
    if a.view.moves_cells or b.view.moves_cells:
        luma_b *= _find_supported_cells(a, b, luma_b)
    return LumaDifferences(luma_b, edges, moving, tolerated)


def compute_differences(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes, gain: float, offset: float, mixed: MixedSide
) -> Differences:
    """Return the differences of frame pairs in all channels, with their activity classes."""
    mixes = fit_pair_mixes(a, b, in_a, in_b, (gain, offset), mixed)
    luma = compute_luma_differences(a, b, in_a, in_b, gain, offset, mixes)
    chroma_a, chroma_b = read_mixed(a.read_chroma, in_a, mixes[0]), read_mixed(b.read_chroma, in_b, mixes[1])
    detail_a, detail_b = read_details(a, b, in_a, in_b, mixes)
    chroma, detail = chroma_b - chroma_a, detail_b - detail_a
    for uneven in _measure_unevenness(a, b, in_a, in_b):
        detail *= 1 - enlarge(uneven, DETAIL_SHAPE)
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
    tolerated = Tolerated(luma.tolerated, by_chroma, by_detail)
    return Differences(luma.luma, chroma, detail, *activity, tolerated)


def read_details(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes, mixes: tuple[Mixes | None, Mixes | None]
) -> tuple[Floats, Floats]:
    """Return the detail of both sides. That of mixes, and that under a grade, is the nearest to the other side's."""
    detail_a, detail_b = a.read_detail(in_a), b.read_detail(in_b)
    if a.view.colour and not mixes[0]:
        detail_a = fit_graded_detail(a, in_a, detail_b)
    if b.view.colour and not mixes[1]:
        detail_b = fit_graded_detail(b, in_b, detail_a)
    if mixes[0]:
        detail_a = detail_b.clip(*mixes[0].bound_detail(a, in_a))
    if mixes[1]:
        detail_b = detail_a.clip(*mixes[1].bound_detail(b, in_b))
    return detail_a, detail_b


def _measure_unevenness(a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes) -> Iterator[Floats]:
    """Yield by how much chroma varies (pairs, 9, 16) on each side whose luma depends on it."""
    for side, frames in ((a, in_a), (b, in_b)):
        uneven = measure_unevenness(side, frames)
        if uneven is not None:
            yield uneven


def _find_supported_cells(a: SampledVideo, b: SampledVideo, planes: Floats) -> NDArray[np.bool_]:
    """Return a mask of the cells for which both views have enough data."""
    size = planes.shape[-2], planes.shape[-1]
    return a.view.find_supported_cells(size, size) & b.view.find_supported_cells(size, size)


def fit_brightness(luma_a: Floats, luma_b: Floats) -> Floats:
    """Return gain and offset (pairs, 2) from A to B, by iteratively reweighted least squares on every fourth cell."""
    count = len(luma_a)
    x, y = (luma[:, ::2, ::2].reshape(count, -1) for luma in (luma_a, luma_b))
    middles = x.mean(axis=1), y.mean(axis=1)
    x, y = (each - middle[:, None] for each, middle in zip((x, y), middles, strict=True))
    gain, offset = np.ones(count, np.float32), find_medians((y - x)[:, ::STARTED_EVERY])
    for _ in range(3):
        residual = y - gain[:, None] * x
        residual -= offset[:, None]
        scale = np.abs(residual).mean(axis=1, keepdims=True) + np.float32(0.5)
        residual /= scale
        weight = 1 / (1 + np.square(residual, out=residual))
        total = weight.sum(axis=1)
        weighted = weight * x
        mean_x, mean_y = weighted.sum(axis=1) / total, _sum_products(weight, y) / total
        # Both are sums over centred values; flat pictures keep a gain of 1.
        spread = _sum_products(weighted, x) - total * mean_x * mean_x + np.float32(4) * total
        gain = (_sum_products(weighted, y) - total * mean_x * mean_y + np.float32(4) * total) / spread
        offset = mean_y - gain * mean_x
    return np.stack([gain, offset + middles[1] - gain * middles[0]], axis=1)


def _sum_products(one: Floats, other: Floats) -> Floats:
    """Return the sums (rows,) of the products of two arrays (rows, columns)."""
    sums: Floats = np.einsum("rc,rc->r", one, other)
    return sums


def _limit_brightness(fits: Floats, means: Floats, gain: float, offset: float) -> tuple[Floats, Floats]:
    """Return gain and offset of each pair, limited to near the typical ones, so that a temporary grade is detected."""
    gains = fits[:, 0].clip(gain - MAX_GAIN_OFF, gain + MAX_GAIN_OFF)
    expected = gain * means + offset
    shift = (fits[:, 0] * means + fits[:, 1] - expected).clip(-MAX_OFFSET_OFF, MAX_OFFSET_OFF)
    return gains, expected + shift - gains * means
