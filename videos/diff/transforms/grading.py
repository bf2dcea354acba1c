"""Estimate a colour grade of the whole video: the tone curve and the change of colour that make A look like B."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from videos.diff.sampling.colour_transform import (
    ERROR_STEPS,
    GRADE_TERMS,
    LUT_STEPS,
    ColourTransform,
    Floats,
    index_colours,
    interpolation_weights,
    list_grade_terms,
    reduce_luma,
)
from videos.diff.sampling.descriptor import Indexes, SampledVideo
from videos.diff.script.stored import StoredGrade

BIN_LEVELS = 8  # levels of luma per bin of the tone curve
MIN_BIN_SHARE = 0.0005  # share of all cells; bins with fewer cells are ignored
MAX_PAIR_OFF_LEVELS = 6.0  # levels; pairs that deviate by more are graded differently from most and are excluded
MAX_GRADIENT_LEVELS = 10.0  # levels between neighbouring cells; larger gradients depend on sharpness and are excluded
MIN_VISIBLE_LEVELS = 4.0  # levels by which typical luma must change for a grade to be reported
MIN_VISIBLE_COLOUR = 2.5  # levels by which typical chroma must change for a grade to be reported
RIDGE_SHARE = 0.002  # weight of the ridge penalty relative to the total weight of the cells
SAME_COLOUR_LEVELS = 16  # levels within which cells count as the same colour
MIN_GAIN = 0.01  # smallest gain and saturation that are inverted
MAX_UNGRADED_SHARE = 0.1  # share of pairs without the grade, above which it applies only to a part of the video
UNGRADED_LEVELS = 0.75  # levels by which such a pair is more similar without the grade
UNGRADED_RATIO = 1.7  # ratio by which such a pair is more similar without the grade
MAX_UNEXPLAINED_SHARE = 0.8  # share of the chroma difference that a change of colour may leave at most


LATTICES = (16, 32, 32)  # steps of each plane at which the residual colour table is learned, one after the other
HALF_TRUST_CELLS = 30.0  # cells of a colour at which its measured residual has half its weight
MAX_ERROR_LEVELS = 12.0  # levels; what is left of a colour beyond them is an edit
ERROR_QUANTILE = 0.8  # of what a transform leaves of a colour
IDENTITY_WEIGHT = 0.1  # weight of a residual of 0 between the colours of the lattice
MAX_RESIDUAL_LEVELS = 10.0  # levels; larger residuals are clipped, because they are edits
MAX_SPREAD_LEVELS = 6.0  # levels between the quartiles of the residual of a colour that always changes alike
MAX_STEADY_LEVELS = 60.0  # levels; larger residuals of such a colour are clipped
FIT_ROUNDS = 3  # rounds of selecting pairs and fitting the transform

Planes = tuple[Floats, Floats]  # luma and chroma of some frames


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade in the units that a user sees.

    B's luma is `gain` times A's plus `offset` (of 255). Chroma is rotated by `hue` degrees, scaled by `saturation`, and
    shifted by `blue` and `red` levels of Cb and Cr.
    """

    gain: float
    offset: float
    saturation: float
    hue: float
    blue: float
    red: float

    @property
    def inverse(self) -> Self:
        """Return the grade from B to A."""
        gain = 1 / max(self.gain, MIN_GAIN)
        saturation = 1 / max(self.saturation, MIN_GAIN)
        moved = -complex(self.blue, self.red) * saturation * np.exp(-1j * np.radians(self.hue))
        return type(self)(gain, -self.offset * gain, saturation, -self.hue, float(moved.real), float(moved.imag))

    def as_dict(self) -> StoredGrade:
        """Return the grade as a dictionary; gain and saturation with 3 digits, the others with 1."""
        return {
            "gain": round(self.gain, 3),
            "offset": round(self.offset, 1),
            "saturation": round(self.saturation, 3),
            "hue": round(self.hue, 1),
            "blue": round(self.blue, 1),
            "red": round(self.red, 1),
        }


@dataclass(frozen=True, slots=True, eq=False)
class GradeFit:
    """The colour transform from A to B, the grade as users see it, and the levels that the transform leaves."""

    transform: ColourTransform
    grade: Grade
    left: float


