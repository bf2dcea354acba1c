"""Map moments of A to moments of B: a straight line from one timeline to the other."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class TimeMap:
    """Seconds of B are `slope` times seconds of A plus `offset`. The slope is 1 at equal speed."""

    offset: float = 0.0
    slope: float = 1.0

    def to_b(self, seconds: float) -> float:
        """Return the moment of B for a moment of A."""
        return self.slope * seconds + self.offset

    def to_a(self, seconds: float) -> float:
        """Return the moment of A for a moment of B."""
        return (seconds - self.offset) / self.slope

    def times_to_b(self, seconds: Times) -> Times:
        """Return the moments of B for an array of moments of A."""
        return self.slope * seconds + self.offset

    @property
    def inverse(self) -> Self:
        """Return the map from B to A."""
        return type(self)(-self.offset / self.slope, 1 / self.slope)

    def is_near(self, other: "TimeMap", span: tuple[float, float], seconds: float) -> bool:
        """Return whether two maps differ by less than `seconds` of B over a span of A."""
        return all(abs(self.to_b(moment) - other.to_b(moment)) < seconds for moment in span)


IDENTITY_TIME_MAP = TimeMap()
