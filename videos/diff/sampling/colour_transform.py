"""Change the luma and chroma of cells so that they look like those of the other side."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.neighbourhood import average_around, average_blocks, find_extremes_around
from videos.fingerprint.format import CHROMA_SHAPE

Floats = NDArray[np.float32]

LUT_STEPS = 64  # steps of luma, Cb and Cr in a colour lookup table
ERROR_STEPS = 16  # the same in the table of errors
GUIDE_VARIANCE = 4.0  # squared levels of luma around a cell; with much less it does not guide chroma


@dataclass(frozen=True, slots=True, eq=False)
class ColourTransform:
    """A change of luma and chroma that makes A look like B.

    `curve` (256,) maps A's luma levels. `mix` (3, GRADE_TERMS) is added to luma, Cb and Cr for each of the terms of
    `list_grade_terms`. `residual_lut` (3, LUT_STEPS ** 3) is added to each plane afterwards, by the original colour:
    indexed by luma, Cb and Cr in steps of 256 / LUT_STEPS levels. `error` (2, ERROR_STEPS ** 3) is by how many levels
    luma and chroma of a colour may be wrong, indexed alike.
    """

    curve: Floats
    mix: Floats
    residual_lut: Floats | None = None
    error: Floats = field(default_factory=lambda: np.zeros((2, ERROR_STEPS**3), np.float32))

    def transform_luma(self, luma: Floats, chroma: Floats) -> Floats:
        """Return `luma` (..., rows, columns), transformed; `chroma` is the original (..., 2, *, *) around 128."""
        chroma = enlarge_chroma(chroma, luma)
        at = luma.clip(0, 255)
        below = at.astype(np.uint8)
        slopes = np.append(np.diff(self.curve), np.float32(0))
        transformed = self.curve[below] + (at - below) * slopes[below]
        for weight, term in zip(self.mix[0], list_grade_terms(luma, chroma), strict=True):
            if weight:
                transformed += weight * term
        if self.residual_lut is not None:
            transformed += self.residual_lut[0][index_colours(luma, chroma)]
        return transformed

    def measure_gain(self, low: Floats, high: Floats, chroma: Floats) -> Floats:
        """Return by what the transform multiplies the contrast between two planes of luma (..., rows, columns)."""
        apart = np.maximum(high - low, np.float32(1))
        gain: Floats = (self.transform_luma(high, chroma) - self.transform_luma(low, chroma)) / apart
        return gain

    def transform_chroma(self, chroma: Floats, luma: Floats) -> Floats:
        """Return `chroma` (..., 2, rows, columns) around 128, transformed; `luma` is the original, same size."""
        transformed = chroma.copy()
        for weights, term in zip(self.mix[1:].T, list_grade_terms(luma, chroma), strict=True):
            transformed += weights[:, None, None] * term[..., None, :, :]
        if self.residual_lut is not None:
            transformed += np.moveaxis(self.residual_lut[1:, index_colours(luma, chroma)], 0, -3)
        return transformed


def index_colours(luma: Floats, chroma: Floats, steps: int = LUT_STEPS) -> NDArray[np.intp]:
    """Return indexes (..., rows, columns) into a colour table; chroma (..., 2, *, *) may be smaller than luma."""
    chroma = enlarge_chroma(chroma, luma)
    y, u, v = ((plane * (steps / 256)).clip(0, steps - 1).astype(np.intp) for plane in (luma, *_chroma_first(chroma)))
    return (y * steps + u) * steps + v


def _chroma_first(chroma: Floats) -> Floats:
    """Return Cb and Cr along the first axis."""
    return np.moveaxis(chroma, -3, 0)


GRADE_TERMS = 10  # polynomial terms of a smooth colour grade


def list_grade_terms(luma: Floats, chroma: Floats) -> Iterator[Floats]:
    """Yield the terms (..., rows, columns) of a smooth grade: 1, Y, Y², Cb, Cr and their products.

    Each plane is scaled to -1 to 1 first.
    """
    y = (luma - np.float32(128)) / np.float32(128)
    u, v = (_chroma_first(chroma) - np.float32(128)) / np.float32(128)
    yield from (np.ones_like(y), y, y * y, u, v)
    for one, other in ((y, u), (y, v), (u, u), (u, v), (v, v)):
        yield one * other


def enlarge_chroma(chroma: Floats, luma: Floats) -> Floats:
    """Return chroma (..., 2, *, *) at the size of luma (..., rows, columns), which guides it.

    Around each cell of chroma, chroma is a linear function of luma. So an edge between two colours stays sharp (fast
    guided filter, He and Sun 2015). The mean of each cell of chroma stays.
    """
    size, small = luma.shape[-2:], chroma.shape[-2:]
    if small == size:
        return chroma
    scale = size[0] // small[0], size[1] // small[1]
    coarse = average_blocks(luma, small)[..., None, :, :]
    mean_luma, mean_chroma = average_around(coarse), average_around(chroma)
    variance = average_around(np.square(coarse)) - np.square(mean_luma)
    slope = (average_around(coarse * chroma) - mean_luma * mean_chroma) / (variance + np.float32(GUIDE_VARIANCE))
    down, across = (interpolation_weights(few, many) for few, many in zip(small, size, strict=True))
    enlarged: Floats = down @ (slope @ across.T)
    enlarged *= luma[..., None, :, :]
    enlarged += down @ ((mean_chroma - slope * mean_luma) @ across.T)
    low, high = find_extremes_around(chroma)
    for limit, clip in ((low, np.maximum), (high, np.minimum)):
        clip(enlarged, limit.repeat(scale[0], axis=-2).repeat(scale[1], axis=-1), out=enlarged)
    blocks = enlarged.reshape(*enlarged.shape[:-2], small[0], scale[0], small[1], scale[1])
    blocks += (chroma - average_blocks(enlarged, small))[..., :, None, :, None]
    return enlarged


def reduce_luma(luma: Floats) -> Floats:
    """Return luma (frames, 36, 64) averaged to the size of chroma."""
    return average_blocks(luma, CHROMA_SHAPE[1:])


@lru_cache(maxsize=8)
def interpolation_weights(small: int, large: int) -> Floats:
    """Return weights (large, small) of linear interpolation between the centres of cells."""
    places = ((np.arange(large) + 0.5) / large * small - 0.5).clip(0, small - 1)
    weights = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(small)[None, :]))
    return weights.astype(np.float32)