def fit_grade(a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes) -> GradeFit | None:
    """Return the grade from A to B, or None if it would not be visible.

    `in_a` and `in_b` are frames that show the same. Both videos must have views without a colour transform.
    """
    all_a, all_b = _read_shared(a, in_a), _read_shared(b, in_b)
    selected = _select_by_shift(all_a[0], all_b[0])
    for _ in range(FIT_ROUNDS):
        (luma_a, chroma_a), (luma_b, chroma_b) = ([plane[selected] for plane in planes] for planes in (all_a, all_b))
        mix = _fit_mix(reduce_luma(luma_a), chroma_a, reduce_luma(luma_b), chroma_b)
        mix[0, :3] = 0  # what depends on luma alone is the curve's
        mixed = ColourTransform(np.zeros(256, np.float32), mix).transform_luma(luma_a, chroma_a)
        curve, shift, line = _fit_curve(luma_a, luma_b - mixed)
        selected = _select_by_fit(all_a, all_b[0], ColourTransform(curve, mix), selected)
    plain = np.arange(256, dtype=np.float32)
    toned = ColourTransform(plain, mix).transform_chroma(chroma_a, reduce_luma(luma_a))
    chroma_change = float(np.sqrt(np.square(toned - chroma_a).sum(axis=1).mean()))
    is_explained = np.abs(toned - chroma_b).mean() < MAX_UNEXPLAINED_SHARE * np.abs(chroma_a - chroma_b).mean()
    if shift < MIN_VISIBLE_LEVELS and not (chroma_change > MIN_VISIBLE_COLOUR and is_explained):
        return None
    transform = ColourTransform(curve, mix, _build_residual_lut(all_a, all_b, ColourTransform(curve, mix)))
    if _measure_ungraded_share(all_a, all_b, transform) > MAX_UNGRADED_SHARE:
        return None
    transform = replace(transform, error=_measure_colour_error(all_a, all_b, transform))
    grade = Grade(*line, *_estimate_colour_shift(reduce_luma(luma_a), chroma_a, chroma_b))
    return GradeFit(transform, grade, _measure_left(all_a, all_b, transform))


def _read_shared(side: SampledVideo, frames: Indexes) -> Planes:
    """Return luma and chroma of frames; what one side alone shows has the mean colour of the rest."""
    return side.view.blank_unshared(side.read_luma(frames)), side.view.blank_unshared(side.read_chroma(frames))


def _estimate_colour_shift(luma: Floats, chroma_a: Floats, chroma_b: Floats) -> tuple[float, float, float, float]:
    """Return `saturation`, `hue`, `blue` and `red` of a Grade, by iteratively reweighted least squares.

    The colour transform is biased towards no change where there are few data. The reported values must not be.
    """
    u, v, *wanted = (
        np.moveaxis(chroma, 1, 0)[plane].ravel() - 128.0 for chroma in (chroma_a, chroma_b) for plane in (0, 1)
    )
    terms = np.stack([u, v, np.ones_like(u)], axis=-1)
    balance = _balance_colours(luma, chroma_a)
    fits = []
    for change in (wanted[0] - u, wanted[1] - v):
        fit = np.zeros(3)
        for _ in range(5):
            residual = np.abs(change - terms @ fit)
            weighted = terms * (balance / (1 + np.square(residual / (residual.mean() + 0.5))))[:, None]
            fit = np.linalg.solve(
                weighted.T @ terms + np.diag([0.1, 0.1, 0.0]) * weighted[:, 2].sum(), weighted.T @ change
            )
        fits.append(fit)
    (uu, uv, blue), (vu, vv, red) = fits
    turn = np.array([[1 + uu, uv], [vu, 1 + vv]])
    hue = float(np.degrees(np.arctan2(turn[1, 0] - turn[0, 1], turn[0, 0] + turn[1, 1])))
    return float(np.sqrt(max(0.0, np.linalg.det(turn)))), hue, float(blue), float(red)


def _measure_left(a: Planes, b: Planes, transform: ColourTransform) -> float:
    """Return the mean differences of luma and chroma, summed, that a colour transform leaves."""
    return sum(
        float(np.abs(there - here).mean()) for here, there in zip(_apply_transform(a, transform), b, strict=True)
    )


def _measure_ungraded_share(a: Planes, b: Planes, transform: ColourTransform) -> float:
    """Return the share of pairs that are clearly more similar without the colour transform."""
    transformed = _apply_transform(a, transform)
    plain, graded = (
        sum(np.abs(there - here).reshape(len(here), -1).mean(axis=1) for here, there in zip(planes, b, strict=True))
        for planes in (a, transformed)
    )
    return float(np.mean((UNGRADED_RATIO * plain < graded) & (graded - plain > UNGRADED_LEVELS)))


