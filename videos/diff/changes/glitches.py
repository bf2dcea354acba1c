"""Find glitches: one to three frames of one side that do not belong there, and single repeated frames.

They are shorter than the bins in which other changes are searched, so every frame is tested, by its pooled luma alone.

Up to three frames are reported that stand out from the frames around them (a black frame, a flash, a frame from
elsewhere) if the other side has a frame at that time, and a frame that repeats its predecessor while the other side
moves on. Effects of a frame rate conversion are not reported: a blend of two neighbours does not stand out, a flash
shorter than the other side's frame may fall between two of its frames, and repeated frames are no edit if they are
frequent or if the frame times of the two sides differ.
"""

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.outline import MatchedPart
from videos.diff.alignment.pairing import find_partners
from videos.diff.alignment.time_map import TimeMap
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo
from videos.diff.script.edit_script import Span

MIN_GLITCH_LEVELS = 12.0  # levels by which a glitch differs from every mix of the frames around it
GLITCH_RATIO = 2.0  # times what the other side's frames differ by at that time
NEIGHBOURS = ((1, 1), (1, 2), (2, 1), (1, 3), (2, 2), (3, 1))  # frames before and after, around up to three frames
BATCH_FRAMES = 4096
MIN_FRAME_SHARE = 0.99  # of the other side's frame duration, that a glitch must last
MOTION_LEVELS = 1.5  # levels between adjacent frames; with less motion a repeated frame cannot be recognised
STILL_SHARE = 0.1  # of the other side's motion, up to which a frame repeats its predecessor
REPEATED_ONE_IN = 50  # one in so many moving frames; more repeated frames are a property of the whole video

FrameRange = tuple[int, int]  # first and last + 1


def find_glitches(a: SampledVideo, b: SampledVideo, part: MatchedPart, search: bool) -> tuple[Indexes, Indexes]:
    """Return paired frames of A and of B of which one is a glitch."""
    in_a, in_b = _frames_within(a, part.a), _frames_within(b, part.b)
    levels_a, levels_b = _measure_isolation(a, in_a), _measure_isolation(b, in_b)
    odd_a = _select_glitches(a, b, in_a, in_b, (levels_a, levels_b), part.time_map)
    odd_b = _select_glitches(b, a, in_b, in_a, (levels_b, levels_a), part.time_map.inverse)
    pairs = [
        (odd_a, find_partners(a, b, odd_a, part.time_map, search)),
        (find_partners(b, a, odd_b, part.time_map.inverse, search), odd_b),
    ]
    all_a, all_b = (np.concatenate(frames) for frames in zip(*pairs, strict=True))
    return all_a, all_b


def find_repeated_frames(a: SampledVideo, b: SampledVideo, part: MatchedPart) -> tuple[Indexes, Indexes]:
    """Return paired frames of A and of B of which one repeats its predecessor. Both must have the same frame times."""
    in_a = _frames_within(a, part.a)[2:-2]
    in_b = find_partners(a, b, in_a, part.time_map, False)
    motion_a, motion_b = _measure_motion(a, in_a), _measure_motion(b, in_b)
    moving = np.minimum(_measure_motion(a, in_a + 1), _measure_motion(b, in_b + 1)) > MOTION_LEVELS
    still = moving & (np.maximum(motion_a, motion_b) > MOTION_LEVELS)
    still &= np.minimum(motion_a, motion_b) <= STILL_SHARE * np.maximum(motion_a, motion_b)
    if still.sum() * REPEATED_ONE_IN > max(REPEATED_ONE_IN, int(moving.sum())):
        still[:] = False
    return in_a[still], in_b[still]


def _frames_within(video: SampledVideo, span: Span) -> Indexes:
    first, last = (int(np.searchsorted(video.fingerprint.times, moment - 1e-6)) for moment in span)
    return np.arange(first, max(first + 1, last)).clip(0, len(video.fingerprint) - 1)


