"""Find glitches: one to three frames of one side that do not belong there.

They are shorter than the bins in which other changes are searched, so every frame is tested, by its pooled luma alone.
A glitch stands out from the frames around it in some cells (a black frame, a flash, a white box, a torn picture), and
no frame of the other side at that time shows the same there. Effects of a frame rate conversion are no glitches: a
blend of two neighbours does not stand out, and where the rates differ, a frame may be missing on one side.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.pairing import find_partners, rates_differ
from videos.diff.alignment.outline import MatchedPart
from videos.diff.alignment.time_map import TimeMap
from videos.diff.changes.repeated_frames import (
    REPEATED_ONE_IN,
    list_frames_within,
    measure_motion,
    measure_repeated_share,
)
from videos.diff.noise.mixed_frames import MixedSide, fit_mixes
from videos.diff.sampling.descriptor import POOLED_CELLS, Floats, Indexes, SampledVideo

CELL_LEVELS = 10.0  # levels by which a cell of a glitch stands out
MIN_GLITCH_LEVELS = 0.75  # mean levels over the whole picture by which these cells stand out
REPEATED_SHARE = 0.95  # of the frames that a higher rate adds, that must repeat others for none to be missing
NEIGHBOUR_RATIO = 2.0  # of the difference from the other side at the frames around, which is ignored
NEIGHBOURS = ((1, 1), (1, 2), (2, 1), (1, 3), (2, 2), (3, 1))  # frames before and after, around up to three frames
MAX_CHANGED_SHARE = 0.25  # of the cells that differ from the other side around a glitch; more are another change
CONTEXT_RATIO = 1.0  # of the levels by which the same cell stands out in motion,
CONTEXT_FRAMES = (-7, -6, -5, -4, 4, 5, 6, 7)  # this many frames before and after
# If the other side may lack frames, a glitch stands out by more than MOTION_RATIO times the motion around it, or by
# more than CLEAR_LEVELS and CLEAR_RATIO times what the frames around it differ: a missing one differs by that motion.
MOTION_RATIO, CLEAR_LEVELS, CLEAR_RATIO = 1.5, 7.0, 1.5
MAX_GLITCH_FRAMES = 3
MIN_OWN_SHARE = 0.2  # share of a frame in a mix from which the mix shows it
SAME_RATE = 0.002  # relative difference of frame rates up to which they count as equal
BATCH_FRAMES = 2048

FrameRange = tuple[int, int]  # first and last + 1


@dataclass(frozen=True, slots=True)
class FoundGlitch:
    """The frames of a glitch on one side, and those of the other side at that time."""

    a: FrameRange
    b: FrameRange


@dataclass(frozen=True, slots=True, eq=False)
class _OddFrames:
    """All `frames` of a side within a part, and the `odd` ones of them, which stand out by mean `levels` (odd,)."""

    frames: Indexes
    odd: Indexes
    levels: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Sides:
    """The side whose frames are tested, and the other side. `mixed`: which of the two mixes frames of the other."""

    one: SampledVideo
    other: SampledVideo
    time_map: TimeMap
    mixed: Literal["one", "other"] | None


def find_glitches(a: SampledVideo, b: SampledVideo, part: MatchedPart, mixed: MixedSide = None) -> list[FoundGlitch]:
    """Return the glitches of both sides within a part, in order. `mixed`: see NoiseModel."""
    time_map = part.time_map
    of_a = _Sides(a, b, time_map, mixed and ("one" if mixed == "a" else "other"))
    of_b = _Sides(b, a, time_map.inverse, mixed and ("one" if mixed == "b" else "other"))
    odd_a, odd_b = _find_odd(of_a, list_frames_within(a, part.a)), _find_odd(of_b, list_frames_within(b, part.b))
    found = [
        (levels, FoundGlitch(each, _find_frames_beside(a, b, each, time_map)))
        for each, levels in _select_glitches(of_a, odd_a, odd_b)
    ]
    for each, levels in _select_glitches(of_b, odd_b, odd_a):
        found.append((levels, FoundGlitch(_find_frames_beside(b, a, each, time_map.inverse), each)))
    apart: list[FoundGlitch] = []
    for _, glitch in sorted(found, key=lambda each: (-each[0], each[1].a)):
        if not any(_overlap(glitch.a, other.a) or _overlap(glitch.b, other.b) for other in apart):
            apart.append(glitch)
    return sorted(apart, key=lambda each: each.a)


def _overlap(one: FrameRange, other: FrameRange) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _find_odd(sides: _Sides, frames: Indexes) -> _OddFrames:
    """Return which frames of one side stand out from those around them and from the other side."""
    one = sides.one
    odd, oddness = [np.zeros(0, np.intp)], [np.zeros(0, np.float32)]
    for low in range(0, len(frames), BATCH_FRAMES):
        batch = frames[low : low + BATCH_FRAMES]
        isolation = _isolate(_read_around(one, batch))
        places = np.flatnonzero(_sum_cells(isolation) > MIN_GLITCH_LEVELS)
        standing_out, isolation = batch[places], isolation[places]
        apart = _measure_apart(sides, standing_out, one.pooled_luma[standing_out])
        standing_out = standing_out[_sum_cells(np.minimum(isolation, apart)) > MIN_GLITCH_LEVELS]  # most end here
        if len(standing_out):
            odd.append(standing_out)
            oddness.append(_measure_oddness(sides, standing_out))
    all_odd, levels = np.concatenate(odd), np.concatenate(oddness)
    is_odd = levels > MIN_GLITCH_LEVELS
    return _OddFrames(frames, all_odd[is_odd], levels[is_odd])


def _select_glitches(sides: _Sides, found: _OddFrames, others: _OddFrames) -> list[tuple[FrameRange, float]]:
    """Return the odd frames of one side that are glitches, not frames that the other side lacks, and their levels."""
    if not len(found.odd):
        return []
    most = np.where(_stand_clear(sides.one, found.odd), np.float32(CLEAR_LEVELS), np.float32(np.inf))
    least = (MOTION_RATIO * _measure_motion_around(sides.one, found.odd)).clip(MIN_GLITCH_LEVELS, most)
    if (found.levels <= least).any() and _shows_each_frame(sides, found, others):
        least[:] = MIN_GLITCH_LEVELS
    strongest = dict(zip(found.odd.tolist(), found.levels.tolist(), strict=True))
    groups = _group_adjacent(found.odd[found.levels > least])
    short = [each for each in groups if each[1] - each[0] <= MAX_GLITCH_FRAMES]
    return [(each, max(strongest[frame] for frame in range(*each))) for each in short]


def _stand_clear(video: SampledVideo, odd: Indexes) -> NDArray[np.bool_]:
    """Return whether odd frames stand out by far more than the frames before and after them differ from each other.

    The last frame of a shot that moves quickly stands out too, but about as much as the next shot differs.
    """
    is_clear = np.zeros(len(odd), bool)
    end = len(video.fingerprint) - 1
    for first, last in _group_adjacent(odd):
        places = np.flatnonzero((odd >= first) & (odd < last))
        middle = video.pooled_luma[odd[places]]
        before, after = video.pooled_luma[np.array([max(0, first - 1), min(end, last)])]
        isolation = np.maximum(middle - np.maximum(before, after), np.minimum(before, after) - middle)
        is_odd = isolation > CELL_LEVELS
        across = (np.abs(before - after) * is_odd).sum(axis=1)
        is_clear[places] = (isolation * is_odd).sum(axis=1) > CLEAR_RATIO * across
    return is_clear


def _shows_each_frame(sides: _Sides, found: _OddFrames, others: _OddFrames) -> bool:
    """Return whether the other side probably shows each frame of one side, so that none is missing there.

    A conversion of the frame rate drops frames of the side with the higher rate, unless that side repeats frames. One
    there and back leaves frames that repeat at equal rates.
    """
    one, other = sides.one, sides.other
    if rates_differ(one, one) or rates_differ(other, other):
        return False
    repeated = measure_repeated_share(one, found.frames, found.odd)
    added = 1 - sides.time_map.slope * one.fingerprint.mean_step / other.fingerprint.mean_step
    if abs(added) <= SAME_RATE:
        return max(repeated, measure_repeated_share(other, others.frames, others.odd)) * REPEATED_ONE_IN <= 1
    return added < 0 or repeated >= REPEATED_SHARE * added


def _measure_motion_around(video: SampledVideo, frames: Indexes) -> Floats:
    """Return the strongest motion (frames,) some frames before and after each of the frames, in mean levels."""
    around: Floats = np.max([measure_motion(video, frames + by) for by in CONTEXT_FRAMES], axis=0)
    return around


def _read_around(video: SampledVideo, frames: Indexes) -> Floats:
    """Return pooled luma (7, frames, 144) of the frames from three before to three after each frame."""
    around = np.arange(-MAX_GLITCH_FRAMES, MAX_GLITCH_FRAMES + 1)[:, None] + frames
    around = around.clip(0, len(video.fingerprint) - 1)
    first = int(around.min())
    pictures = video.pooled_luma[np.arange(first, int(around.max()) + 1)]
    return pictures[around - first]


def _isolate(around: Floats) -> Floats:
    """Return the levels (frames, 144) by which each cell is outside the range of a frame before and one after it.

    A frame beside a cut resembles one of its neighbours, so it is not isolated.
    """
    middle = around[MAX_GLITCH_FRAMES]
    isolation = np.zeros_like(middle)
    for back, on in NEIGHBOURS:
        before, after = around[MAX_GLITCH_FRAMES - back], around[MAX_GLITCH_FRAMES + on]
        np.maximum(isolation, middle - np.maximum(before, after), out=isolation)
        np.maximum(isolation, np.minimum(before, after) - middle, out=isolation)
    return isolation


def _measure_oddness(sides: _Sides, frames: Indexes) -> Floats:
    """Return the mean levels by which cells of frames stand out both in time and from the other side."""
    around = _read_around(sides.one, frames)
    middle = around[MAX_GLITCH_FRAMES]
    apart = [_measure_apart(sides, frames + by, picture) for by, picture in _enumerate(around)]
    least = np.maximum(np.float32(CELL_LEVELS), np.float32(CONTEXT_RATIO) * _measure_context(sides.one, frames))
    oddness = np.zeros(len(frames), np.float32)
    for back, on in NEIGHBOURS:
        before, after = around[MAX_GLITCH_FRAMES - back], around[MAX_GLITCH_FRAMES + on]
        isolation = np.maximum(middle - np.maximum(before, after), np.minimum(before, after) - middle)
        usual = np.maximum(apart[MAX_GLITCH_FRAMES - back], apart[MAX_GLITCH_FRAMES + on])
        levels = np.minimum(isolation, apart[MAX_GLITCH_FRAMES] - np.float32(NEIGHBOUR_RATIO) * usual)
        levels[(usual > CELL_LEVELS).mean(axis=1) > MAX_CHANGED_SHARE] = 0
        np.maximum(oddness, _sum_cells(levels, least), out=oddness)
    return oddness


def _measure_context(video: SampledVideo, frames: Indexes) -> Floats:
    """Return the levels (frames, 144) by which each cell stands out in the frames before and after."""
    context = np.zeros((len(frames), POOLED_CELLS), np.float32)
    for by in CONTEXT_FRAMES:
        np.maximum(
            context, _isolate(_read_around(video, (frames + by).clip(0, len(video.fingerprint) - 1))), out=context
        )
    return context


def _enumerate(around: Floats) -> list[tuple[int, Floats]]:
    return list(enumerate(around, -MAX_GLITCH_FRAMES))


def _measure_apart(sides: _Sides, frames: Indexes, pictures: Floats) -> Floats:
    """Return the levels (frames, 144) by which each cell differs from the most similar frame of the other side.

    If one of the sides is mixed, also from what a mix of two frames shows of this frame.
    """
    one, other, mixed = sides.one, sides.other, sides.mixed
    frames = frames.clip(0, len(one.fingerprint) - 1)
    beside = find_partners(one, other, frames, sides.time_map, False)
    reach = _count_reach(one, other, sides.time_map.slope)
    apart = np.full(pictures.shape, np.inf, np.float32)
    for by in range(-reach, reach + 1):
        near = (beside + by).clip(0, len(other.fingerprint) - 1)
        theirs = other.pooled_luma[near]
        np.minimum(apart, np.abs(pictures - theirs), out=apart)
        if mixed == "one":
            mixes = fit_mixes(other, near, pictures)
            mixture = mixes.blend(theirs, other.pooled_luma[mixes.neighbours])
            np.minimum(apart, np.abs(pictures - mixture), out=apart)
        elif mixed == "other":
            np.minimum(apart, _measure_unmixed(one, frames, theirs), out=apart)
    return apart


def _measure_unmixed(one: SampledVideo, frames: Indexes, theirs: Floats) -> Floats:
    """Return the levels (frames, 144) by which frames differ from what mixed pictures (frames, 144) show of them."""
    mixes = fit_mixes(one, frames, theirs)
    own_share = (1 - mixes.shares)[:, None]
    mixture = mixes.blend(one.pooled_luma[frames], one.pooled_luma[mixes.neighbours])
    levels: Floats = np.abs(mixture - theirs) / np.maximum(own_share, np.float32(MIN_OWN_SHARE))
    return np.where(own_share >= MIN_OWN_SHARE, levels, np.float32(np.inf))


def _count_reach(one: SampledVideo, other: SampledVideo, slope: float) -> int:
    """Return the frames of the other side, before and after the nearest, that may show the same."""
    ratio = slope * one.fingerprint.mean_step / other.fingerprint.mean_step
    return 1 if abs(ratio - 1) < SAME_RATE else 1 + int(np.ceil(ratio))


def _sum_cells(levels: Floats, least: Floats | float = CELL_LEVELS) -> Floats:
    """Return the mean levels (frames,) over the picture of the cells that exceed their least levels."""
    total: Floats = np.where(levels > least, levels, np.float32(0)).sum(axis=1) / np.float32(POOLED_CELLS)
    return total


def _find_frames_beside(one: SampledVideo, other: SampledVideo, frames: FrameRange, time_map: TimeMap) -> FrameRange:
    """Return the frames of the other side, at least one, that are shown at the time of these frames."""
    borders = one.fingerprint.borders
    start, end = (time_map.to_b(float(borders[at])) for at in frames)
    theirs = other.fingerprint.borders
    first, last = (int(np.abs(theirs - moment).argmin()) for moment in (start, end))
    if first < last:
        return first, last
    shown = int(np.searchsorted(theirs, (start + end) / 2, side="right")) - 1
    shown = min(max(0, shown), len(other.fingerprint) - 1)
    return shown, shown + 1


def _group_adjacent(frames: Indexes) -> list[FrameRange]:
    """Return the ranges of consecutive frames."""
    ends = np.flatnonzero(np.diff(frames) != 1)
    starts = np.append(0, ends + 1)[: len(frames)]
    stops = np.append(ends, len(frames) - 1)[: len(frames)]
    return [(int(frames[start]), int(frames[stop]) + 1) for start, stop in zip(starts, stops, strict=True)]