def _build_residual_lut(a: Planes, b: Planes, transform: ColourTransform) -> Floats:
    """Return the residual (3, LUT_STEPS ** 3) of each colour of A after the curve and the mix, in levels.

    It covers what these cannot express, for example a clipped channel. It is learned at a coarse lattice of colours,
    and what that leaves at finer ones.
    """
    luma, chroma = a
    residual = np.zeros((3, LUT_STEPS**3), np.float32)
    for steps in LATTICES:
        corrected = replace(transform, residual_lut=residual)
        left = np.stack(_split_planes(b)) - np.stack(_split_planes(_apply_transform(a, corrected)))
        residual = residual + _measure_lattice(index_colours(reduce_luma(luma), chroma, steps).ravel(), left, steps)
    return residual


def _measure_colour_error(a: Planes, b: Planes, transform: ColourTransform) -> Floats:
    """Return by how many levels (2, ERROR_STEPS ** 3) luma and chroma of each colour are wrong after a transform.

    It is a high quantile, so that edits of a part of what has a colour do not count, and that of all for rare colours.
    """
    errors = np.empty((2, ERROR_STEPS**3), np.float32)
    (luma, chroma), (graded, toned) = a, _apply_transform(a, transform)
    of_luma = index_colours(luma, chroma, ERROR_STEPS)
    of_chroma = index_colours(reduce_luma(luma), chroma, ERROR_STEPS)
    wrong_chroma = np.abs(b[1] - toned).max(axis=1)
    for place, (keys, wrong) in enumerate(((of_luma, np.abs(b[0] - graded)), (of_chroma, wrong_chroma))):
        usual = np.float32(np.quantile(wrong, ERROR_QUANTILE))
        known, counts = np.unique(keys, return_counts=True)
        ordered = wrong.ravel()[np.lexsort((wrong.ravel(), keys.ravel()))]
        high = ordered[np.cumsum(counts) - 1 - (counts * (1 - ERROR_QUANTILE)).astype(int)]
        errors[place] = usual
        errors[place, known] = (counts * high + HALF_TRUST_CELLS * usual) / (counts + HALF_TRUST_CELLS)
    return np.minimum(errors, np.float32(MAX_ERROR_LEVELS))


def _measure_lattice(colours: Indexes, left: Floats, steps: int) -> Floats:
    """Return the medians (3, LUT_STEPS ** 3) of what is `left` (3, ...) of cells, by their `colours` (cells,).

    They are interpolated between the colours of a lattice, and biased towards 0 for colours with few cells.
    """
    known, counts = np.unique(colours, return_counts=True)
    last = np.cumsum(counts) - 1
    trust = np.zeros(steps**3, np.float32)
    trust[known] = counts / (counts + HALF_TRUST_CELLS)
    total = _interpolate_lattice(trust, steps) + IDENTITY_WEIGHT
    measured = np.zeros((3, LUT_STEPS**3), np.float32)
    for place, plane in enumerate(left.reshape(3, -1)):
        ordered = plane[np.lexsort((plane, colours))]
        low, middle, high = (ordered[last - (counts * share).astype(int)] for share in (0.75, 0.5, 0.25))
        limit = np.where(high - low <= MAX_SPREAD_LEVELS, MAX_STEADY_LEVELS, MAX_RESIDUAL_LEVELS)
        medians = np.zeros(steps**3, np.float32)
        medians[known] = middle.clip(-limit, limit)
        measured[place] = _interpolate_lattice(trust * medians, steps) / total
    return measured


def _split_planes(planes: Planes) -> tuple[Floats, Floats, Floats]:
    """Return luma, Cb and Cr, all at the size of chroma."""
    return reduce_luma(planes[0]), planes[1][:, 0], planes[1][:, 1]


def _interpolate_lattice(lattice: Floats, steps: int) -> Floats:
    """Return a lattice (steps ** 3) interpolated to the lookup table (LUT_STEPS ** 3,)."""
    up = interpolation_weights(steps, LUT_STEPS)
    interpolated: Floats = np.einsum(
        "yuv,iy,ju,kv->ijk", lattice.reshape(steps, steps, steps), up, up, up, optimize=True
    )
    return interpolated.ravel()


def _apply_transform(planes: Planes, transform: ColourTransform) -> Planes:
    """Return luma and chroma of frames after a colour transform."""
    luma, chroma = planes
    return transform.transform_luma(luma, chroma), transform.transform_chroma(chroma, reduce_luma(luma))


def _select_by_shift(luma_a: Floats, luma_b: Floats) -> np.ndarray:
    """Return a mask of the pairs whose brightness changes like that of most pairs."""
    shift = np.median(luma_b - luma_a, axis=(1, 2))
    near = np.abs(shift - np.median(shift)) <= MAX_PAIR_OFF_LEVELS + 0.25 * np.abs(np.median(shift))
    return near if near.any() else np.ones(len(shift), bool)


