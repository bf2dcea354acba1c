"""Measure what one side is against the other in a box of the picture: detail, colours, outlines and steps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.descriptor import Floats
from videos.diff.script.edit_script import Region

MIN_BOX_SIDE = 4  # pixels of a box that is measured
BORDER_PIXELS = 3  # pixels at each side of a box in which fine detail is not measured
BLUR_PASSES = (1, 3, 8, 20, 40)  # passes of the smallest binomial blur that are tried to turn one side into the other
FIT_EVERY = 7  # one in so many pixels is used to fit colours
MASK_LEVELS = 5.0  # levels by which the pixels of an overlay differ at least
MASK_SHARE = 0.35  # share of the strongest difference from which a pixel belongs to an overlay
STEEP_SHARE = 0.25  # share of the rows and columns that hold the strongest steps
GRID_PHASES = 0.5  # pixels between the places at which a grid of blocks may begin
MIN_BLOCK_PIXELS = 4.0  # pixels of a block that can be seen

Mask = NDArray[np.bool_]
BlockSize = tuple[float, float]  # height and width in pixels
BLOCK_PIXELS: BlockSize = (8.0, 8.0)  # in which JPEG and the codecs after it transform a picture


@dataclass(frozen=True, slots=True)
class BoxMeasures:
    """What B is against A in a box.

    `detail`, `finest`, `grain`, `steps` and `edge` have the sign of B - A. `coherence` is the correlation of detail and
    `coarseness` the share of the difference that is no fine detail. The pairs hold one value for each side: the share
    of the difference that is left after that side is blurred, its sharpness, its contrast in levels, and by how much
    more its gradient stands on the grid of its codec's blocks than that of the other side.
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
    grid: tuple[float, float]
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
            self.grid[::-1],
            self.area,
        )


def measure_box(
    a: Floats, b: Floats, box: Region, blocks: tuple[BlockSize, BlockSize] = (BLOCK_PIXELS, BLOCK_PIXELS)
) -> BoxMeasures:
    """Measure what B is against A in a box.

    `a` and `b` are (moments, 3, height, width): luma and chroma of both sides. `blocks`: those of each side's codec.
    """
    rows, columns = find_pixels(box, a.shape[2], a.shape[3])
    in_a, in_b = a[:, :, rows, columns], b[:, :, rows, columns]
    luma_a, luma_b = in_a[:, 0], in_b[:, 0]
    detail_a, detail_b = (_cut_border(luma - _blur(luma, 1)) for luma in (luma_a, luma_b))
    return BoxMeasures(
        correlation=correlate_pictures(luma_a, luma_b),
        mirrored=correlate_pictures(luma_a[..., ::-1], luma_b),
        colour_residual=max(_fit_colours(in_a, in_b), _fit_colours(in_b, in_a)),
        detail=_doublings(_rms(detail_b), _rms(detail_a), 0.5),
        finest=_doublings(_quantile(np.abs(detail_b), 0.99), _quantile(np.abs(detail_a), 0.99), 0.5),
        coherence=correlate_pictures(detail_a, detail_b),
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
        grid=(_compare_grids(luma_a, luma_b, blocks[0]), _compare_grids(luma_b, luma_a, blocks[1])),
        area=box.width * box.height,
    )


def find_pixels(box: Region, height: int, width: int) -> tuple[slice, slice]:
    """Return the rows and the columns of a box in a picture of this size."""
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
    """Return pictures (..., height, width) after a number of passes of the smallest binomial blur."""
    for _ in range(passes):
        for axis in (-2, -1):
            pictures = _blur_axis(pictures.swapaxes(axis, -2)).swapaxes(axis, -2)
    return pictures


def _blur_axis(pictures: Floats) -> Floats:
    """Return the mean of each row (..., rows, columns), twice, and its neighbours; the borders are repeated."""
    blurred = pictures * np.float32(2)
    blurred[..., 1:, :] += pictures[..., :-1, :]
    blurred[..., 0, :] += pictures[..., 0, :]
    blurred[..., :-1, :] += pictures[..., 1:, :]
    blurred[..., -1, :] += pictures[..., -1, :]
    blurred *= np.float32(0.25)
    return blurred


def correlate_pictures(one: Floats, other: Floats) -> float:
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


def _compare_grids(luma: Floats, other: Floats, block: BlockSize) -> float:
    """Return by how much more of the gradient stands on a grid of blocks than on the other side, of the weaker axis.

    A step at the border of a block is compared with the steps beside it, as in Wang, Sheikh and Bovik, "No-reference
    perceptual quality assessment of JPEG compressed images" (ICIP 2002).
    """
    gains = []
    for axis, others, period in ((1, (0, 2), block[0]), (2, (0, 1), block[1])):
        if not MIN_BLOCK_PIXELS <= period <= luma.shape[axis] / 4:
            return 0.0
        on_grid, on_other = (
            _list_grids(np.abs(np.diff(side, axis=axis)).mean(axis=others), period) for side in (luma, other)
        )
        gains.append(float(on_grid.max() - on_other.max()))
    return min(gains)


def _list_grids(steps: Floats, period: float) -> Floats:
    """Return by how much the steps on a grid exceed those beside them, in mean steps, for each place of the grid."""
    above = np.pad(steps[1:-1] - (steps[:-2] + steps[2:]) / 2, 1)
    starts = np.arange(0, period, GRID_PHASES)
    grids = [above[np.arange(start, len(above) - 0.5, period).round().astype(np.intp)].mean() for start in starts]
    return np.array(grids, np.float32) / (steps.mean() + np.float32(0.3))


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
