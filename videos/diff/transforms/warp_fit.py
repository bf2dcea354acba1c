"""Search a rotation or a lens distortion between two videos whose frames match neither plainly nor as boxes."""

from dataclasses import dataclass, replace
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
from videos.diff.transforms.matching import FramePairs, MomentMatcher, measure_pair_distance
from videos.fingerprint.format import LUMA_SHAPE

TRIED_ANGLES = tuple(np.radians([1.5, 3.0, 4.5, 6.0, 7.5, 9.0, 10.5]))  # in both directions
TRIED_LENSES = (-0.15, -0.08, -0.04, 0.04, 0.08, 0.15)
MAX_CANDIDATES = 3  # candidates that are refined; only the best one if it is known which frames match
KNOWN_PAIRS = 10  # of these, on which a warp is fitted, at most
MAX_CANDIDATE_DISTANCE = 0.5  # distance of sampled frames up to which a candidate is considered
UNSHARED_DISTANCE = 0.3  # distance of cells that only one side shows
MIN_ANGLE = np.radians(0.4)  # smaller rotations are measurement error
MIN_LENS = 0.012  # the same for the share by which a lens moves the corners
MAX_WARP_RATIO = 0.65  # largest residual of an accepted warp relative to that of the best boxes
MAX_LENS_RATIO = 0.75  # largest residual of a lens distortion relative to that of the best warp without one
STRAIGHT_PARAMETERS = 4  # of a warp without a lens distortion
MAX_LENS_BOX_RATIO = 1.2  # the same relative to the best boxes
MIN_SUPPORTED = 0.5  # share of cells that both frames show, at least; 0.53 if turned by 10 degrees without corners
MISPAIRED_LEVELS = 5.0  # levels left by the best boxes from which the pairs that they matched may be wrong


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """A warp, the frame pairs on which it was fitted, and the levels that it leaves of them."""

    warp: Warp
    pairs: FramePairs
    left: float


def make_warped_views(warp: Warp) -> tuple[View, View]:
    """Return the views of A and of B under a warp. A is resampled too, so that both are equally smooth."""
    return View(warp=Warp(aspect=warp.aspect), shared=warp), View(warp=warp, shared=warp)


def search_warp(
    matching: MomentMatcher, box_levels: float, known: FramePairs | None = None
) -> tuple[Warp, FramePairs] | None:
    """Return the warp from A to B and the frame pairs on which it was fitted; None if none is clear.

    `known` are pairs that show the same, if boxes have matched some already. If boxes leave much of them, the frames of
    one shot may have been mistaken for each other: then other pairs are tried too.

    It must leave clearly less than the best boxes, whose difference in levels is given. A slight lens distortion is
    nearly a crop, so that boxes leave little of it: it must leave clearly less than the best warp without one, and
    hardly more than the boxes.
    """
    found = _search_on(matching, box_levels, known)
    if found is None and known is not None and box_levels > MISPAIRED_LEVELS:
        return _search_on(matching, box_levels, None)
    return found


def _search_on(matching: MomentMatcher, box_levels: float, known: FramePairs | None) -> tuple[Warp, FramePairs] | None:
    """Return the clear warp and its frame pairs: the known ones, or those that each candidate matches."""
    a, _ = matching.fingerprints
    whole = Warp(aspect=a.width / max(1, a.height))
    known = known and known.thin_out(KNOWN_PAIRS)
    candidates = list(_generate_candidates(whole))
    distances = map_parallel(lambda warp: _rate_candidate(matching, warp, known), candidates)
    most = MAX_CANDIDATES if known is None else 1
    ranked = sorted(range(len(candidates)), key=lambda place: (distances[place], place))[:most]
    near = [candidates[place] for place in ranked if distances[place] <= MAX_CANDIDATE_DISTANCE]
    found = [fit for each in near for fit in _refine_warp(matching, each, known)]
    best = min((fit for fit in found if _is_clear(fit.warp)), key=_get_left, default=None)
    if best is None:
        return None
    straight = min(fit.left for fit in found if fit.warp.is_straight)
    is_lens = (
        not best.warp.is_straight
        and abs(best.warp.lens + best.warp.lens_2) >= MIN_LENS
        and best.left <= MAX_LENS_RATIO * straight
        and best.left <= MAX_LENS_BOX_RATIO * box_levels
    )
    return (best.warp, best.pairs) if is_lens or best.left <= MAX_WARP_RATIO * box_levels else None