def _select_by_fit(a: Planes, luma_b: Floats, transform: ColourTransform, before: np.ndarray) -> np.ndarray:
    """Return a mask of the pairs that a colour transform makes similar in brightness, or `before` if there are none.

    Darker pairs than most are shifted by a different amount, so the first selection misses them.
    """
    near: np.ndarray = np.median(np.abs(luma_b - transform.transform_luma(*a)), axis=(1, 2)) <= MAX_PAIR_OFF_LEVELS
    return near if near.any() else before


def _fit_curve(luma_a: Floats, luma_b: Floats) -> tuple[Floats, float, tuple[float, float]]:
    """Return the tone curve (256,), the typical change in levels, and gain and offset of a straight line."""
    lively = np.maximum(np.abs(np.gradient(luma_a, axis=1)), np.abs(np.gradient(luma_a, axis=2)))
    still = lively < MAX_GRADIENT_LEVELS
    x, y = luma_a[still], luma_b[still]
    if len(x) < 100:
        x, y = luma_a.ravel(), luma_b.ravel()
    bins = (x / BIN_LEVELS).astype(int)
    levels, values, weights = [], [], []
    for bin_ in np.unique(bins):
        inside = bins == bin_
        if inside.sum() >= max(20, MIN_BIN_SHARE * len(x)):
            levels.append(float(np.median(x[inside])))
            values.append(float(np.median(y[inside])))
            weights.append(float(inside.sum()))
    at, to, weight = np.array(levels), np.array(values), np.array(weights)
    if not len(at):
        return np.arange(256, dtype=np.float32), 0.0, (1.0, 0.0)
    gain, offset = _fit_line(at, to, weight)
    to = np.maximum.accumulate(to)
    ends = np.array([-1.0, 256.0])
    outer = gain * ends + offset
    outer[0] = min(outer[0] + to[0] - (gain * at[0] + offset), to[0])
    outer[1] = max(outer[1] + to[-1] - (gain * at[-1] + offset), to[-1])
    curve = np.interp(np.arange(256), [ends[0], *at, ends[1]], [outer[0], *to, outer[1]])
    shift = float(np.sqrt(np.average(np.square(to - at), weights=weight)))
    return curve.astype(np.float32), shift, (gain, offset)


def _fit_line(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Return gain and offset of a straight line, biased towards a gain of 1."""
    mean_x, mean_y = np.average(x, weights=weight), np.average(y, weights=weight)
    spread = np.average(np.square(x - mean_x), weights=weight) + 4
    gain = (np.average((x - mean_x) * (y - mean_y), weights=weight) + 4) / spread
    return float(gain), float(mean_y - gain * mean_x)


def _fit_mix(luma_a: Floats, chroma_a: Floats, luma_b: Floats, chroma_b: Floats) -> Floats:
    """Return the mix (3, GRADE_TERMS) by iteratively reweighted ridge regression; planes at the size of chroma."""
    terms = np.stack([term.ravel() for term in list_grade_terms(luma_a, chroma_a)], axis=-1).astype(float)
    change = np.concatenate([(luma_b - luma_a)[:, None], chroma_b - chroma_a], axis=1)
    wanted = np.moveaxis(change, 1, -1).reshape(-1, 3).astype(float)
    balance = _balance_colours(luma_a, chroma_a)
    mix = np.zeros((GRADE_TERMS, 3))
    for _ in range(5):
        residual = np.abs(wanted - terms @ mix)
        for plane in range(3):
            weight = balance / (1 + np.square(residual[:, plane] / (residual[:, plane].mean() + 0.5)))
            weighted = terms * weight[:, None]
            normal = weighted.T @ terms + np.eye(GRADE_TERMS) * RIDGE_SHARE * weight.sum()
            mix[:, plane] = np.linalg.solve(normal, weighted.T @ wanted[:, plane])
    return mix.T.astype(np.float32)


def _balance_colours(luma: Floats, chroma: Floats) -> np.ndarray:
    """Return weights of cells that reduce the influence of colours that fill large areas."""
    planes = (luma / SAME_COLOUR_LEVELS, chroma[:, 0] * 2 / SAME_COLOUR_LEVELS, chroma[:, 1] * 2 / SAME_COLOUR_LEVELS)
    keys = sum(plane.astype(np.int64).ravel() << (8 * place) for place, plane in enumerate(planes))
    _, inverse, count = np.unique(keys, return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(count[inverse])
    balanced: np.ndarray = weights / weights.mean()
    return balanced
