"""Search a rotation or a lens distortion between two videos whose frames match neither plainly nor as boxes."""

from dataclasses import replace
from itertools import product

import numpy as np

from videos.diff.parallel import map_parallel
from videos.diff.sampling.view import Floats, View
from videos.diff.sampling.warp import PARAMETERS, Warp
from videos.diff.transforms.geometry_fit import (
    CAUCHY_SCALE_LEVELS,
    COARSE_BLUR,
    FINE_BLUR,
    compare_brightness,
    fit_model,
)
from videos.diff.transforms.matching import FramePairs, MomentMatcher
from videos.fingerprint.format import LUMA_SHAPE

TRIED_ANGLES = tuple(np.radians([1.5, 3.0, 4.5, 6.0, 7.5, 9.0, 10.5]))  # in both directions
TRIED_LENSES = (-0.15, -0.08, -0.04, 0.04, 0.08, 0.15)
MAX_CANDIDATES = 3  # candidates that are refined
MAX_CANDIDATE_DISTANCE = 0.3  # distance of sampled frames up to which a candidate is considered
MIN_ANGLE = np.radians(0.4)  # smaller rotations are measurement error
MIN_LENS = 0.012  # the same for the share by which a lens moves the corners
MIN_SUPPORTED = 0.6  # share of cells that both frames show, at least


def make_warped_views(warp: Warp) -> tuple[View, View]:
    """Return the views of A and of B under a warp. A is resampled too, so that both are equally smooth."""
    return View(warp=Warp(aspect=warp.aspect)), View(warp=warp)


def search_warp(matching: MomentMatcher) -> tuple[Warp, FramePairs, float] | None:
    """Return the warp from A to B, the frame pairs on which it was fitted, and its residual in levels."""
    a, _ = matching.fingerprints
    whole = Warp(aspect=a.width / max(1, a.height))
    candidates = list(_generate_candidates(whole))
    distances = map_parallel(lambda warp: matching.measure_distance(make_warped_views(warp)), candidates)
    ranked = sorted(range(len(candidates)), key=lambda place: (distances[place], place))[:MAX_CANDIDATES]
    found = [
        _refine_warp(matching, candidates[place]) for place in ranked if distances[place] <= MAX_CANDIDATE_DISTANCE
    ]
    warps = [each for each in found if _is_clear(each[0])]
    return min(warps, key=lambda each: each[2]) if warps else None


def _generate_candidates(whole: Warp) -> list[Warp]:
    turned = []
    for angle, sign in product(TRIED_ANGLES, (1, -1)):
        fill = float(np.log(np.cos(angle) + whole.aspect * np.sin(angle)))
        turned += [replace(whole, angle=float(sign * angle), zoom=zoom) for zoom in (0.0, fill)]
    return [*turned, *(replace(whole, lens=lens) for lens in TRIED_LENSES)]


def _refine_warp(matching: MomentMatcher, warp: Warp) -> tuple[Warp, FramePairs, float]:
    pairs = matching.match_frames(make_warped_views(warp))
    for blur in (COARSE_BLUR, FINE_BLUR):
        warp = _fit_warp(warp, pairs, blur)
    pairs = matching.match_frames(make_warped_views(warp))
    warp = _fit_warp(warp, pairs, FINE_BLUR)
    levels = np.sort(np.abs(_compute_residual(warp, pairs, FINE_BLUR)).mean(axis=(1, 2)))
    return warp, pairs, float(levels[: max(1, len(levels) * 3 // 4)].mean())


def _fit_warp(warp: Warp, pairs: FramePairs, blur: float) -> Warp:
    """Return the warp with the highest likelihood."""
    return fit_model(warp, Warp.move, lambda each: _compute_residual(each, pairs, blur), PARAMETERS)


def _is_clear(warp: Warp) -> bool:
    """Return whether a warp is more than measurement error, and leaves most of the picture in both frames."""
    _, view = make_warped_views(warp)
    is_supported = view.find_supported_cells(LUMA_SHAPE, LUMA_SHAPE).mean() >= MIN_SUPPORTED
    return bool(is_supported) and (abs(warp.angle) >= MIN_ANGLE or abs(warp.lens + warp.lens_2) >= MIN_LENS)


def _compute_residual(warp: Warp, pairs: FramePairs, blur: float) -> Floats:
    """Return the differences (pairs, 36, 64) in levels; cells outside of B count as a moderate difference."""
    view_a, view_b = make_warped_views(warp)
    inside = view_b.find_supported_cells(LUMA_SHAPE, LUMA_SHAPE)
    residual = compare_brightness(
        view_a.resample(pairs.luma_a, LUMA_SHAPE, blur), view_b.resample(pairs.luma_b, LUMA_SHAPE, blur), inside
    )
    return np.where(inside, residual, np.float32(CAUCHY_SCALE_LEVELS / 2))
