"""Match frames of two videos by appearance alone, regardless of time, as samples for estimating transforms."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.descriptor import SampledVideo
from videos.diff.sampling.neighbourhood import average_blocks
from videos.diff.sampling.view import Floats, Geometry, View, make_views
from videos.fingerprint.format import LUMA_SHAPE, Fingerprint

FEW_MOMENTS = 64  # frames sampled from the shorter video
MANY_MOMENTS = 1500  # frames sampled from the longer video, among which matches are searched
MIN_SPACING_SECONDS = 0.1  # seconds between sampled frames, at least
MATCH_SHAPE = (9, 16)  # rows and columns at which frames are matched
MATCH_BLUR_CELLS = 1.0  # standard deviation of the sampling kernel, in cells
FLAT_LEVELS = 4.0  # levels of contrast at which a normalised picture has 1/sqrt(2) of its full length
MIN_CONTRAST_LEVELS = 6.0  # standard deviation of luma below which a frame is not sampled
BEST_SHARE = 0.5  # share of the sampled frames that are expected to have a match
MAX_PAIRS = 20  # frame pairs on which a geometry is fitted

Indexes = NDArray[np.intp]
Views = tuple[View, View]  # of A and of B


@dataclass(frozen=True, slots=True)
class SampleFrames:
    """Frames spread over one video: indexes (n,), luma (n, 36, 64), and luma at half size (n, 18, 32)."""

    frames: Indexes
    luma: Floats
    half: Floats

    def describe(self, view: View) -> Floats:
        """Return unit vectors (n, 144) of the frames' appearance through a view."""
        return _describe(self.half, view)


def sample_frames(side: SampledVideo, count: int) -> SampleFrames:
    """Return at most `count` evenly spaced frames that are not blank."""
    video = side.fingerprint
    count = max(1, min(count, round(video.duration / MIN_SPACING_SECONDS), len(video)))
    frames = np.unique(video.nearest((np.arange(count) + 0.5) / count * video.duration))
    luma = side.read_luma(frames)
    informative = luma.std(axis=(1, 2)) >= MIN_CONTRAST_LEVELS
    if informative.any():
        frames, luma = frames[informative], luma[informative]
    return SampleFrames(frames, luma, _halve(luma))


