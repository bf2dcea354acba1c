"""Map times of A to times of B along an edit script.

Footage that is equal, changed or moved maps linearly from its span of A to its span of B, so a change of speed is
followed. Spans are half-open on both sides: a moment at a cut belongs to the footage that begins there. Deleted footage
has no time in B.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from videos.diff.script.edit_script import Span
from videos.diff.script.rethreshold import reclassify_segments
from videos.diff.script.stored import StoredScript, StoredSegment

MappedState = Literal["unchanged", "changed", "moved", "deleted"]

ROUNDING_SECONDS = 1e-5  # stored times are rounded to a microsecond; spans this close are adjacent
SLIVER_SECONDS = 0.05  # a little more than a frame at 25 fps: a range that reaches this far into a change is unchanged


@dataclass(frozen=True, slots=True)
class MappedTime:
    """Where a moment or a range of A is in B, in seconds. `start` and `end` are None if the footage was deleted.

    `end` is also None for a moment. `segment` is the segment that decided the state, None after the end of A.
    `is_shortened` tells whether a part of the range is missing, and `kept_from` is where in A the kept part begins.
    """

    state: MappedState
    start: float | None
    end: float | None = None
    segment: StoredSegment | None = None
    is_shortened: bool = False
    kept_from: float | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    """The part of a range that one segment covers."""

    segment: StoredSegment
    a: Span
    b: Span

    @property
    def seconds(self) -> float:
        return self.a[1] - self.a[0]


class TimeMapping:
    """The map from A's times to B's times of a script at a threshold, by default at the calibrated one.

    It uses the stored segments, because equal segments are joined for display even if their speeds differ.
    """

    def __init__(self, script: StoredScript, threshold: float | None = None) -> None:
        in_a = [(row["a"], row) for row in reclassify_segments(script, threshold) if row["a"]]
        self._rows = [row for _, row in sorted(in_a, key=lambda each: each[0][0])]
        self._starts = [span[0] for row in self._rows if (span := row["a"])]
        self.duration_a = script["duration_a"]
        self.duration_b = script["duration_b"]

    def map_moment(self, second: float) -> MappedTime:
        """Map one moment of A. The end of A belongs to its last segment. A moment outside A is deleted."""
        if not self._rows or not -ROUNDING_SECONDS <= second <= self.duration_a + ROUNDING_SECONDS:
            return MappedTime("deleted", None)
        row = self._rows[self._find(second)]
        if row["a"] is None or row["b"] is None:
            return MappedTime("deleted", None, segment=row)
        return MappedTime(_STATES[row["op"]], _interpolate(row["a"], row["b"], second), segment=row, kept_from=second)

    def map_range(self, start: float, end: float) -> MappedTime:
        """Map a range of A. If B shows its parts apart, the longest part is kept. An empty range is a moment."""
        if end <= start:
            return self.map_moment(start)
        if not self._rows or start >= self.duration_a or end <= 0:
            return MappedTime("deleted", None)
        first, last = self._find(start), self._find(min(end, self.duration_a))
        rows = self._rows[first : last + 1]
        runs = _join_pieces([piece for row in rows if (piece := _cut(row, start, end))])
        if not runs:
            return MappedTime("deleted", None, segment=rows[0])
        kept = max(runs, key=_add_seconds)
        decisive = _choose_decisive(kept)
        return MappedTime(
            _STATES[decisive.segment["op"]],
            min(piece.b[0] for piece in kept),
            max(piece.b[1] for piece in kept),
            decisive.segment,
            _add_seconds(kept) < end - start - SLIVER_SECONDS,
            kept[0].a[0],
        )

    def _find(self, second: float) -> int:
        """Return the index of the segment that contains a moment of A, the nearest one if there is none."""
        return min(max(bisect_right(self._starts, second + ROUNDING_SECONDS) - 1, 0), len(self._rows) - 1)


_STATES: dict[str, MappedState] = {"equal": "unchanged", "changed": "changed", "moved": "moved"}


def _interpolate(a: Sequence[float], b: Sequence[float], second: float) -> float:
    length = a[1] - a[0]
    share = min(max((second - a[0]) / length, 0.0), 1.0) if length > 0 else 0.0
    return b[0] + share * (b[1] - b[0])


def _cut(row: StoredSegment, start: float, end: float) -> _Piece | None:
    """Return the part of a range that a segment covers in both videos."""
    a, b = row["a"], row["b"]
    if a is None or b is None:
        return None
    low, high = max(start, a[0]), min(end, a[1])
    if high <= low:
        return None
    return _Piece(row, (low, high), (_interpolate(a, b, low), _interpolate(a, b, high)))


def _join_pieces(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """Join the pieces that follow each other in B. Footage of A between them may be deleted or moved."""
    runs: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.b):
        if runs and math.isclose(runs[-1][-1].b[1], piece.b[0], abs_tol=ROUNDING_SECONDS):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return runs


def _add_seconds(pieces: Sequence[_Piece]) -> float:
    return sum(piece.seconds for piece in pieces)


def _choose_decisive(pieces: Sequence[_Piece]) -> _Piece:
    """Return the longest changed piece, else the longest one. Slivers do not count beside longer pieces."""
    longest = max(pieces, key=lambda piece: piece.seconds)
    least = min(SLIVER_SECONDS, longest.seconds)
    changed = [piece for piece in pieces if piece.segment["op"] == "changed" and piece.seconds >= least]
    return max(changed, key=lambda piece: piece.seconds, default=longest)
