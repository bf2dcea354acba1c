"""Find what a moment of one side is on the other side."""

from bisect import bisect_right

from videos.diff.script.stored import SIDES, ShownScript, ShownSegment, SideName, StoredSpan

TOLERANCE = 0.001  # seconds; a moment this short before a segment is its start, because times are rounded


class MomentMap:
    """The segments of a script by the time of each side. A lookup takes logarithmic time."""

    def __init__(self, script: ShownScript) -> None:
        self._segments: dict[SideName, list[tuple[StoredSpan, ShownSegment]]] = {}
        for side in SIDES:
            spans = [(span, row) for row in script["segments"] if (span := row[side])]
            self._segments[side] = sorted(spans, key=lambda each: each[0][0])
        self._starts = {side: [span[0] for span, _ in rows] for side, rows in self._segments.items()}

    def find_segment(self, side: SideName, seconds: float) -> ShownSegment | None:
        """Return the segment that `side` shows at a time, or its last segment after the end."""
        place = bisect_right(self._starts[side], seconds + TOLERANCE) - 1
        return self._segments[side][max(place, 0)][1] if self._segments[side] else None

    def find_other(self, side: SideName, seconds: float) -> float | None:
        """Return the seconds of the other side. None if it does not show this footage."""
        segment = self.find_segment(side, seconds)
        if segment is None:
            return None
        own, other = segment[side], segment["b" if side == "a" else "a"]
        if not own or not other:
            return None
        share = (min(max(seconds, own[0]), own[1]) - own[0]) / (own[1] - own[0])
        return other[0] + share * (other[1] - other[0])
