"""Sample both videos on a common grid of time: A once per step, B three times per step."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from videos.diff.alignment.time_map import TimeMap
from videos.diff.sampling.descriptor import POOLED_CELLS, Floats, Indexes, SampledVideo
from videos.diff.sampling.row_cache import RowCache

GRID_SECONDS = 0.2  # seconds per grid step
MIN_GRID_SAMPLES = 60  # samples for a short video, if it has as many frames
PHASES = 3  # samples of B per grid step, for videos whose frames lie between each other's frames


@dataclass(frozen=True)
class Grid:
    """Descriptors of A every `step` seconds and of B every third of a step, computed on demand."""

    a: SampledVideo
    b: SampledVideo
    step: float

    @cached_property
    def rows(self) -> RowCache:
        """Return the descriptors of A as a cached array (count_a, 288)."""
        return self._describe(self.a, self.step, self.count_a)

    @cached_property
    def columns(self) -> RowCache:
        """Return the descriptors of B as a cached array (count_b * PHASES, 288)."""
        return self._describe(self.b, self.phase_step, self.count_b * PHASES)

    @staticmethod
    def _describe(video: SampledVideo, step: float, count: int) -> RowCache:
        return RowCache(count, 2 * POOLED_CELLS, lambda places: video.describe_moments(places * step))

    @property
    def phase_step(self) -> float:
        """Return the seconds between samples of B."""
        return self.step / PHASES

    @property
    def count_a(self) -> int:
        """Return the number of samples of A."""
        return _count_samples(self.a, self.step)

    @property
    def count_b(self) -> int:
        """Return the number of grid steps of B."""
        return _count_samples(self.b, self.step)

    def compute_distances(self, rows: Indexes, time_map: TimeMap) -> Floats:
        """Return squared distances (len(rows),) to the nearest of three samples of B around the time map.

        The distance is infinite outside of B.
        """
        middle = np.rint(time_map.times_to_b(rows * self.step) / self.phase_step).astype(np.intp)
        return self.compute_nearest_distances(rows, middle)

    def compute_nearest_distances(self, rows: Indexes, middle: Indexes, reach: int = PHASES // 2) -> Floats:
        """Return squared distances (len(rows),) to the nearest sample of B up to `reach` around `middle`."""
        distances = np.full(len(rows), np.inf, np.float32)
        last = self.count_b * PHASES - 1
        inside = (middle >= 0) & (middle <= last)
        if not inside.any():
            return distances
        if not inside.all():
            distances[inside] = self.compute_nearest_distances(rows[inside], middle[inside], reach)
            return distances
        places = (middle[:, None] + np.arange(-reach, reach + 1)).clip(0, last)
        differences = self.columns[places] - self.rows[rows][:, None]
        return np.einsum("ijk,ijk->ij", differences, differences).min(axis=1)


def _count_samples(video: SampledVideo, step: float) -> int:
    """Return the number of samples of a video at this step."""
    return len(np.arange(0, video.fingerprint.duration, step))


def choose_grid_step(a: SampledVideo, b: SampledVideo) -> float:
    """Return the seconds per grid step: shorter for short videos, at least a frame."""
    shorter = min(a.fingerprint.duration, b.fingerprint.duration)
    return max(min(GRID_SECONDS, shorter / MIN_GRID_SAMPLES), a.fingerprint.step, b.fingerprint.step)
