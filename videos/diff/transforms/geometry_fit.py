"""Refine a candidate geometry: a pattern search on appearance, then a robust least-squares fit on frame pairs."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.view import Box, Floats, Geometry, make_views
from videos.diff.transforms.matching import FramePairs, MomentMatcher
from videos.fingerprint.format import LUMA_SHAPE

MIN_INSET = 0.006  # fraction of the frame; smaller insets are measurement error
MIN_BOX_SIDE = 0.3  # smallest width and height of a box, as a fraction of the frame
SEARCH_STEPS = (0.04, 0.02, 0.01)  # fractions of the frame by which edges are moved in the pattern search
MAX_MOVES_PER_STEP = 4  # moves of the pattern search per step size
MAX_FIT_ROUNDS = 12  # iterations of the Levenberg-Marquardt fit
MAX_DAMPING_TRIES = 4  # dampings tried per iteration
INITIAL_DAMPING = 1e-3  # damping relative to the mean diagonal of the normal matrix
CAUCHY_SCALE_LEVELS = 8.0  # scale of the Cauchy distribution in levels; a cell that differs by more may be an edit
DERIVATIVE_STEP = 0.004  # fraction of the frame by which an edge is moved for a numerical derivative
MAX_FIT_STEP = 0.04  # fraction of the frame by which an edge may move per iteration
MAX_RESIDUAL_LEVELS = 24.0  # levels at which residuals are clipped
# Standard deviations of the sampling kernel in cells: a large one first, so that letters overlap.
COARSE_BLUR, FINE_BLUR = 2.0, 0.8

Model = TypeVar("Model")
Insets = tuple[float, float, float, float]  # left, top, right, bottom, as fractions of the frame


def search_nearby(matching: MomentMatcher, candidate: Geometry) -> Geometry:
    """Return the geometry near a candidate at which frames are most similar, by a pattern search with falling steps."""
    best, distance = candidate, matching.measure_distance(candidate)
    for size in SEARCH_STEPS:
        for _ in range(MAX_MOVES_PER_STEP):
            moved = [_move_edges(best, tuple(size * each for each in step)) for step in _MOVES]
            scored = min((matching.measure_distance(candidate), index) for index, candidate in enumerate(moved))
            if scored[0] >= distance:
                break
            distance, best = scored[0], moved[scored[1]]
    return best


def refine_geometry(matching: MomentMatcher, geometry: Geometry) -> tuple[Geometry, FramePairs]:
    """Return the best fitting geometry near a candidate and the frame pairs on which it was fitted."""
    pairs = matching.match_frames(geometry)
    for blur in (COARSE_BLUR, FINE_BLUR):
        geometry = fit_geometry(geometry, pairs, blur)
    pairs = matching.match_frames(geometry)
    geometry = fit_geometry(geometry, pairs, FINE_BLUR)
    return geometry, matching.match_frames(geometry)


def fit_geometry(geometry: Geometry, pairs: FramePairs, blur: float) -> Geometry:
    """Return the geometry with the highest likelihood."""
    return fit_model(geometry, _move_edges, lambda each: _compute_residual(each, pairs, blur), 4)


def fit_model(
    model: Model, move: Callable[[Model, tuple[float, ...]], Model], residual_of: Callable[[Model], Floats], count: int
) -> Model:
    """Return the model of `count` parameters with the highest likelihood, by the Levenberg-Marquardt method.

    The residuals are assumed to have a Cauchy distribution, so that edited cells have little influence.
    """
    best, residual = model, residual_of(model)
    nudges = [tuple(DERIVATIVE_STEP * (place == each) for place in range(count)) for each in range(count)]
    damping = INITIAL_DAMPING
    for _ in range(MAX_FIT_ROUNDS):
        derivatives = [residual_of(move(best, nudge)) for nudge in nudges]
        jacobian = np.stack([(each - residual).ravel() / DERIVATIVE_STEP for each in derivatives], axis=-1)
        weighted = jacobian * (1 / (1 + np.square(residual.ravel() / CAUCHY_SCALE_LEVELS)))[:, None]
        normal, gradient = weighted.T @ jacobian, weighted.T @ residual.ravel()
        for _ in range(MAX_DAMPING_TRIES):
            ridge = np.eye(count) * damping * (np.trace(normal) / count + 1e-6)
            change = -np.linalg.solve(normal + ridge, gradient)
            change *= min(1.0, MAX_FIT_STEP / max(1e-9, float(np.abs(change).max())))
            moved = move(best, tuple(float(each) for each in change))
            candidate = residual_of(moved)
            if better := _compute_loss(candidate) < _compute_loss(residual):
                best, residual, damping = moved, candidate, damping / 4
                break
            damping *= 8
        if not better or np.abs(change).max() < DERIVATIVE_STEP / 8:
            break
    return best


def _compute_loss(residual: Floats) -> float:
    """Return the negative log-likelihood of residuals under a Cauchy distribution."""
    return float(np.log1p(np.square(residual / CAUCHY_SCALE_LEVELS)).sum())


_MOVE_SHAPES = [(1, 0, -1, 0), (0, 1, 0, -1), (1, 1, 1, 1), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)]
_MOVES = [tuple(sign * each for each in shape) for shape in _MOVE_SHAPES for sign in (1, -1)]


def widen_boxes(geometry: Geometry) -> Geometry:
    """Return the geometry with both boxes extended equally up to the edges of the frames.

    A flat background at the edge of a picture would otherwise be taken for a bar.
    """
    of_a, of_b = _insets_of_both(geometry)
    for edge in range(4):
        size_a, size_b = ((box.width, box.height)[edge % 2] for box in (geometry.a, geometry.b))
        room = min(of_a[edge] / size_a, of_b[edge] / size_b)
        of_a[edge] -= room * size_a
        of_b[edge] -= room * size_b
    return _with_insets(geometry, of_a, of_b)


def _move_edges(geometry: Geometry, by: tuple[float, ...]) -> Geometry:
    """Return the geometry with its edges moved inwards in A by `by` (left, top, right, bottom).

    If the inset of A would become negative, the edge of B is moved inwards instead.
    """
    of_a, of_b = _insets_of_both(geometry)
    for edge, inset in enumerate(by):
        within = of_a[edge] - of_b[edge] + inset
        shared = min(of_a[edge], of_b[edge])
        of_a[edge], of_b[edge] = shared + max(0.0, within), shared + max(0.0, -within)
    return _with_insets(geometry, of_a, of_b)


def insets_of(box: Box) -> Insets:
    """Return the distances of a box from the frame's edges: left, top, right, bottom."""
    return box.x, box.y, 1 - box.bottom_right[0], 1 - box.bottom_right[1]


