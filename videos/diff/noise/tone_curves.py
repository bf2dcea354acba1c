"""Fit the tone curve between two frames that may show the same in other brightness, each pair by itself.

Iteratively reweighted least squares, so that what is painted over does not bend the curve. The scale of the weights
falls from round to round (graduated non-convexity, Blake and Zisserman 1987): with a small one from the start, a large
plain background would keep a curve that fits nothing else.
"""

import numpy as np

from videos.diff.noise.medians import find_medians
from videos.diff.sampling.descriptor import Floats
from videos.diff.sampling.neighbourhood import enlarge

SCALES_LEVELS = (16.0, 4.0, 1.0, 0.5)  # levels added to the scale of the weights, in one round after the other
STIFFNESS = 0.001  # weight, as a share of all cells, of the curve that changes nothing: flat pictures keep it
MIN_GAIN, MAX_GAIN = 0.5, 2.0  # slope of a curve over the levels of the picture, at least and at most
LEVELS_QUANTILE = 0.02  # quantile of the levels at both ends at which the slope is measured
TERMS = 5  # of a grade
MIDDLE, HALF = 128.0, 64.0  # levels; the curve is a polynomial of (level - MIDDLE) / HALF


def apply_tone_curves(luma_a: Floats, chroma_a: Floats, luma_b: Floats) -> Floats:
    """Return A's luma (pairs, 36, 64) with the grade of each pair, which fits it to B's.

    A grade is a quadratic curve of luma, and a share of the chroma (pairs, 2, 9, 16), since it may change the channels
    differently. One that is too steep or too flat is not applied: then the frames show something else.
    """
    count = len(luma_a)
    luma = (luma_a - np.float32(MIDDLE)) / np.float32(HALF)
    chroma = (chroma_a - np.float32(MIDDLE)) / np.float32(HALF)
    coarse = luma[:, ::2, ::2]
    finer = enlarge(chroma, coarse.shape[-2:])
    terms = np.stack([np.ones_like(coarse), coarse, np.square(coarse), finer[:, 0], finer[:, 1]], axis=1)
    terms = terms.reshape(count, TERMS, -1)
    x = terms[:, 1]
    y = ((luma_b[:, ::2, ::2] - np.float32(MIDDLE)) / np.float32(HALF)).reshape(count, -1)
    plain = np.eye(TERMS, dtype=np.float32)[1]
    curves = np.repeat(plain[None], count, axis=0)
    curves[:, 0] = find_medians(y - x)
    stiffness = np.float32(STIFFNESS * x.shape[1]) * np.diag([0, 1, 1, 1, 1]).astype(np.float32)
    for levels in SCALES_LEVELS:
        residual = np.abs(y - (curves[:, None] @ terms)[:, 0])
        scale = find_medians(residual)[:, None] + np.float32(levels / HALF)
        weighted = terms * (1 / (1 + np.square(residual / scale)))[:, None]
        target = weighted @ y[..., None] + (stiffness @ plain)[:, None]
        curves = np.linalg.solve(weighted @ terms.swapaxes(1, 2) + stiffness, target)[..., 0].astype(np.float32)
    ends = np.quantile(x, (LEVELS_QUANTILE, 1 - LEVELS_QUANTILE), axis=1)
    slopes = curves[:, 1] + 2 * curves[:, 2] * ends
    is_grade = (slopes >= MIN_GAIN).all(axis=0) & (slopes <= MAX_GAIN).all(axis=0)
    curves[~is_grade] = plain
    share = curves[:, :, None, None]
    colours = share[:, 3] * chroma[:, 0] + share[:, 4] * chroma[:, 1] + share[:, 0]
    graded: Floats = luma * (share[:, 1] + share[:, 2] * luma)
    graded += enlarge(colours, luma.shape[-2:])
    return graded * np.float32(HALF) + np.float32(MIDDLE)