def _rate_candidate(matching: MomentMatcher, warp: Warp, known: FramePairs | None) -> float:
    """Return the distance of the frames under a warp, where what one side alone shows is a difference too."""
    views = make_warped_views(warp)
    distance = matching.measure_distance(views) if known is None else measure_pair_distance(known, views)
    alone = 1 - float(views[1].find_supported_cells(LUMA_SHAPE, LUMA_SHAPE).mean())
    return distance + UNSHARED_DISTANCE * alone


def _get_left(fit: _Fit) -> float:
    return fit.left


def _generate_candidates(whole: Warp) -> list[Warp]:
    turned = []
    for angle, sign in product(TRIED_ANGLES, (1, -1)):
        fill = float(np.log(np.cos(angle) + whole.aspect * np.sin(angle)))
        turned += [replace(whole, angle=float(sign * angle), zoom=zoom) for zoom in (0.0, fill)]
    return [*turned, *(replace(whole, lens=lens) for lens in TRIED_LENSES)]


def _refine_warp(matching: MomentMatcher, warp: Warp, known: FramePairs | None) -> list[_Fit]:
    """Return the warps with the highest likelihood near a candidate, with and without a lens distortion."""
    pairs = known or matching.match_frames(make_warped_views(warp))
    for blur in (COARSE_BLUR, FINE_BLUR):
        warp = _fit_warp(warp, pairs, blur, STRAIGHT_PARAMETERS)
    pairs = known or matching.match_frames(make_warped_views(warp))
    distorted = _fit_warp(_fit_warp(warp, pairs, COARSE_BLUR), pairs, FINE_BLUR)
    straight = _fit_warp(replace(distorted, lens=0.0, lens_2=0.0), pairs, FINE_BLUR, STRAIGHT_PARAMETERS)
    return [_Fit(each, pairs, _measure_left(each, pairs)) for each in (distorted, straight)]


def _measure_left(warp: Warp, pairs: FramePairs) -> float:
    """Return the mean difference in levels that a warp leaves where both frames show something, of most pairs."""
    _, view = make_warped_views(warp)
    inside = view.find_supported_cells(LUMA_SHAPE, LUMA_SHAPE)
    residual = _compute_residual(warp, _resample_a(warp, pairs, FINE_BLUR), pairs, FINE_BLUR)
    levels = np.sort(np.abs(residual)[:, inside].mean(axis=1))
    return float(levels[: max(1, len(levels) * 3 // 4)].mean())


def _fit_warp(warp: Warp, pairs: FramePairs, blur: float, count: int = PARAMETERS) -> Warp:
    """Return the warp with the highest likelihood, of which the first parameters may change."""
    seen_a = _resample_a(warp, pairs, blur)
    return fit_model(warp, Warp.move, lambda each: _compute_residual(each, seen_a, pairs, blur), count)


def _is_clear(warp: Warp) -> bool:
    """Return whether a warp is more than measurement error, and leaves most of the picture in both frames."""
    _, view = make_warped_views(warp)
    is_supported = view.find_supported_cells(LUMA_SHAPE, LUMA_SHAPE).mean() >= MIN_SUPPORTED
    return bool(is_supported) and (abs(warp.angle) >= MIN_ANGLE or abs(warp.lens + warp.lens_2) >= MIN_LENS)


def _resample_a(warp: Warp, pairs: FramePairs, blur: float) -> Floats:
    """Return the luma (pairs, 36, 64) of A, resampled like that of B. Only the aspect of the warp changes it."""
    return make_warped_views(warp)[0].resample(pairs.luma_a, LUMA_SHAPE, blur)


def _compute_residual(warp: Warp, seen_a: Floats, pairs: FramePairs, blur: float) -> Floats:
    """Return the differences (pairs, 36, 64) in levels; cells outside of B count as a moderate difference."""
    _, view_b = make_warped_views(warp)
    inside = view_b.find_supported_cells(LUMA_SHAPE, LUMA_SHAPE)
    residual = compare_brightness(seen_a, view_b.resample(pairs.luma_b, LUMA_SHAPE, blur), inside)
    return np.where(inside, residual, np.float32(CAUCHY_SCALE_LEVELS / 2))
