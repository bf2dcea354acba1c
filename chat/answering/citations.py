"""Check the citations of an answer while it is streamed.

A model cites a passage by its label. A citation that no given passage supports is dropped. The label of one of several
videos, `[B 1:05]`, becomes `[1:05]`, and the video is recorded.
"""

import re
from collections.abc import Sequence
from typing import Any

from chat.answering.evidence import Citable
from chat.rendering import TIME
from sage.durations import format_timestamp

QUOTED_LETTERS = 200  # of the text of a citation
ROUNDING_SECONDS = 1.0  # by which a cited time may be before its passage, because labels are rounded down
INSIDE = r"[A-T\d\s:,;–—-]"
CITATION = re.compile(rf"( {{0,8}})\[({INSIDE}{{1,80}})\]")
UNFINISHED = re.compile(rf" {{0,8}}(?:\[{INSIDE}{{0,80}})?$")
ONE = re.compile(rf"(?:([A-T])\s*)?({TIME})(?:\s*[-–—]\s*(?:[A-T]\s*)?{TIME})?")
SEPARATOR = re.compile(r"\s*[,;]\s*")


class CitationFilter:
    """Pass the text of an answer on, with checked citations. `citations` are those of the text that was passed on."""

    def __init__(self, citables: Sequence[Citable]) -> None:
        self._citables = citables
        self._held = ""
        self.citations: list[dict[str, Any]] = []

    def feed(self, piece: str) -> str:
        """Return the text that is certain after `piece`. The end is held back if it may become a citation."""
        self._held += clean_text(piece)
        tail = UNFINISHED.search(self._held)
        cut = tail.start() if tail else len(self._held)
        certain, self._held = self._held[:cut], self._held[cut:]
        return CITATION.sub(self._replace, certain)

    def finish(self) -> str:
        """Return what was held back."""
        held, self._held = self._held, ""
        return held.rstrip(" ")

    def _replace(self, match: re.Match[str]) -> str:
        """Return the supported citations in brackets, or the text itself if it is no citation at all."""
        parts = [ONE.fullmatch(part) for part in SEPARATOR.split(match[2].strip())]
        found = ""
        for part in parts:
            if part is None:
                return match[0]
            found += self._cite(part[1] or "", _parse_time(part[2]))
        return f"{match[1]}{found}" if found else ""

    def _cite(self, letter: str, seconds: float) -> str:
        citable = self._find(letter, seconds)
        if citable is None:
            return ""
        text = citable.text[:QUOTED_LETTERS]
        is_exact = int(citable.start) == int(seconds)  # a label is rounded down
        start = round(citable.start if is_exact else seconds, 3)
        self.citations.append({"video_id": citable.video_id, "start": start, "text": text})
        return f"[{format_timestamp(seconds)}]"

    def _find(self, letter: str, seconds: float) -> Citable | None:
        """Return the passage that supports a citation: the one with this label, or one that covers the time."""
        rows = [row for row in self._citables if row.letter == letter]
        exact = next((row for row in rows if int(row.start) == int(seconds)), None)
        return exact or next((row for row in rows if row.start - ROUNDING_SECONDS < seconds < row.end), None)


def clean_text(piece: str) -> str:
    """Return text that the database and Redis accept: without null characters and halves of surrogate pairs."""
    return piece.replace("\x00", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _parse_time(text: str) -> float:
    seconds = 0.0
    for part in text.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds
