"""Baseline methods to compare with, each at the threshold that suits it best over all cases."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.fft import dctn
from skimage.metrics import structural_similarity

from tests.benchmarks.generated.cases import Case
from tests.benchmarks.generated.score import Score, judge
from videos.fingerprint.format import Fingerprint
from videos.media.demux import find_video_stream, open_container
from videos.media.frames import decode_frames

CLIP_SECONDS = 2.0
SSIM_SECONDS = 0.2
SSIM_SIZE = (192, 108)
THRESHOLDS = 60


@dataclass(frozen=True)
class Distances:
    """One distance per interval of `step` seconds from the start of both videos."""

    case: Case
    step: float
    values: NDArray[np.float64]

    def segments(self, threshold: float) -> list[dict]:
        """Return one segment per interval. Time that only one side covers is inserted or deleted."""
        segments = []
        ends = self.case.durations
        for index in range(int(np.ceil(max(ends) / self.step - 1e-9))):
            spans = [
                [index * self.step, min(end, (index + 1) * self.step)] if index * self.step < end else None
                for end in ends
            ]
            if spans[0] and spans[1]:
                value = self.values[min(index, len(self.values) - 1)]  # the last frame stays until the end
                op = "changed" if value > threshold else "equal"
            else:
                op = "deleted" if spans[0] else "inserted"
            segments.append({"op": op, "a": spans[0], "b": spans[1], "regions": []})
        return segments


def clip_embeddings(case: Case, a: Fingerprint, b: Fingerprint) -> Distances:
    """Return the cosine distance of one embedding per 2 s (mean of normalised luma and colour) at equal indexes."""
    count = int(np.ceil(min(a.duration, b.duration) / CLIP_SECONDS - 1e-9))
    sides = [[_embedding(video, index) for index in range(count)] for video in (a, b)]
    values = [1 - float(one @ other) for one, other in zip(*sides, strict=True)]
    return Distances(case, CLIP_SECONDS, np.array(values))


def _embedding(video: Fingerprint, index: int) -> NDArray[np.float64]:
    inside = (video.times >= index * CLIP_SECONDS) & (video.times < (index + 1) * CLIP_SECONDS)
    records = video.records[np.flatnonzero(inside)]
    luma = records["luma"].reshape(-1, 9, 4, 16, 4).mean(axis=(2, 4)).reshape(len(records), -1)
    colour = records["chroma"].reshape(len(records), -1) - 128.0
    whole = np.hstack([luma - luma.mean(axis=1, keepdims=True), colour]).mean(axis=0)
    return whole / (np.linalg.norm(whole) + 1e-9)


def hash_distance(case: Case) -> Distances:
    """Return the share of 64 bits in which perceptual hashes of frames at equal times differ, five times a second."""
    a, b = (_hashes(str(path)) for path in (case.a, case.b))
    count = min(len(a), len(b))
    return Distances(case, SSIM_SECONDS, (a[:count] != b[:count]).mean(axis=1))


def _hashes(path: str) -> NDArray[np.bool_]:
    """Return (frames, 64): which of the lowest 8 x 8 frequencies of a 32 x 32 picture exceed their median."""
    small = [Image.fromarray(frame).resize((32, 32), Image.Resampling.BOX) for frame in _frames(path)]
    low = dctn(np.stack([np.asarray(each, float) for each in small]), axes=(1, 2))[:, :8, :8].reshape(-1, 64)
    hashes: NDArray[np.bool_] = low > np.median(low, axis=1, keepdims=True)
    return hashes


def frame_similarity(case: Case) -> Distances:
    """Return one minus the structural similarity (SSIM) of frames at equal times, five times a second."""
    a, b = (_frames(str(path)) for path in (case.a, case.b))
    count = min(len(a), len(b))
    values = [1 - structural_similarity(a[index], b[index], data_range=255) for index in range(count)]
    return Distances(case, SSIM_SECONDS, np.array(values))


@lru_cache(maxsize=4)
def _frames(path: str) -> list[NDArray[np.uint8]]:
    frames: list[NDArray[np.uint8]] = []
    with open_container(path) as container:
        for seconds, frame in decode_frames(container, find_video_stream(container)):
            if seconds >= len(frames) * SSIM_SECONDS - 1e-3:
                frames.append(frame.reformat(*SSIM_SIZE, format="gray", interpolation="AREA").to_ndarray())
    return frames


def at_best_threshold(all_distances: list[Distances], frame_of: Callable[[str], float]) -> list[Score]:
    """Return the scores at the threshold with the highest mean F1."""
    values = np.concatenate([each.values for each in all_distances])
    candidates = np.unique(np.quantile(values, np.linspace(0, 1, THRESHOLDS)))

    def scored(threshold: float) -> list[Score]:
        return [judge(each.case, each.segments(threshold), frame=frame_of(each.case.base)) for each in all_distances]

    return max((scored(float(threshold)) for threshold in candidates), key=lambda scores: sum(s.f1 for s in scores))
