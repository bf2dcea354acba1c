"""Find what a quality check lists in the picture of one video: black, frozen and flashing stretches, and stray frames.

Everything is read from the fingerprint, so nothing is decoded. Flashes are counted as in ITU-R BT.1702-2: a flash is a
pair of opposing changes of luminance by at least 10 % of the peak over at least a quarter of the picture, where the
darker side is below 80 %. More than three flashes within a second are a fault.
"""

from dataclasses import astuple, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from videos.diff.masks import list_ranges
from videos.diff.parallel import map_parallel
from videos.diff.script.edit_script import DIGITS
from videos.diff.script.stored import StoredFault
from videos.fingerprint.format import Fingerprint

FaultKind = Literal["black", "frozen", "flashing", "stray_frames", "repeated_frame"]

BATCH_FRAMES = 1024
BLACK_MEAN_LEVEL = 20.0  # luma of 16 is black; noise and dither raise it
BLACK_CELL_LEVEL = 30  # of the brightest cell of a black picture
STILL_CELL_LEVELS = 2  # by which a cell of a still picture may differ, as its lossy compression causes
STILL_MEAN_LEVELS = 0.15  # by which its cells may differ on average
FROZEN_SECONDS = 0.5  # a shorter stretch is a hold between two movements
MOTION_LEVELS = 1.5  # on average, from which a picture moves
REPEATED_ONE_IN = 50  # moving frames; more repeated frames come from a conversion of the frame rate
STRAY_LEVELS = 25.0  # by which one or two frames differ from both neighbours on average
STRAY_RATIO = 3.0  # times what these neighbours differ by
DAMAGED_CELL_LEVELS = 25  # by which a cell of a damaged part is outside the range of both neighbours
DAMAGED_LEVELS = 1.5  # of such cells, as a mean over the picture
DAMAGED_RATIO = 3.0  # times the same in the frames around
ACROSS_RATIO = 1.0  # times the difference between the frames before and after
AROUND_FRAMES = 6  # in which a damaged frame must stand out
BUSY_LEVELS = 8  # by which cells change where a flash is possible
FLASH_CHANGE = 0.1  # of relative luminance
FLASH_DARK_SIDE = 0.8  # relative luminance, below which the darker picture must be
FLASH_AREA = 0.25  # share of the picture
MAX_TRANSITIONS = 6  # in a second: three flashes, each of a rise and a fall
GAMMA = 2.4  # of the display (BT.1886)
BLACK_LEVEL, LEVEL_RANGE = 16.0, 219.0  # of luma
MAX_FAULTS = 1_000  # of each kind

Levels = NDArray[np.floating]
Mask = NDArray[np.bool_]
FrameRange = tuple[int, int]  # first and last + 1


@dataclass(frozen=True, slots=True)
class PictureFault:
    """A stretch of one video in seconds, half-open, with its number of frames."""

    kind: FaultKind
    start: float
    end: float
    frames: int


@dataclass(frozen=True, slots=True)
class _Measures:
    """What is known of each frame.

    `motion` is the mean levels by which a frame differs from the one before. `is_busy` tells whether a quarter of the
    picture has become lighter or darker.
    """

    is_black: Mask
    is_still: Mask
    is_busy: Mask
    motion: NDArray[np.float32]


def list_picture_faults(fingerprint: Fingerprint) -> list[StoredFault]:
    """Return the faults of a video as a script stores them."""
    return [
        {
            "kind": fault.kind,
            "start": round(fault.start, DIGITS),
            "end": round(fault.end, DIGITS),
            "frames": fault.frames,
        }
        for fault in find_picture_faults(fingerprint)
    ]


def find_picture_faults(fingerprint: Fingerprint) -> list[PictureFault]:
    """Return the faults of a video, by time. Black stretches are not frozen too."""
    measures = _measure_frames(fingerprint)
    borders = fingerprint.borders
    stray = _list_stray_frames(fingerprint, measures.motion)
    stray += [each for each in _list_damaged_frames(fingerprint, measures.motion) if not _is_within(each, stray)]
    frozen = [
        (low - 1, high)  # the first frame differs from the one before
        for low, high in list_ranges(measures.is_still & ~measures.is_black)
        if borders[high] - borders[low - 1] >= FROZEN_SECONDS
    ]
    found: dict[FaultKind, list[FrameRange]] = {
        "black": list_ranges(measures.is_black),
        "frozen": frozen,
        "flashing": _list_flashing(fingerprint, measures.is_busy),
        "stray_frames": stray,
        "repeated_frame": [frames for frames in _list_repeated_frames(measures) if not _is_within(frames, stray)],
    }
    faults = [
        PictureFault(kind, float(borders[low]), float(borders[high]), high - low)
        for kind, ranges in found.items()
        for low, high in ranges[:MAX_FAULTS]
    ]
    return sorted(faults, key=lambda fault: (fault.start, fault.kind))


