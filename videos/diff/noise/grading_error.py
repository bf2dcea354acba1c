"""Estimate the difference that a change of colours leaves, because it is applied to cells instead of pixels.

A cell at an edge mixes two colours. If a grade is no straight line, as where highlights are clipped, the grade of the
mix is not the mix of the two graded colours. There the tolerance is the distance of the graded cell from the straight
line between its graded neighbours. It is at least what the grade usually leaves of a cell's colour. Where luma depends
on chroma, it is a share of the range of chroma around the cell.
"""

from dataclasses import replace
from functools import reduce

import numpy as np

from videos.diff.sampling.colour_transform import ERROR_STEPS, index_colours, reduce_luma
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo
from videos.diff.sampling.neighbourhood import measure_range_around
from videos.diff.sampling.recolouring import Recolouring
from videos.fingerprint.format import LUMA_SHAPE

BEND_SHARE = 0.5  # of that distance
COLOUR_ERROR_SHARE = 0.5  # of the levels by which the colour of a cell is usually wrong
MIXED_SHARE = 0.15  # of the range of chroma around a cell
MIN_RANGE_LEVELS = 2.0  # levels between the neighbours of a cell from which it is at an edge


def estimate_luma_error(video: SampledVideo, frames: Indexes) -> Floats | None:
    """Return the levels by which luma (frames, 36, 64) may differ; None if the view of the video does not affect it."""
    colour, recolouring = video.view.colour, video.view.recolouring
    by_chroma = by_grade = None
    if recolouring and recolouring.mixes_planes:
        by_chroma = _measure_mixed_chroma(recolouring, video.read_plain_chroma(frames))
    if colour:
        plain = _without_grade(video)
        luma = plain.read_luma(frames)
        usual = colour.error[0][index_colours(luma, plain.read_chroma(frames), ERROR_STEPS)]
        by_grade = _join_errors(_measure_bend(luma, video.read_luma(frames)), usual)
    return find_largest(by_chroma, by_grade)


def estimate_chroma_error(video: SampledVideo, frames: Indexes) -> Floats | None:
    """Return the levels by which chroma (frames, 1, 9, 16) may differ; None if the view of the video has no grade."""
    colour = video.view.colour
    if colour is None:
        return None
    plain = _without_grade(video)
    chroma = plain.read_chroma(frames)
    usual = colour.error[1][index_colours(reduce_luma(plain.read_luma(frames)), chroma, ERROR_STEPS)]
    return _join_errors(_measure_bend(chroma, video.read_chroma(frames)).max(axis=1), usual)[:, None]


def find_largest(*errors: Floats | None) -> Floats | None:
    """Return the largest of some errors at each cell; None if there are none."""
    known = [error for error in errors if error is not None]
    return reduce(np.maximum, known) if known else None


def _without_grade(video: SampledVideo) -> SampledVideo:
    return replace(video, view=replace(video.view, colour=None))


def _join_errors(bend: Floats, usual: Floats) -> Floats:
    """Return the tolerated levels of cells: the distance from a straight line, but at least what is usual."""
    tolerated: Floats = np.maximum(np.float32(BEND_SHARE) * bend, np.float32(COLOUR_ERROR_SHARE) * usual)
    return tolerated


def _measure_mixed_chroma(recolouring: Recolouring, chroma: Floats) -> Floats:
    """Return the tolerated levels of luma that depends on chroma (frames, 2, 9, 16), which is stored more coarsely."""
    by_blue, by_red = (np.float32(share) for share in recolouring.matrix[0, 1:])
    levels = measure_range_around(by_blue * chroma[:, 0] + by_red * chroma[:, 1])
    scale = LUMA_SHAPE[0] // chroma.shape[-2]
    return np.float32(MIXED_SHARE) * levels.repeat(scale, axis=1).repeat(scale, axis=2)


def _measure_bend(plain: Floats, graded: Floats) -> Floats:
    """Return the distance of graded planes (..., rows, columns) from a straight line, in levels; `plain` without it."""
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
    apart = high - low
    straight = of_low + (plain - low) / np.maximum(apart, 1) * (of_high - of_low)
    bend: Floats = np.where(apart >= MIN_RANGE_LEVELS, np.abs(graded - straight), 0)
    return bend
