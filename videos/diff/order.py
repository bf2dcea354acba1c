"""Comparing B with A gives the mirrored script of comparing A with B, since the same one is always taken first."""

from dataclasses import replace
from hashlib import blake2b

import numpy as np

from videos.diff.fingerprint import Fingerprint
from videos.diff.script import Op, Segment, Span

SAMPLED_FRAMES = 64

Moments = tuple[float | None, float | None]
Shown = tuple[Segment, Moments]  # a segment and the moments that show it best, in A and in B

MIRRORED: dict[Op, Op] = {"inserted": "deleted", "deleted": "inserted"}


def stands_second(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether B is to be taken for the first, which the two decide and not their order."""
    return _key(b) < _key(a)


def _key(video: Fingerprint) -> tuple[float, int, bytes]:
    frames = np.unique(np.linspace(0, len(video) - 1, SAMPLED_FRAMES).astype(int))
    return video.duration, len(video), blake2b(video.records[frames].tobytes()).digest()


def mirrored(shown: list[Shown]) -> list[Shown]:
    """The same from B to A, in order."""
    return _in_order(
        [
            (replace(segment, op=MIRRORED.get(segment.op, segment.op), a=segment.b, b=segment.a), moments[::-1])
            for segment, moments in shown
        ]
    )


def _in_order(shown: list[Shown]) -> list[Shown]:
    """By time in B; a deleted segment stands after the segment that ends where it begins in A."""
    ordered = sorted((each for each in shown if each[0].b), key=lambda each: each[0].b or (0.0, 0.0))
    for gone in sorted((each for each in shown if not each[0].b), key=lambda each: each[0].a or (0.0, 0.0)):
        start = _a(gone)[0]
        before = [
            (_a(each)[1], place)
            for place, each in enumerate(ordered)
            if each[0].a and each[0].op != "moved" and _a(each)[1] <= start + 1e-9
        ]
        ordered.insert(max(before)[1] + 1 if before else 0, gone)
    return ordered


def _a(shown: Shown) -> Span:
    return shown[0].a or (0.0, 0.0)
