"""Estimate the difference that a change of colours leaves, because it is applied to cells instead of pixels.

A cell at an edge mixes two colours. If a grade is no straight line, as where highlights are clipped, the grade of the
mix is not the mix of the two graded colours. There the tolerance is the distance of the graded cell from the straight
line between its graded neighbours. It is at least what the grade usually leaves of a cell's colour. Where luma depends
on chroma, it is a share of the range of chroma around the cell.
"""

from dataclasses import replace

import numpy as np

from videos.diff.noise.resampling_error import measure_local_range
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo
from videos.diff.sampling.recolouring import Recolouring
from videos.diff.sampling.view import SPREAD_STEPS, index_colours, reduce_luma
from videos.fingerprint.format import LUMA_SHAPE

TOLERATED_SHARE = 0.5  # of that distance
SPREAD_SHARE = 0.5  # of the levels by which the colour of a cell is usually wrong
MIXED_SHARE = 0.15  # of the range of chroma around a cell
MIN_RANGE_LEVELS = 2.0  # levels between the neighbours of a cell from which it is at an edge


def estimate_luma_error(video: SampledVideo, frames: Indexes) -> Floats | None:
    """Return the levels by which luma (frames, 36, 64) may differ; None if its view does not change colours so."""
    colour, recolouring = video.view.colour, video.view.recolouring
    plain = replace(video, view=replace(video.view, colour=None))
    tolerated = None
    if recolouring and recolouring.mixes_planes:
        tolerated = _measure_mixed_chroma(recolouring, plain.read_plain_chroma(frames))
    if colour is None:
        return tolerated
    luma = plain.read_luma(frames)
    bend = _measure_bend(luma, video.read_luma(frames))
    spread = np.float32(SPREAD_SHARE) * colour.spread[0][index_colours(luma, plain.read_chroma(frames), SPREAD_STEPS)]
    graded = np.maximum(bend, spread)
    return graded if tolerated is None else np.maximum(graded, tolerated)


def estimate_chroma_error(video: SampledVideo, frames: Indexes) -> Floats | None:
    """Return the levels by which chroma (frames, 1, 9, 16) may differ; None if the view of the video has no grade."""
    colour = video.view.colour
    if colour is None:
        return None
    plain = replace(video, view=replace(video.view, colour=None))
    chroma = plain.read_chroma(frames)
    bend = _measure_bend(chroma, video.read_chroma(frames)).max(axis=1, keepdims=True)
    spread = colour.spread[1][index_colours(reduce_luma(plain.read_luma(frames)), chroma, SPREAD_STEPS)]
    return np.maximum(bend, np.float32(SPREAD_SHARE) * spread[:, None])


def _measure_mixed_chroma(recolouring: Recolouring, chroma: Floats) -> Floats:
    """Return the tolerated levels of luma that depends on chroma (frames, 2, 9, 16), which is stored more coarsely."""
    by_blue, by_red = (np.float32(share) for share in recolouring.matrix[0, 1:])
    levels = measure_local_range(by_blue * chroma[:, 0] + by_red * chroma[:, 1])
    scale = LUMA_SHAPE[0] // chroma.shape[-2]
    return np.float32(MIXED_SHARE) * levels.repeat(scale, axis=1).repeat(scale, axis=2)


def _measure_bend(plain: Floats, graded: Floats) -> Floats:
    """Return the tolerated levels of graded planes (..., rows, columns), from the same planes without the grade."""
    low, high = np.full_like(plain, np.inf), np.full_like(plain, -np.inf)
    of_low, of_high = np.zeros_like(plain), np.zeros_like(plain)
    edge = [(0, 0)] * (plain.ndim - 2) + [(1, 1), (1, 1)]
    around, graded_around = np.pad(plain, edge, mode="edge"), np.pad(graded, edge, mode="edge")
    rows, columns = plain.shape[-2:]
    for down in range(3):
        for across in range(3):
            here = around[..., down : down + rows, across : across + columns]
            there = graded_around[..., down : down + rows, across : across + columns]
            of_low, low = np.where(here < low, there, of_low), np.minimum(here, low)
            of_high, high = np.where(here > high, there, of_high), np.maximum(here, high)
    spread = high - low
    straight = of_low + (plain - low) / np.maximum(spread, 1) * (of_high - of_low)
    bend: Floats = np.where(spread >= MIN_RANGE_LEVELS, np.float32(TOLERATED_SHARE) * np.abs(graded - straight), 0)
    return bend
