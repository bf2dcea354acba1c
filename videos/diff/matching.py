"""Moments of two videos that may show the same, matched without knowing when: what transforms are measured on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.fingerprint import LUMA_SHAPE, Fingerprint
from videos.diff.view import Floats, Geometry, View, views

FEW = 64  # moments of the shorter video, each looked for among
MANY = 1500  # moments of the longer one
CLOSEST_SECONDS = 0.1
SIGHT = (9, 16)  # rows and columns at which moments are matched
SIGHT_BLUR = 1.0
FLAT_LEVELS = 4.0  # contrast at which a picture counts as half as sure of its pattern
BLANK_LEVELS = 6.0  # contrast below which a frame says nothing
BEST_SHARE = 0.5  # of the moments that are held to have a match at all
MOST_PAIRS = 20

Indexes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Moments:
    """Frames of one video spread over it: their indexes, luma (n, 36, 64), and that halved in size."""

    frames: Indexes
    luma: Floats
    half: Floats

    def sight(self, view: View) -> Floats:
        """(n, 144): unit vectors of what the frames look like."""
        seen = view.resampled(self.half, SIGHT, SIGHT_BLUR).reshape(len(self.half), -1)
        seen = seen - seen.mean(axis=1, keepdims=True)
        energy = np.square(seen).sum(axis=1, keepdims=True)
        unit: Floats = seen / np.sqrt(energy + np.float32(seen.shape[1] * FLAT_LEVELS**2))
        return unit


def moments(video: Fingerprint, count: int) -> Moments:
    """At most `count` frames that show something, at even distances."""
    count = max(1, min(count, round(video.duration / CLOSEST_SECONDS), len(video)))
    frames = np.unique(video.nearest((np.arange(count) + 0.5) / count * video.duration))
    luma = video.read("luma", frames).astype(np.float32)
    telling = luma.std(axis=(1, 2)) >= BLANK_LEVELS
    if telling.any():
        frames, luma = frames[telling], luma[telling]
    rows, columns = LUMA_SHAPE
    return Moments(frames, luma, luma.reshape(len(luma), rows // 2, 2, columns // 2, 2).mean(axis=(2, 4)))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Frames of A and of B that show the same, and their luma as stored."""

    in_a: Indexes
    in_b: Indexes
    luma_a: Floats
    luma_b: Floats


class Matching:
    """Looks for moments of the shorter video in the longer one, seen through a geometry."""

    def __init__(self, a: Fingerprint, b: Fingerprint) -> None:
        self.prints = (a, b)
        self.few_is_a = a.duration <= b.duration
        counts = (FEW, MANY) if self.few_is_a else (MANY, FEW)
        self.a, self.b = moments(a, counts[0]), moments(b, counts[1])

    def _likeness(self, geometry: Geometry) -> Floats:
        view_a, view_b = views(geometry)
        few, many = self.a.sight(view_a), self.b.sight(view_b)
        if not self.few_is_a:
            few, many = many, few
        likeness: Floats = few @ many.T
        return likeness

    def each_unlike(self, geometry: Geometry) -> Floats:
        """For each moment of the shorter video how far it is from its nearest match, from 0, alike."""
        unlike: Floats = 1 - self._likeness(geometry).max(axis=1)
        return unlike

    def unlike(self, geometry: Geometry) -> float:
        """From 0, alike, how far the better half of the moments are from their nearest matches."""
        best = np.sort(self.each_unlike(geometry))
        return float(best[: max(1, round(BEST_SHARE * len(best)))].mean())

    def pairs(self, geometry: Geometry) -> Pairs:
        """The moments that match best, each with the very frame around its match that is most alike."""
        likeness = self._likeness(geometry)
        best = likeness.max(axis=1)
        count = min(MOST_PAIRS, max(1, round(BEST_SHARE * len(best))))
        better = np.sort(np.argsort(-best, kind="stable")[: max(1, round(BEST_SHARE * len(best)))])
        chosen = better[np.unique(np.linspace(0, len(better) - 1, count).astype(int))]
        few, many = (self.a, self.b) if self.few_is_a else (self.b, self.a)
        video = self.prints[1 if self.few_is_a else 0]
        near = _around(video, many.frames, likeness[chosen].argmax(axis=1))
        picked = self._most_alike(geometry, few.luma[chosen], near)
        frames = (few.frames[chosen], picked) if self.few_is_a else (picked, few.frames[chosen])
        luma = [side.read("luma", at).astype(np.float32) for side, at in zip(self.prints, frames, strict=True)]
        return Pairs(*frames, *luma)

    def _most_alike(self, geometry: Geometry, luma: Floats, near: list[Indexes]) -> Indexes:
        """Of the frames `near` each moment, the one that looks most like it."""
        view_a, view_b = views(geometry)
        of_few, of_many = (view_a, view_b) if self.few_is_a else (view_b, view_a)
        many = self.prints[1 if self.few_is_a else 0]
        seen = _even(of_few.resampled(luma, LUMA_SHAPE))
        picked = []
        for mine, options in zip(seen, near, strict=True):
            theirs = _even(of_many.resampled(many.read("luma", options).astype(np.float32), LUMA_SHAPE))
            picked.append(options[int(np.abs(theirs - mine).mean(axis=(1, 2)).argmin())])
        return np.array(picked, np.intp)


def _even(luma: Floats) -> Floats:
    """Without brightness and contrast."""
    even: Floats = luma - luma.mean(axis=(-2, -1), keepdims=True)
    even /= even.std(axis=(-2, -1), keepdims=True) + np.float32(1)
    return even


def _around(video: Fingerprint, frames: Indexes, places: Indexes) -> list[Indexes]:
    """For each place among `frames` the video's frames up to the neighbours on either side, a dozen at most."""
    around = []
    for place in places:
        low = int(frames[max(0, place - 1)])
        high = int(frames[min(len(frames) - 1, place + 1)])
        around.append(np.unique(np.linspace(low, high, 13).astype(np.intp).clip(0, len(video) - 1)))
    return around