def _measure_frames(fingerprint: Fingerprint) -> _Measures:
    starts = range(0, len(fingerprint), BATCH_FRAMES)
    batches = map_parallel(lambda first: _measure_batch(fingerprint, first), starts)
    measures = _Measures(*(np.concatenate(of_batches) for of_batches in zip(*map(astuple, batches), strict=True)))
    measures.is_still[0] = False  # there is no frame before it
    return measures


def _measure_batch(fingerprint: Fingerprint, first: int) -> _Measures:
    """Return what is known of the frames of a batch."""
    low = max(0, first - 1)
    luma = fingerprint.read("luma", slice(low, first + BATCH_FRAMES))
    luma = luma.reshape(len(luma), -1)
    is_black = (luma.max(axis=1) <= BLACK_CELL_LEVEL) & (_find_means(luma) <= BLACK_MEAN_LEVEL)
    before = np.concatenate([luma[:1], luma[:-1]])
    change = np.maximum(luma, before) - np.minimum(luma, before)
    motion = _find_means(change).astype(np.float32)
    is_still = (change.max(axis=1) <= STILL_CELL_LEVELS) & (motion <= STILL_MEAN_LEVELS)
    moving = np.flatnonzero(motion >= BUSY_LEVELS * FLASH_AREA)
    is_large = change[moving] >= BUSY_LEVELS
    lighter = _find_means(is_large & (luma[moving] > before[moving]))
    is_busy = np.zeros(len(luma), bool)
    is_busy[moving] = np.maximum(lighter, _find_means(is_large) - lighter) >= FLASH_AREA
    fingerprint.release()
    own = slice(first - low, None)
    return _Measures(is_black[own], is_still[own], is_busy[own], motion[own])


