"""Read the threshold that a page requests, and describe its slider."""

import math
from dataclasses import dataclass

from videos.diff.script.rethreshold import MAX_THRESHOLD, MIN_THRESHOLD, THRESHOLD_TOLERANCE


@dataclass(frozen=True)
class ThresholdControl:
    """The threshold slider: the shown value, the value its owner saved, and the calibrated one."""

    value: float
    saved: float
    calibrated: float
    minimum: float = MIN_THRESHOLD
    maximum: float = MAX_THRESHOLD

    @property
    def mark_percent(self) -> float:
        """The position of the calibrated threshold in percent of the slider."""
        position = min(max(self.calibrated, self.minimum), self.maximum)
        return round(100 * (position - self.minimum) / (self.maximum - self.minimum), 2)

    @property
    def is_changed(self) -> bool:
        """Whether the shown threshold is not the saved one."""
        return abs(self.value - self.saved) > THRESHOLD_TOLERANCE

    @property
    def query_value(self) -> str:
        """The threshold as query strings have it."""
        return f"{self.value:.6f}".rstrip("0")

    @property
    def is_calibrated(self) -> bool:
        """Whether the shown threshold is the calibrated one."""
        return abs(self.value - self.calibrated) <= THRESHOLD_TOLERANCE


def parse_threshold(text: str) -> float | None:
    """Return the threshold that a query string requests. None if it is missing or out of range."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and MIN_THRESHOLD <= value <= MAX_THRESHOLD else None
