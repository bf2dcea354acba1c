"""Which moment of B shows what a moment of A does: a straight line from one timeline to the other."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Moments = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Line:
    """Seconds of B are `slope` times seconds of A, and `offset` later; the slope is 1 where the speed is the same."""

    offset: float = 0.0
    slope: float = 1.0

    def to_b(self, seconds: float) -> float:
        return self.slope * seconds + self.offset

    def to_a(self, seconds: float) -> float:
        return (seconds - self.offset) / self.slope

    def all_to_b(self, seconds: Moments) -> Moments:
        return self.slope * seconds + self.offset

    @property
    def inverse(self) -> Self:
        """The same with A and B exchanged."""
        return type(self)(-self.offset / self.slope, 1 / self.slope)

    def near(self, other: "Line", span: tuple[float, float], seconds: float) -> bool:
        """Whether the two lie closer than so many seconds of B over a span of A."""
        return all(abs(self.to_b(moment) - other.to_b(moment)) < seconds for moment in span)


SAME_TIMES = Line()
