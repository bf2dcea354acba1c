"""Count the frames of segments that have only a few, and find out whether inserted ones repeat a frame beside them."""

from dataclasses import replace

import numpy as np

from videos.diff.sampling.descriptor import SampledVideo
from videos.diff.script.edit_script import MatchedSegment, Segment, Span

FEW_FRAMES = 3  # a longer segment is a shot
AROUND_FRAMES = 12  # before and after, whose motion is the usual one
REPEATED_SHARE = 0.25  # of the usual motion, up to which a frame repeats the one before


def count_frames(segment: Segment, a: SampledVideo, b: SampledVideo) -> Segment:
    """Return a deleted, inserted or moved segment with the number of its frames, if there are only a few."""
    if isinstance(segment, MatchedSegment):
        low, high = _find_frames(b, segment.b)
        return replace(segment, frames=high - low) if segment.op == "moved" and high - low <= FEW_FRAMES else segment
    video = a if segment.side == "a" else b
    low, high = _find_frames(video, segment.span)
    if not 0 < high - low <= FEW_FRAMES:
        return segment
    return replace(segment, frames=high - low, repeats=_repeat_neighbour(video, low, high))


def _find_frames(video: SampledVideo, span: Span) -> tuple[int, int]:
    """Return the first frame of a span and the one after its last."""
    borders = video.fingerprint.borders
    return int(np.abs(borders - span[0]).argmin()), int(np.abs(borders - span[1]).argmin())


def _repeat_neighbour(video: SampledVideo, low: int, high: int) -> bool:
    """Return whether these frames show the same as the frame before them or the one after, in moving footage."""
    first = max(0, low - AROUND_FRAMES)
    frames = np.arange(first, min(len(video.fingerprint), high + AROUND_FRAMES))
    motion = np.abs(np.diff(video.pooled_luma[frames], axis=0)).mean(axis=1)  # from each frame to the next
    within = motion[max(0, low - 1 - first) : high - first]
    if len(within) <= high - low:  # at an end of the video
        return False
    usual = float(np.median(np.delete(motion, np.s_[low - 1 - first : high - first])))
    return min(float(within[:-1].max()), float(within[1:].max())) <= REPEATED_SHARE * usual
