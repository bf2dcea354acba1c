"""What an export is about: the two videos behind a script."""

import re
from dataclasses import dataclass
from typing import Any

Shown = dict[str, Any]
Row = dict[str, Any]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Side:
    """One video. `rate` in frames a second, 0 where unknown."""

    title: str
    filename: str
    rate: float

    @property
    def line(self) -> str:
        """The title on one line, without control characters."""
        return one_line(self.title)


@dataclass(frozen=True, slots=True)
class Subject:
    """A, the earlier one, and B."""

    a: Side
    b: Side


def one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def differing(shown: Shown) -> list[Row]:
    return [row for row in shown["segments"] if row["op"] != "equal"]


def place_in_b(shown: Shown) -> list[tuple[Row, float]]:
    """Each segment with the second of B at which it stands; a deleted one where its footage would have been."""
    placed, at = [], 0.0
    for row in shown["segments"]:
        placed.append((row, row["b"][0] if row["b"] else at))
        if row["b"]:
            at = row["b"][1]
    return placed
