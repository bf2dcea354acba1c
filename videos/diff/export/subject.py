"""Describe the two videos of an export."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from videos.diff.quality.technical_facts import Fact
from videos.diff.script.stored import ShownScript, ShownSegment, StoredBox

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Side:
    """One video. `rate` is in frames per second, 0 if unknown."""

    title: str
    filename: str
    rate: float

    @property
    def line(self) -> str:
        """The title on one line, without control characters."""
        return one_line(self.title)


@dataclass(frozen=True, slots=True)
class Subject:
    """The two videos of an export, and what differs technically between them. A is the earlier one."""

    a: Side
    b: Side
    facts: Sequence[Fact] = ()


class TextDifference(TypedDict):
    """Spoken words, or a line of text on screen with its `box`, that differ. Times are [start, end] in seconds."""

    op: str
    a: list[float] | None
    b: list[float] | None
    text_a: str
    text_b: str
    box: NotRequired[StoredBox]


class Words(TypedDict):
    """The spoken words (`segments`) and the text on screen that differ."""

    segments: list[TextDifference]
    screen_text: list[TextDifference]


def one_line(text: str) -> str:
    """Return a text on one line, without control characters."""
    return _CONTROL.sub(" ", text).strip()


def differing(shown: ShownScript) -> list[ShownSegment]:
    """Return the segments that are not equal."""
    return [row for row in shown["segments"] if row["op"] != "equal"]


def place_in_b(shown: ShownScript) -> list[tuple[ShownSegment, float]]:
    """Return each segment with its start in B in seconds; for a deleted one, where its footage would have been."""
    placed, at = [], 0.0
    for row in shown["segments"]:
        placed.append((row, row["b"][0] if row["b"] else at))
        if row["b"]:
            at = row["b"][1]
    return placed
