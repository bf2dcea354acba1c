"""Both videos seen at one common rhythm: moments of A, and moments of B a third of a step apart."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from videos.diff.blocks import Blocks
from videos.diff.descriptor import CELLS, Floats, Indexes, Sampled
from videos.diff.line import Line

GRID_SECONDS = 0.2
GRID_FEWEST = 60  # samples that even a short video is given, where it has as many frames
PHASES = 3  # moments of B to a grid step, for videos whose frames fall between each other's


@dataclass(frozen=True)
class Grid:
    """Descriptors of A each `step` seconds, and of B each third of it; both are worked out as they are asked for."""

    a: Sampled
    b: Sampled
    step: float

    @cached_property
    def rows(self) -> Blocks:
        return self._described(self.a, self.step, self.count_a)

    @cached_property
    def columns(self) -> Blocks:
        return self._described(self.b, self.fine, self.count_b * PHASES)

    @staticmethod
    def _described(video: Sampled, step: float, count: int) -> Blocks:
        return Blocks(count, 2 * CELLS, lambda places: video.describe(places * step))

    @property
    def fine(self) -> float:
        return self.step / PHASES

    @property
    def count_a(self) -> int:
        return _count(self.a, self.step)

    @property
    def count_b(self) -> int:
        return _count(self.b, self.step)

    def distances(self, rows: Indexes, line: Line) -> Floats:
        """(len(rows),) to the nearest of the three moments of B around the line; infinite beside B."""
        middle = np.rint(line.all_to_b(rows * self.step) / self.fine).astype(np.intp)
        return self.nearest(rows, middle)

    def nearest(self, rows: Indexes, middle: Indexes, reach: int = PHASES // 2) -> Floats:
        """The same around given moments of B, so many to either side."""
        out = np.full(len(rows), np.inf, np.float32)
        last = self.count_b * PHASES - 1
        inside = (middle >= 0) & (middle <= last)
        if not inside.any():
            return out
        if not inside.all():
            out[inside] = self.nearest(rows[inside], middle[inside], reach)
            return out
        places = (middle[:, None] + np.arange(-reach, reach + 1)).clip(0, last)
        apart = self.columns[places] - self.rows[rows][:, None]
        return np.einsum("ijk,ijk->ij", apart, apart).min(axis=1)


def _count(video: Sampled, step: float) -> int:
    return len(np.arange(0, video.print.duration, step))


def grid_step(a: Sampled, b: Sampled) -> float:
    shorter = min(a.print.duration, b.print.duration)
    return max(min(GRID_SECONDS, shorter / GRID_FEWEST), a.print.step, b.print.step)


Moments = NDArray[np.float64]