def _insets_of_both(geometry: Geometry) -> tuple[list[float], list[float]]:
    """Return the insets of A's box, after A has been flipped, and of B's box."""
    flipped = geometry.a.flip(geometry.flip_horizontal, geometry.flip_vertical)
    return list(insets_of(flipped)), list(insets_of(geometry.b))


def _with_insets(geometry: Geometry, of_a: list[float], of_b: list[float]) -> Geometry:
    """Return the geometry with other boxes, given as `_insets_of_both` returns them."""
    a = _box_from_insets(of_a).flip(geometry.flip_horizontal, geometry.flip_vertical)
    return replace(geometry, a=a, b=_box_from_insets(of_b))


def _box_from_insets(edges: list[float]) -> Box:
    """Return the box at these distances from the frame's edges."""
    left, top, right, bottom = edges
    return Box(left, top, max(MIN_BOX_SIDE, 1 - left - right), max(MIN_BOX_SIDE, 1 - top - bottom))


def _compute_residual(geometry: Geometry, pairs: FramePairs, blur: float) -> Floats:
    """Return the differences (pairs, 36, 64) in levels after matching each pair's brightness and contrast."""
    view_a, view_b = make_views(geometry)
    a, b = (view.resample(luma, LUMA_SHAPE, blur) for view, luma in ((view_a, pairs.luma_a), (view_b, pairs.luma_b)))
    return compare_brightness(a, b)


def compare_brightness(a: Floats, b: Floats, inside: NDArray[np.bool_] | None = None) -> Floats:
    """Return the differences of pairs in levels after matching each pair's brightness and contrast.

    Cells that are not `inside` (rows, columns) have no influence.
    """
    if inside is not None:
        share = np.float32(max(1, inside.sum()) / inside.size)
        a, b = ((each - (each * inside).mean(axis=(1, 2), keepdims=True) / share) * inside for each in (a, b))
    else:
        a, b = (each - each.mean(axis=(1, 2), keepdims=True) for each in (a, b))
    gain = ((a * b).sum(axis=(1, 2), keepdims=True) + 1) / (np.square(a).sum(axis=(1, 2), keepdims=True) + 1)
    residual: Floats = b - gain.clip(0.5, 2) * a
    return residual.clip(-MAX_RESIDUAL_LEVELS, MAX_RESIDUAL_LEVELS)


def mean_residual(geometry: Geometry, pairs: FramePairs, blur: float = FINE_BLUR) -> float:
    """Return the mean difference in levels over the best three quarters of the pairs."""
    levels = np.sort(np.abs(_compute_residual(geometry, pairs, blur)).mean(axis=(1, 2)))
    return float(levels[: max(1, len(levels) * 3 // 4)].mean())


def snap_small_insets(geometry: Geometry) -> Geometry:
    """Return the geometry with insets below MIN_INSET set to 0."""
    boxes = [
        _box_from_insets([edge if edge >= MIN_INSET else 0.0 for edge in insets_of(box)])
        for box in (geometry.a, geometry.b)
    ]
    return replace(geometry, a=boxes[0], b=boxes[1])
