"""Mirror scripts, so that comparing B with A gives the mirrored script of comparing A with B.

The same video of a pair is always compared as the first one, whichever the caller names first.
"""

from dataclasses import replace
from hashlib import blake2b

import numpy as np

from videos.diff.script.edit_script import Moments, OneSidedSegment, Segment
from videos.fingerprint.format import Fingerprint

SAMPLED_FRAMES = 64  # frames of a fingerprint that identify a video


def comes_second(a: Fingerprint, b: Fingerprint) -> bool:
    """Return whether B is to be compared as the first video. Depends on the two videos, not on their order."""
    return _sort_key(b) < _sort_key(a)


def _sort_key(video: Fingerprint) -> tuple[float, int, bytes]:
    frames = np.unique(np.linspace(0, len(video) - 1, SAMPLED_FRAMES).astype(int))
    return video.duration, len(video), blake2b(video.records[frames].tobytes()).digest()


def mirror_segments(segments: list[Segment]) -> list[Segment]:
    """Return the segments from B to A, in order."""
    return _sort_segments([_mirror_segment(segment) for segment in segments])


def _mirror_segment(segment: Segment) -> Segment:
    moments: Moments | None = segment.picture_at and segment.picture_at[::-1]
    if isinstance(segment, OneSidedSegment):
        return replace(segment, side="b" if segment.side == "a" else "a", picture_at=moments)
    kind = segment.kind and segment.kind.mirror()
    return replace(segment, a=segment.b, b=segment.a, picture_at=moments, kind=kind)


def _sort_segments(segments: list[Segment]) -> list[Segment]:
    """Sort by time in B; a deleted segment follows the segment that ends where it begins in A."""
    deleted = [segment for segment in segments if isinstance(segment, OneSidedSegment) and segment.side == "a"]
    ordered = sorted(
        (segment for segment in segments if segment.spans[1]), key=lambda segment: segment.spans[1] or (0.0, 0.0)
    )
    for segment in sorted(deleted, key=lambda each: each.span):
        before = [
            (span[1], place)
            for place, other in enumerate(ordered)
            if (span := other.spans[0]) and other.op != "moved" and span[1] <= segment.span[0] + 1e-9
        ]
        ordered.insert(max(before)[1] + 1 if before else 0, segment)
    return ordered
