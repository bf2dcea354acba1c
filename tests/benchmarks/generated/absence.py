"""Measure what the engine wrongly calls absent: footage of one-sided or replaced segments that both sides show."""

from dataclasses import dataclass

from tests.benchmarks.generated.cases import Case
from tests.benchmarks.generated.score import SIDES

EDGE_SECONDS = 0.2  # at both ends of a segment that may lie beyond the truth
REPLACED = 1.0  # distance of a segment whose sides have nothing in common


@dataclass(frozen=True)
class Absence:
    """What one script wrongly calls absent.

    `seconds` is the total of both sides, and `longest` the most in one segment. `moved` is the number of shots that the
    recut has moved, and `lost` how many of them are called absent for more than half of their duration.
    """

    seconds: float
    longest: float
    moved: int
    lost: int


def measure_absence(one: Case, segments: list[dict]) -> Absence:
    pieces, lost = [], set()
    moves = [each for each in one.truth if each.op == "moved"]
    for side in SIDES:
        absent = [span for each in one.truth if each.op != "moved" and (span := getattr(each, side)) and not each.box]
        told = [
            each[side]
            for each in segments
            if each[side] and (each["op"] in {"deleted", "inserted"} or each["distance"] == REPLACED)
        ]
        for start, end in told:
            wrong = end - start - _overlap((start, end), absent)
            if wrong > EDGE_SECONDS:
                pieces.append(wrong)
        for number, move in enumerate(moves):
            start, end = getattr(move, side)
            if _overlap((start, end), told) > (end - start) / 2:
                lost.add(number)
    return Absence(sum(pieces), max(pieces, default=0.0), len(moves), len(lost))


def _overlap(span: tuple[float, float], others: list[tuple[float, float]]) -> float:
    return sum(max(0.0, min(span[1], end) - max(span[0], start)) for start, end in others)
