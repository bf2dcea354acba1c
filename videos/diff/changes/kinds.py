"""Name the kind of a change from the pictures of both sides in its box.

Each kind has a few measures with a value at which it is doubtful and a value at which it is sure. The weakest measure
gives the confidence. A change whose best kind is doubtful gets none: a wrong kind is worse than none.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.descriptor import Floats
from videos.diff.script.edit_script import Region
from videos.diff.script.kinds import ALL_KINDS, Kind, mirror_kind

MIN_CONFIDENCE = 0.5  # confidence; a kind with less is not named
MIN_BOX_SIDE = 4  # pixels of a box that is measured
BORDER_PIXELS = 3  # pixels at each side of a box in which fine detail is not measured
MAX_OVERLAY_AREA = 0.35  # share of the frame; a larger change is no text or logo
BLUR_PASSES = (1, 3, 8, 20, 40)  # passes of the smallest binomial blur that are tried to turn one side into the other
FIT_EVERY = 7  # one in so many pixels is used to fit colours
MASK_LEVELS = 5.0  # levels by which the pixels of an overlay differ at least
MASK_SHARE = 0.35  # share of the strongest difference from which a pixel belongs to an overlay
STEEP_SHARE = 0.25  # share of the rows and columns that hold the strongest steps

# Values at which a measure is doubtful (confidence 0) and at which it is sure (confidence 1).
BLUR_RESIDUAL = 0.42, 0.22  # share of the difference that is left after one side is blurred
BLUR_CORRELATION = 0.35, 0.45  # correlation of luma
BLUR_DETAIL_LOST = 1.0, 2.5  # halvings of the finest detail
BLUR_SHARPNESS = -0.35, -0.65  # doublings of fine detail over the gradient, on the blurred side
PIXEL_RESIDUAL = 0.8, 0.6  # share of the difference that is left after the other side is blurred
PIXEL_STEPS = 0.15, 0.45  # share of the gradient that moves into the steepest rows and columns
PIXEL_SHARPNESS = -0.6, -0.2  # doublings of fine detail over the gradient, on the pixelated side
PIXEL_EDGE = 0.5, -0.2  # doublings of the gradient along the outline of the change
GRADE_RESIDUAL = 0.4, 0.1  # share of the variance that no change of colours explains
GRADE_CORRELATION = 0.9, 0.99  # correlation of luma
GRADE_DETAIL = 0.6, 0.2  # doublings of fine detail, up or down
OVERLAY_EDGE = 0.4, 1.4  # doublings of the gradient along the outline of the change
OVERLAY_CORRELATION = 0.98, 0.92  # correlation of luma
OVERLAY_COLOURS = 0.12, 0.2  # share of the variance that no change of colours explains
OVERLAY_CONTRAST = 1.0, 4.0  # levels of luma, standard deviation within the side with the overlay
OVERLAY_RESIDUAL = 0.36, 0.7  # share of the difference that is left after the side with the overlay is blurred
WHOLE_AREA = 0.8  # share of the frame from which the measures of the whole picture are used
SOFT_RESIDUAL = 0.42, 0.27  # share of the difference that is left after A is blurred, where no detail is in common
SOFT_RESIDUAL_SHARE = 0.5  # added to both of these, times the coherence of detail
SOFT_CLEAR = 0.3  # share of the difference that is left, up to which the detail need not be in common
SOFT_DETAIL = 0.3, 0.7  # halvings of detail
SOFT_GAIN = 0.7, 1.0  # detail of A for a unit of the same detail of B
SOFT_STEPS = 0.28, 0.2  # share of the gradient that moves into the steepest rows and columns
FAINT_GAIN = 1.1, 1.25  # the same gain, where most detail is in common
FAINT_COHERENCE = 0.5, 0.65  # correlation of detail
FAINT_DETAIL = 0.25, 0.5  # halvings of detail
FAINT_COLOURS = 0.3, 0.45  # share of the variance that no change of colours explains
NOISE_GRAIN = 0.4, 0.9  # doublings of the median detail
NOISE_GAIN = 1.15, 1.02  # detail of B for a unit of the same detail of A
NOISE_COARSENESS = 0.45, 0.36  # share of the difference that is left after it is blurred
NOISE_CORRELATION = 0.6, 0.75  # correlation of luma
NOISE_COLOURS = 0.5, 0.7  # share of the variance that no change of colours explains
BLOCKS_STEPS = 0.1, 0.3  # share of the gradient that moves into the steepest rows and columns
BLOCKS_COHERENCE = 0.4, 0.3  # correlation of detail
MIRROR_CORRELATION = 0.85, 0.95  # correlation of luma with the mirrored other side
MIRROR_CONTRAST = 0.3, 0.6  # by which that exceeds the correlation without a mirror

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BoxMeasures:
    """What B is against A in a box.

    `detail`, `finest`, `grain`, `steps` and `edge` have the sign of B - A. `coherence` is the correlation of detail and
    `coarseness` the share of the difference that is no fine detail. The pairs hold one value for each side: the share
    of the difference that is left after that side is blurred, its sharpness, and its contrast in levels.
    """

    correlation: float
    mirrored: float
    colour_residual: float
    detail: float
    finest: float
    coherence: float
    grain: float
    coarseness: float
    steps: float
    edge: float
    blur_residual: tuple[float, float]
    sharpness: tuple[float, float]
    contrast: tuple[float, float]
    area: float

    def mirror(self) -> "BoxMeasures":
        """Return what A is against B."""
        return BoxMeasures(
            self.correlation,
            self.mirrored,
            self.colour_residual,
            -self.detail,
            -self.finest,
            self.coherence,
            -self.grain,
            self.coarseness,
            -self.steps,
            -self.edge,
            self.blur_residual[::-1],
            self.sharpness[::-1],
            self.contrast[::-1],
            self.area,
        )


def name_change(a: Floats, b: Floats, box: Region) -> Kind | None:
    """Return the kind of the change in a box, None if it is doubtful.

    `a` and `b` are (moments, 3, height, width): luma and chroma of both sides, without the differences of the whole.
    """
    measures = measure_box(a, b, box)
    there, back = _rate_kinds(measures), _rate_kinds(measures.mirror())
    rated = {**there, **{mirrored: back[kind] for kind in back if (mirrored := mirror_kind(kind)) != kind}}
    for noisier, sharper in (("noisier", "sharper"), (mirror_kind("noisier"), "softer")):
        if rated.get(noisier, 0.0) >= MIN_CONFIDENCE:  # noise adds detail, and a blur removes noise too
            rated[sharper] = 0.0
    best = max(ALL_KINDS, key=lambda kind: rated.get(kind, 0.0))
    confidence = round(rated.get(best, 0.0), 2)
    return Kind(best, confidence) if confidence >= MIN_CONFIDENCE else None


def name_all(kinds: list[Kind | None]) -> Kind | None:
    """Return the kind of several changes in one segment, None if they are of different kinds."""
    named = [kind for kind in kinds if kind is not None]
    if len(named) < len(kinds) or len({kind.name for kind in named}) != 1:
        return None
    return min(named, key=lambda kind: kind.confidence)


def _rate_kinds(measures: BoxMeasures) -> dict[str, float]:
    """Return the confidence in each kind that B may be against A."""
    blurred_a, blurred_b = measures.blur_residual
    sharp_b = measures.sharpness[1]
    softer = min(
        _rate(blurred_a, BLUR_RESIDUAL),
        _rate(measures.correlation, BLUR_CORRELATION),
        _rate(-measures.finest, BLUR_DETAIL_LOST),
        _rate(sharp_b, BLUR_SHARPNESS),
    )
    pixelated = min(
        _rate(blurred_a, PIXEL_RESIDUAL),
        _rate(measures.steps, PIXEL_STEPS),
        _rate(sharp_b, PIXEL_SHARPNESS),
        _rate(measures.edge, PIXEL_EDGE),
    )
    regraded = min(
        _rate(measures.colour_residual, GRADE_RESIDUAL),
        _rate(measures.correlation, GRADE_CORRELATION),
        _rate(abs(measures.detail), GRADE_DETAIL),
    )
    overlaid = min(
        _rate(measures.edge, OVERLAY_EDGE),
        _rate(measures.correlation, OVERLAY_CORRELATION),
        _rate(measures.contrast[1], OVERLAY_CONTRAST),
        _rate(measures.colour_residual, OVERLAY_COLOURS),
        _rate(blurred_b, OVERLAY_RESIDUAL) if measures.area <= MAX_OVERLAY_AREA else 0.0,
    )
    mirrored = min(
        _rate(measures.mirrored, MIRROR_CORRELATION),
        _rate(measures.mirrored - measures.correlation, MIRROR_CONTRAST),
    )
    rated = {
        "softer": softer,
        "pixelated": pixelated,
        "regraded": regraded,
        "text_or_logo_added": overlaid,
        "mirrored": mirrored,
    }
    if measures.area >= WHOLE_AREA:
        for kind, confidence in _rate_whole_picture(measures).items():
            rated[kind] = max(rated.get(kind, 0.0), confidence)
    return rated


def _rate_whole_picture(measures: BoxMeasures) -> dict[str, float]:
    """Return the confidence in the kinds that only the detail of the whole picture tells."""
    blurred = measures.blur_residual[0]
    allowance = SOFT_RESIDUAL_SHARE * max(0.0, measures.coherence)
    common_in_a, common_in_b = (measures.coherence * 2 ** (sign * measures.detail) for sign in (-1, 1))
    softer = min(
        _rate(blurred - allowance, SOFT_RESIDUAL),
        _rate(-measures.detail, SOFT_DETAIL),
        _rate(measures.steps, SOFT_STEPS),
        1.0 if blurred <= SOFT_CLEAR else _rate(common_in_a, SOFT_GAIN),
    )
    faintly_softer = min(
        _rate(common_in_a, FAINT_GAIN),
        _rate(measures.coherence, FAINT_COHERENCE),
        _rate(-measures.detail, FAINT_DETAIL),
        _rate(measures.colour_residual, FAINT_COLOURS),
    )
    noisier = min(
        _rate(measures.grain, NOISE_GRAIN),
        _rate(common_in_b, NOISE_GAIN),
        _rate(measures.coarseness, NOISE_COARSENESS),
        _rate(measures.correlation, NOISE_CORRELATION),
        _rate(measures.colour_residual, NOISE_COLOURS),
    )
    in_blocks = min(_rate(measures.steps, BLOCKS_STEPS), _rate(measures.coherence, BLOCKS_COHERENCE))
    return {"softer": max(softer, faintly_softer), "noisier": noisier, "pixelated": in_blocks}


def _rate(value: float, limits: tuple[float, float]) -> float:
    """Return 0 at the doubtful limit, 1 at the sure one, and the share of the way between them."""
    doubtful, sure = limits
    return min(1.0, max(0.0, (value - doubtful) / (sure - doubtful)))


def measure_box(a: Floats, b: Floats, box: Region) -> BoxMeasures:
    """Measure what B is against A in a box. For the shapes see `name_change`."""
    rows, columns = _cut_box(box, a.shape[2], a.shape[3])
    in_a, in_b = a[:, :, rows, columns], b[:, :, rows, columns]
    luma_a, luma_b = in_a[:, 0], in_b[:, 0]
    detail_a, detail_b = (_cut_border(luma - _blur(luma, 1)) for luma in (luma_a, luma_b))
    return BoxMeasures(
        correlation=_correlate(luma_a, luma_b),
        mirrored=_correlate(luma_a[..., ::-1], luma_b),
        colour_residual=max(_fit_colours(in_a, in_b), _fit_colours(in_b, in_a)),
        detail=_doublings(_rms(detail_b), _rms(detail_a), 0.5),
        finest=_doublings(_quantile(np.abs(detail_b), 0.99), _quantile(np.abs(detail_a), 0.99), 0.5),
        coherence=_correlate(detail_a, detail_b),
        grain=_doublings(_quantile(np.abs(detail_b), 0.5), _quantile(np.abs(detail_a), 0.5), 0.5),
        coarseness=_rms(_blur(luma_b - luma_a, 3)) / (_rms(luma_b - luma_a) + 1e-3),
        steps=_measure_steps(luma_b) - _measure_steps(luma_a),
        edge=_compare_outlines(a, b, rows, columns),
        blur_residual=(_blur_towards(luma_a, luma_b), _blur_towards(luma_b, luma_a)),
        sharpness=(
            _measure_sharpness(_cut_border(luma_a), detail_a),
            _measure_sharpness(_cut_border(luma_b), detail_b),
        ),
        contrast=(_measure_contrast(luma_a), _measure_contrast(luma_b)),
        area=box.width * box.height,
    )


def _cut_box(box: Region, height: int, width: int) -> tuple[slice, slice]:
    return _cut_side(box.y, box.height, height), _cut_side(box.x, box.width, width)


def _cut_side(start: float, length: float, pixels: int) -> slice:
    first = min(max(0, int(start * pixels)), pixels - MIN_BOX_SIDE)
    last = min(pixels, int(np.ceil((start + length) * pixels)))
    return slice(first, max(first + MIN_BOX_SIDE, last))


def _cut_border(pictures: Floats) -> Floats:
    """Return pictures without the border of the box, where a changed box meets the unchanged picture."""
    high, wide = (min(BORDER_PIXELS, (side - 1) // 4) for side in pictures.shape[-2:])
    return pictures[..., high : pictures.shape[-2] - high, wide : pictures.shape[-1] - wide]


def _blur(pictures: Floats, passes: int) -> Floats:
    for _ in range(passes):
        padded = np.pad(pictures, [(0, 0)] * (pictures.ndim - 2) + [(1, 1), (1, 1)], mode="edge")
        down = padded[..., :-2, :] + 2 * padded[..., 1:-1, :] + padded[..., 2:, :]
        pictures = (down[..., :-2] + 2 * down[..., 1:-1] + down[..., 2:]) / np.float32(16)
    return pictures


def _correlate(one: Floats, other: Floats) -> float:
    """Return the median correlation of pictures (moments, height, width), 0 where one is flat."""
    one, other = (each - each.mean(axis=(1, 2), keepdims=True) for each in (one, other))
    energy = np.square(one).sum(axis=(1, 2)) * np.square(other).sum(axis=(1, 2))
    return float(np.median((one * other).sum(axis=(1, 2)) / np.sqrt(energy + 1)))


def _fit_colours(source: Floats, target: Floats) -> float:
    """Return the share of the target's variance that no linear mix of the source's channels explains."""
    pixels = [each.transpose(1, 0, 2, 3).reshape(3, -1).T.astype(np.float64) for each in (source, target)]
    known = np.column_stack([pixels[0], np.ones(len(pixels[0]))])
    mix = np.linalg.lstsq(known[::FIT_EVERY], pixels[1][::FIT_EVERY], rcond=None)[0]
    left = np.square(pixels[1] - known @ mix).mean()
    return float((left + 0.1) / (np.square(pixels[1] - pixels[0]).mean() + 0.1))  # 1 for the same pictures


def _measure_steps(luma: Floats) -> float:
    """Return the share of the gradient in the steepest rows and columns, of the axis on which it is smaller."""
    shares = []
    for axis, others in ((1, (0, 2)), (2, (0, 1))):
        steps = np.sort(np.abs(np.diff(luma, axis=axis)).mean(axis=others))[::-1]
        steepest = steps[: max(1, int(len(steps) * STEEP_SHARE))]
        shares.append(float(steepest.sum() / max(float(steps.sum()), 1e-6)))
    return min(shares)


def _measure_sharpness(luma: Floats, detail: Floats) -> float:
    return _doublings(_rms(detail), float(_measure_gradient(luma).mean()), 0.3)


def _measure_contrast(luma: Floats) -> float:
    """Return the standard deviation of the mean picture without the border of the box."""
    high, wide = luma.shape[1] // 8, luma.shape[2] // 8
    return float(luma.mean(axis=0)[high : luma.shape[1] - high, wide : luma.shape[2] - wide].std())


def _measure_gradient(pictures: Floats) -> Floats:
    down, across = np.gradient(pictures, axis=(-2, -1))
    gradient: Floats = np.abs(down) + np.abs(across)
    return gradient


def _blur_towards(source: Floats, target: Floats) -> float:
    """Return the share of the difference that is left when the source is blurred as far as it helps."""
    least, blurred, done = np.inf, source, 0
    for passes in BLUR_PASSES:
        blurred, done = _blur(blurred, passes - done), passes
        least = min(least, float(np.abs(blurred - target).mean()))
    return least / (float(np.abs(source - target).mean()) + 1e-3)


def _compare_outlines(a: Floats, b: Floats, rows: slice, columns: slice) -> float:
    """Return the doublings of the gradient along the outline of what differs, in the mean picture of each side.

    The side with an overlay has an edge there, and the side without it goes on.
    """
    difference = np.abs(b - a).max(axis=1).mean(axis=0)
    inside = difference[rows, columns]
    mask = np.zeros(difference.shape, bool)
    mask[rows, columns] = inside > max(MASK_LEVELS, MASK_SHARE * _quantile(inside, 0.95))
    outline = _find_outline(mask)
    if not outline.any():
        return 0.0
    along = [float(_measure_gradient(side.mean(axis=0)).max(axis=0)[outline].mean()) for side in (a, b)]
    return _doublings(along[1], along[0], 1.0)


def _find_outline(mask: Mask) -> Mask:
    padded = np.pad(mask, 1)
    beside = [padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]]
    outline: Mask = np.logical_or.reduce([mask, *beside]) & ~np.logical_and.reduce([mask, *beside])
    return outline


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.square(values).mean()))


def _quantile(values: Floats, share: float) -> float:
    return float(np.quantile(values, share))


def _doublings(value: float, against: float, floor: float) -> float:
    """Return the base-2 logarithm of a ratio; `floor` is added to both for values near 0."""
    return float(np.log2((value + floor) / (against + floor)))
