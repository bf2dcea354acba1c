"""Estimate the difference that a change of colours leaves, because it is applied to cells instead of pixels.

A cell at an edge mixes two colours. If a grade is no straight line, as where highlights are clipped, the grade of the
mix is not the mix of the two graded colours. There the tolerance is the distance of the graded cell from the straight
line between its graded neighbours. It is at least what the grade usually leaves of a cell's colour.

A grade scales the detail of a block by the slope of its curve there, and what it clips has none.

Where luma depends on chroma, which is stored for blocks of luma cells, only the mean of a block is exact. If chroma
varies around the block, its cells are compared by their mean, and their detail is not compared.
"""

from functools import reduce

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.colour_transform import ERROR_STEPS, enlarge_chroma, index_colours, reduce_luma
from videos.diff.sampling.descriptor import DETAIL_VARIANCE_FLOOR, Floats, Indexes, Levels, SampledVideo
from videos.diff.sampling.neighbourhood import average_blocks, enlarge, find_largest_of_blocks, measure_range_around
from videos.fingerprint.format import CHROMA_SHAPE, DETAIL_SHAPE, LUMA_SHAPE

BEND_SHARE = 0.5  # of that distance
COLOUR_ERROR_SHARE = 0.5  # of the levels by which the colour of a cell is usually wrong
CHROMA_LEVELS = 1.0  # by which chroma is usually wrong, as it is encoded coarsely and stored as integers
EVEN_LEVELS = 2.0  # levels of luma by which chroma around a block may vary so that its cells are exact,
UNEVEN_LEVELS = 5.0  # and from which only their mean is
MIN_DEVIATION_LEVELS = 4.0  # levels around the mean of a block over which the gain of a grade is measured, at least
MAX_GAIN = 4.0  # that gain, at most
# Deviations from the mean of a block of its darker and its brighter pixels: halves, or many and few of them.
DISTRIBUTIONS = (-1.0, 1.0), (-0.33, 3.0), (-3.0, 0.33)
MIN_RANGE_LEVELS = 2.0  # levels between the neighbours of a cell from which it is at an edge


def estimate_luma_error(video: SampledVideo, frames: Indexes) -> Floats | None:
    """Return the levels by which luma (frames, 36, 64) may differ; None if the view of the video does not affect it."""
    colour, recolouring = video.view.colour, video.view.recolouring
    by_chroma = by_grade = None
    if recolouring and recolouring.mixes_planes:
        rounded = CHROMA_LEVELS * np.abs(recolouring.matrix[0, 1:]).sum()
        by_chroma = np.full((len(frames), *LUMA_SHAPE), rounded, np.float32)
    if colour:
        plain = video.without_grade
        luma = plain.read_luma(frames)
        usual = colour.error[0][index_colours(luma, plain.read_chroma(frames), ERROR_STEPS)]
        by_grade = _join_errors(_measure_bend(luma, video.read_luma(frames)), usual)
    return find_largest(by_chroma, by_grade)


def estimate_chroma_error(video: SampledVideo, frames: Indexes) -> Floats | None:
    """Return the levels by which chroma (frames, 1, 9, 16) may differ; None if the view of the video has no grade."""
    colour = video.view.colour
    if colour is None:
        return None
    plain = video.without_grade
    chroma = plain.read_chroma(frames)
    usual = colour.error[1][index_colours(reduce_luma(plain.read_luma(frames)), chroma, ERROR_STEPS)]
    return _join_errors(_measure_bend(chroma, video.read_chroma(frames)).max(axis=1), usual)[:, None]


def fit_graded_detail(video: SampledVideo, frames: Indexes, other: Floats) -> Floats:
    """Return the detail (frames, 18, 32) that the view of the video can show and that is nearest to the other side's.

    A grade scales it by the slope of its curve over the levels of the block, of which only the mean and the variance
    are known: one half of it may be darker and one brighter, or most of it near the mean, with a few pixels that are
    much brighter or darker.
    """
    plain, colour = video.without_grade, video.view.colour
    detail = plain.read_detail(frames)
    if colour is None:
        return detail
    luma = average_blocks(plain.read_luma(frames), DETAIL_SHAPE)
    chroma = enlarge_chroma(plain.read_chroma(frames), luma)
    floor = np.float32(DETAIL_VARIANCE_FLOOR)
    variance = np.maximum(np.exp2(detail) - floor, 0)
    deviation = np.maximum(np.sqrt(variance), np.float32(MIN_DEVIATION_LEVELS))
    shown = []
    for levels in DISTRIBUTIONS:
        low, high = ((luma + by * deviation).clip(0, 255) for by in levels)
        gain = colour.measure_gain(low, high, chroma).clip(0, MAX_GAIN)  # less than 0 is noise of the table of colours
        shown.append(np.log2(floor + variance * np.square(gain)))
    nearest: Floats = other.clip(reduce(np.minimum, shown), reduce(np.maximum, shown))
    return nearest


def find_largest(*errors: Floats | None) -> Floats | None:
    """Return the largest of some errors at each cell; None if there are none."""
    known = [error for error in errors if error is not None]
    return reduce(np.maximum, known) if known else None


def _join_errors(bend: Floats, usual: Floats) -> Floats:
    """Return the tolerated levels of cells: the distance from a straight line, but at least what is usual."""
    tolerated: Floats = np.maximum(np.float32(BEND_SHARE) * bend, np.float32(COLOUR_ERROR_SHARE) * usual)
    return tolerated


def measure_unevenness(video: SampledVideo, frames: Indexes) -> Floats | None:
    """Return by how much chroma varies around each of its cells (frames, 9, 16), from 0 to 1 where luma is not exact.

    None if luma does not depend on chroma in the view of the video.
    """
    recolouring = video.view.recolouring
    if not (recolouring and recolouring.mixes_planes):
        return None
    shares = np.abs(recolouring.matrix[0, 1:]).astype(np.float32)
    levels = measure_range_around(video.read_plain_chroma(frames) * shares[:, None, None]).sum(axis=1)
    uneven: Floats = ((levels - EVEN_LEVELS) / (UNEVEN_LEVELS - EVEN_LEVELS)).clip(0, 1)
    return uneven


def average_uneven_blocks(luma: Floats, uneven: Floats) -> Floats:
    """Return differences of luma (frames, 36, 64), or their means in the blocks in which chroma is uneven."""
    means = enlarge(average_blocks(luma, CHROMA_SHAPE[1:]), LUMA_SHAPE)
    averaged: Floats = luma + (enlarge(uneven, LUMA_SHAPE) * (means - luma)).astype(np.float32, copy=False)
    return averaged


def raise_to_block(activity: Levels, blocks: NDArray[np.bool_]) -> Levels:
    """Return the activity (frames, 36, 64), in some blocks (frames, 9, 16) the largest one of the block."""
    most = enlarge(find_largest_of_blocks(activity, CHROMA_SHAPE[1:]), LUMA_SHAPE)
    raised: Levels = np.where(enlarge(blocks, LUMA_SHAPE), most, activity)
    return raised


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