def _measure_motion(video: SampledVideo, frames: Indexes) -> Floats:
    """Return the mean levels by which each frame differs from its predecessor."""
    end = len(video.fingerprint) - 1
    motion = np.zeros(len(frames), np.float32)
    for low in range(0, len(frames), BATCH_FRAMES):
        batch = frames[low : low + BATCH_FRAMES].clip(1, end)
        motion[low : low + BATCH_FRAMES] = np.abs(video.pooled_luma[batch] - video.pooled_luma[batch - 1]).mean(axis=1)
    return motion


def _measure_isolation(video: SampledVideo, frames: Indexes) -> Floats:
    """Return the levels by which each frame differs from every mix of a frame before and a frame after it.

    A frame beside a cut resembles one of its neighbours, so it is not isolated.
    """
    end = len(video.fingerprint) - 1
    isolation = np.zeros(len(frames), np.float32)
    for low in range(0, len(frames), BATCH_FRAMES):
        batch = frames[low : low + BATCH_FRAMES]
        first = max(0, int(batch[0]) - len(NEIGHBOURS))
        pictures = video.pooled_luma[np.arange(first, min(end, int(batch[-1]) + len(NEIGHBOURS)) + 1)]
        middle = pictures[batch - first]
        for back, on in NEIGHBOURS:
            before, after = ((batch + by).clip(0, end) - first for by in (-back, on))
            np.maximum(
                isolation[low : low + BATCH_FRAMES],
                _distance_from_mixes(middle, pictures[before], pictures[after]),
                out=isolation[low : low + BATCH_FRAMES],
            )
    return isolation


def _distance_from_mixes(pictures: Floats, before: Floats, after: Floats) -> Floats:
    """Return (frames,) mean levels between pictures and the nearest mix of two others."""
    across = after - before
    share = ((pictures - before) * across).sum(axis=1) / np.maximum(np.square(across).sum(axis=1), np.float32(1e-6))
    distance: Floats = np.abs(pictures - before - share.clip(0, 1)[:, None] * across).mean(axis=1)
    return distance


def _select_glitches(
    one: SampledVideo,
    other: SampledVideo,
    frames: Indexes,
    others: Indexes,
    isolation: tuple[Floats, Floats],
    time_map: TimeMap,
) -> Indexes:
    """Return the frames of one side that are isolated while the other side's, give or take a frame, are not."""
    beside = find_partners(one, other, frames, time_map, False)
    padded = np.pad(isolation[1], 2, mode="edge")
    around = np.stack([padded[by : by + len(others)] for by in range(1, 4)]).max(axis=0)
    there = around[(beside - others[0]).clip(0, len(others) - 1)]
    odd = (isolation[0] > MIN_GLITCH_LEVELS) & (isolation[0] > GLITCH_RATIO * there)
    times, steps = one.fingerprint.borders, (one.fingerprint.step, other.fingerprint.step)
    kept = [
        np.arange(first, last)
        for first, last in _group_adjacent(frames[odd])
        if (last - first) * steps[0] >= MIN_FRAME_SHARE * steps[1]
        and _has_frame_within(other, time_map.to_b(float(times[first])), time_map.to_b(float(times[last])), steps[0])
    ]
    return np.concatenate([np.zeros(0, np.intp), *kept])


def _group_adjacent(frames: Indexes) -> list[FrameRange]:
    """Return the ranges of consecutive frames."""
    ends = np.flatnonzero(np.diff(frames) != 1)
    starts = np.append(0, ends + 1)[: len(frames)]
    stops = np.append(ends, len(frames) - 1)[: len(frames)]
    return [(int(frames[start]), int(frames[stop]) + 1) for start, stop in zip(starts, stops, strict=True)]


def _has_frame_within(other: SampledVideo, start: float, end: float, step: float) -> bool:
    """Return whether the other side has a frame within a time, with a tolerance of a quarter of `step`."""
    times: NDArray[np.float64] = other.fingerprint.times
    low, high = np.searchsorted(times, (start - step / 4, end - step / 4))
    return bool(high > low)