def _halve(luma: Floats) -> Floats:
    return average_blocks(luma, (LUMA_SHAPE[0] // 2, LUMA_SHAPE[1] // 2))


def _describe(half: Floats, view: View) -> Floats:
    """Return unit vectors (n, 144) of the appearance of frames (n, 18, 32) through a view."""
    seen = view.blank_unshared(view.resample(half, MATCH_SHAPE, MATCH_BLUR_CELLS)).reshape(len(half), -1)
    seen = seen - seen.mean(axis=1, keepdims=True)
    energy = np.square(seen).sum(axis=1, keepdims=True)
    unit: Floats = seen / np.sqrt(energy + np.float32(seen.shape[1] * FLAT_LEVELS**2))
    return unit


@dataclass(frozen=True, slots=True)
class FramePairs:
    """Frames of A and of B that show the same, and their luma as stored (pairs, 36, 64)."""

    in_a: Indexes
    in_b: Indexes
    luma_a: Floats
    luma_b: Floats

    def thin_out(self, count: int) -> Self:
        """Return at most `count` of the pairs."""
        every = -(-len(self.in_a) // count)
        return replace(
            self,
            in_a=self.in_a[::every],
            in_b=self.in_b[::every],
            luma_a=self.luma_a[::every],
            luma_b=self.luma_b[::every],
        )


def measure_pair_distance(pairs: FramePairs, views: Views) -> float:
    """Return the mean cosine distance of the better half of frame pairs through views."""
    a, b = (_describe(_halve(luma), view) for luma, view in zip((pairs.luma_a, pairs.luma_b), views, strict=True))
    return _average_best(1 - (a * b).sum(axis=1))


def _average_best(distances: Floats) -> float:
    return float(np.sort(distances)[: max(1, round(BEST_SHARE * len(distances)))].mean())


class MomentMatcher:
    """Match sampled frames of the shorter video in the longer one, seen through a geometry.

    The views of the videos may change colours, but not move cells.
    """

    def __init__(self, a: SampledVideo, b: SampledVideo) -> None:
        self._videos = a, b
        self.fingerprints = (a.fingerprint, b.fingerprint)
        self.few_is_a = a.fingerprint.duration <= b.fingerprint.duration
        counts = (FEW_MOMENTS, MANY_MOMENTS) if self.few_is_a else (MANY_MOMENTS, FEW_MOMENTS)
        self.a, self.b = sample_frames(a, counts[0]), sample_frames(b, counts[1])
        self._last_described: dict[int, tuple[View, Floats]] = {}  # by the identity of the frames

    def _describe(self, frames: SampleFrames, view: View) -> Floats:
        """Return the appearance of frames through a view, which often is the last one."""
        last = self._last_described.get(id(frames))
        if last is None or last[0] != view:
            last = self._last_described[id(frames)] = view, frames.describe(view)
        return last[1]

    def _compute_similarity(self, geometry: Geometry | Views) -> Floats:
        """Return cosine similarities (frames of the shorter video, frames of the longer video)."""
        view_a, view_b = make_views(geometry) if isinstance(geometry, Geometry) else geometry
        few, many = self._describe(self.a, view_a), self._describe(self.b, view_b)
        if not self.few_is_a:
            few, many = many, few
        similarity: Floats = few @ many.T
        return similarity

    def measure_distances(self, geometry: Geometry | Views) -> Floats:
        """Return the cosine distance of each frame of the shorter video to its nearest match."""
        distances: Floats = 1 - self._compute_similarity(geometry).max(axis=1)
        return distances

    def measure_distance(self, geometry: Geometry | Views) -> float:
        """Return the mean distance to the nearest match over the better half of the frames."""
        return _average_best(self.measure_distances(geometry))

    def match_frames(self, geometry: Geometry | Views) -> FramePairs:
        """Return the best matching pairs, refined to the most similar frame around each match."""
        similarity = self._compute_similarity(geometry)
        best = similarity.max(axis=1)
        count = min(MAX_PAIRS, max(1, round(BEST_SHARE * len(best))))
        better = np.sort(np.argsort(-best, kind="stable")[: max(1, round(BEST_SHARE * len(best)))])
        chosen = better[np.unique(np.linspace(0, len(better) - 1, count).astype(int))]
        few, many = (self.a, self.b) if self.few_is_a else (self.b, self.a)
        video = self.fingerprints[1 if self.few_is_a else 0]
        near = _frames_around(video, many.frames, similarity[chosen].argmax(axis=1))
        picked = self._select_most_similar(geometry, few.luma[chosen], near)
        frames = (few.frames[chosen], picked) if self.few_is_a else (picked, few.frames[chosen])
        luma = [side.read_luma(at) for side, at in zip(self._videos, frames, strict=True)]
        return FramePairs(*frames, *luma)

    def _select_most_similar(self, geometry: Geometry | Views, luma: Floats, near: list[Indexes]) -> Indexes:
        """Return the most similar of the frames `near` each of the frames whose luma is given."""
        view_a, view_b = make_views(geometry) if isinstance(geometry, Geometry) else geometry
        of_few, of_many = (view_a, view_b) if self.few_is_a else (view_b, view_a)
        many = self._videos[1 if self.few_is_a else 0]
        seen = _normalise_brightness(of_few.resample(luma, LUMA_SHAPE))
        picked = []
        for reference, options in zip(seen, near, strict=True):
            candidates = _normalise_brightness(of_many.resample(many.read_luma(options), LUMA_SHAPE))
            picked.append(options[int(np.abs(candidates - reference).mean(axis=(1, 2)).argmin())])
        return np.array(picked, np.intp)


def _normalise_brightness(luma: Floats) -> Floats:
    """Remove the mean and the contrast of each frame."""
    normalised: Floats = luma - luma.mean(axis=(-2, -1), keepdims=True)
    normalised /= normalised.std(axis=(-2, -1), keepdims=True) + np.float32(1)
    return normalised


def _frames_around(video: Fingerprint, frames: Indexes, places: Indexes) -> list[Indexes]:
    """Return, for each place in `frames`, up to 13 frames of the video between its two neighbours."""
    around = []
    for place in places:
        low = int(frames[max(0, place - 1)])
        high = int(frames[min(len(frames) - 1, place + 1)])
        around.append(np.unique(np.linspace(low, high, 13).astype(np.intp).clip(0, len(video) - 1)))
    return around