def _find_means(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Return the means (rows,) of small integers (rows, columns). Their sums are faster than `np.mean` is."""
    means: NDArray[np.float64] = rows.sum(axis=1, dtype=np.uint32) / rows.shape[1]
    return means


def _list_stray_frames(fingerprint: Fingerprint, motion: NDArray[np.float32]) -> list[FrameRange]:
    """Return single frames and pairs of frames between two frames that resemble each other."""
    found: list[FrameRange] = []
    for length in (1, 2):
        starts = np.flatnonzero(np.minimum(motion[1:-length], motion[1 + length :]) >= STRAY_LEVELS) + 1
        before, after = (_read_levels(fingerprint, frames) for frames in (starts - 1, starts + length))
        across = np.abs(after - before).mean(axis=(1, 2))
        is_stray = np.minimum(motion[starts], motion[starts + length]) >= STRAY_RATIO * across
        found += [(int(start), int(start) + length) for start in starts[is_stray]]
    return sorted(found)


def _list_damaged_frames(fingerprint: Fingerprint, motion: NDArray[np.float32]) -> list[FrameRange]:
    """Return single frames and pairs of frames of which a part stands out between the frames around them."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(motion, AROUND_FRAMES, mode="edge"), 2 * AROUND_FRAMES + 1)
    jump = motion - np.median(around, axis=1)
    found: list[FrameRange] = []
    for length in (1, 2):
        starts = np.flatnonzero(np.minimum(jump[1:-length], jump[1 + length :]) >= DAMAGED_LEVELS / 2) + 1
        starts = starts[(starts > AROUND_FRAMES) & (starts < len(motion) - AROUND_FRAMES - length)]
        for low in range(0, len(starts), BATCH_FRAMES):
            batch = starts[low : low + BATCH_FRAMES]
            levels, across = _measure_damage(fingerprint, batch, length)
            is_possible = levels >= np.maximum(DAMAGED_LEVELS, ACROSS_RATIO * across)
            batch, levels = batch[is_possible], levels[is_possible]
            usual = np.max([_measure_damage(fingerprint, batch + by, length)[0] for by in (-5, -4, 4, 5)], axis=0)
            found += [(int(start), int(start) + length) for start in batch[levels >= DAMAGED_RATIO * usual]]
    return [each for each in sorted(found) if not any(_is_within(each, [other]) for other in found if other != each)]


def _measure_damage(fingerprint: Fingerprint, starts: NDArray[np.intp], length: int) -> tuple[Levels, Levels]:
    """Return the mean levels by which cells of frames are outside the range of the frames before and after them.

    The second result is the mean difference of these two frames.
    """
    before, first, last, after = (_read_levels(fingerprint, starts + by) for by in (-1, 0, length - 1, length))
    low, high = np.minimum(before, after), np.maximum(before, after)
    outside = np.minimum(np.maximum(first - high, low - first), np.maximum(last - high, low - last))
    levels = np.where(outside >= DAMAGED_CELL_LEVELS, outside, 0).mean(axis=(1, 2))
    return levels, (high - low).mean(axis=(1, 2))


def _read_levels(fingerprint: Fingerprint, frames: NDArray[np.intp]) -> NDArray[np.int16]:
    return fingerprint.read("luma", frames).astype(np.int16)


def _list_repeated_frames(measures: _Measures) -> list[FrameRange]:
    """Return the frames that repeat the one before within motion, unless there are many."""
    motion = measures.motion
    is_moving = motion > MOTION_LEVELS
    is_repeated = (measures.is_still & ~measures.is_black)[1:-1] & is_moving[:-2] & is_moving[2:]
    if is_repeated.sum() * REPEATED_ONE_IN > max(REPEATED_ONE_IN, int(is_moving.sum())):
        return []
    return [(int(at) + 1, int(at) + 2) for at in np.flatnonzero(is_repeated)]


def _is_within(frames: FrameRange, ranges: list[FrameRange]) -> bool:
    return any(low <= frames[0] < high for low, high in ranges)


def _list_flashing(fingerprint: Fingerprint, is_busy: Mask) -> list[FrameRange]:
    """Return the stretches in which more than `MAX_TRANSITIONS` opposing changes fall within a second."""
    times, busy = fingerprint.times, np.flatnonzero(is_busy)
    if len(busy) <= MAX_TRANSITIONS:
        return []
    groups = np.split(busy, np.flatnonzero(np.diff(times[busy]) > 1) + 1)
    found: list[FrameRange] = []
    for group in groups:
        if len(group) > MAX_TRANSITIONS:
            changes = _find_transitions(fingerprint, int(group[0]) - 1, int(group[-1]) + 1)
            windows = zip(changes, changes[MAX_TRANSITIONS:], strict=False)
            for low, high in ((low, high) for low, high in windows if times[high] - times[low] <= 1):
                if found and low <= found[-1][1]:
                    found[-1] = (found[-1][0], high + 1)
                else:
                    found.append((low, high + 1))
    return found


def _find_transitions(fingerprint: Fingerprint, first: int, last: int) -> list[int]:
    """Return the frames from `first` at which enough of the picture has become lighter or darker, in turn.

    A cell has changed when its luminance differs enough from its extreme since its last change.
    """
    found: list[int] = []
    rising = False
    low = high = np.zeros(0)
    for begin in range(first, last, BATCH_FRAMES):
        luma = fingerprint.read("luma", slice(begin, min(begin + BATCH_FRAMES, last)))
        luminance = np.clip((luma.reshape(len(luma), -1) - BLACK_LEVEL) / LEVEL_RANGE, 0, 1) ** GAMMA
        for frame, now in enumerate(luminance, begin):
            if not len(low):
                low = high = now
            low, high = np.minimum(low, now), np.maximum(high, now)
            is_lighter = (now - low >= FLASH_CHANGE) & (low < FLASH_DARK_SIDE)
            is_darker = (high - now >= FLASH_CHANGE) & (now < FLASH_DARK_SIDE)
            lighter, darker = is_lighter.mean(), is_darker.mean()
            if max(lighter, darker) < FLASH_AREA or (found and rising == (lighter >= darker)):
                continue
            rising = bool(lighter >= darker)
            found.append(frame)
            low = high = now
    return found
