"""Find repeated frames, and measure how much moves from one frame to the next.

Repeated frames are no edit if they are frequent or if the frame times of the two sides differ.
"""

import numpy as np

from videos.diff.alignment.evidence.pairing import find_partners
from videos.diff.alignment.outline import MatchedPart
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo
from videos.diff.script.edit_script import Span

MOTION_LEVELS = 1.5  # levels between adjacent frames; with less motion a repeated frame cannot be recognised
STILL_SHARE = 0.1  # of the other side's motion, up to which a frame repeats its predecessor
REPEATED_ONE_IN = 50  # one in so many moving frames; more repeated frames are a property of the whole video
REPEATED_RATIO = 0.25  # of the motion beside it, up to which a frame repeats another one because of another rate
ODD_AROUND = (-1, 0, 1, 2)  # frames in and beside a glitch, whose motion is not that of the footage
BATCH_FRAMES = 2048


def find_repeated_frames(a: SampledVideo, b: SampledVideo, part: MatchedPart) -> tuple[Indexes, Indexes]:
    """Return paired frames of A and of B of which one repeats its predecessor. Both must have the same frame times."""
    in_a = list_frames_within(a, part.a)[2:-2]
    in_b = find_partners(a, b, in_a, part.time_map, False)
    motion_a, motion_b = measure_motion(a, in_a), measure_motion(b, in_b)
    moving = np.minimum(measure_motion(a, in_a + 1), measure_motion(b, in_b + 1)) > MOTION_LEVELS
    still = moving & (np.maximum(motion_a, motion_b) > MOTION_LEVELS)
    still &= np.minimum(motion_a, motion_b) <= STILL_SHARE * np.maximum(motion_a, motion_b)
    if still.sum() * REPEATED_ONE_IN > max(REPEATED_ONE_IN, int(moving.sum())):
        still[:] = False
    return in_a[still], in_b[still]


def measure_repeated_share(video: SampledVideo, frames: Indexes, odd: Indexes) -> float:
    """Return the share of the frames that repeat the one before, where the picture moves.

    Frames in and beside odd ones are not counted, because a glitch of several frames repeats itself.
    """
    motion = measure_motion(video, frames)
    beside = np.minimum(motion[:-2], motion[2:])
    is_moving = np.maximum(motion[:-2], motion[2:]) > MOTION_LEVELS
    is_moving &= ~np.isin(frames[1:-1], np.add.outer(odd, ODD_AROUND))
    is_repeated = is_moving & (motion[1:-1] <= REPEATED_RATIO * beside)
    return float(is_repeated.sum()) / max(REPEATED_ONE_IN, int(is_moving.sum()))


def list_frames_within(video: SampledVideo, span: Span) -> Indexes:
    first, last = (int(np.searchsorted(video.fingerprint.times, moment - 1e-6)) for moment in span)
    return np.arange(first, max(first + 1, last)).clip(0, len(video.fingerprint) - 1)


def measure_motion(video: SampledVideo, frames: Indexes) -> Floats:
    """Return the mean levels by which each frame differs from its predecessor."""
    end = len(video.fingerprint) - 1
    motion = np.zeros(len(frames), np.float32)
    for low in range(0, len(frames), BATCH_FRAMES):
        batch = frames[low : low + BATCH_FRAMES].clip(1, end)
        motion[low : low + BATCH_FRAMES] = np.abs(video.pooled_luma[batch] - video.pooled_luma[batch - 1]).mean(axis=1)
    return motion
