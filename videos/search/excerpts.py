"""Find the words of a text that match a search, and cut the part of the text around them."""

import dataclasses
import re
from collections.abc import Sequence

from django.db import connection

Range = tuple[int, int]

EXCERPT_LENGTH = 200  # characters
MIN_CONTEXT = 60  # characters that are left for the words before and after the marks
ELLIPSIS = "…"
START, STOP = "\ue000", "\ue001"  # private-use characters, removed from texts before
HEADLINES = """
SELECT ts_headline(
    configuration::regconfig, text, websearch_to_tsquery(configuration::regconfig, %s),
    'HighlightAll=true, StartSel={START}, StopSel={STOP}'
)
FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS one (text, configuration, number)
ORDER BY number
""".replace("{START}", START).replace("{STOP}", STOP)


@dataclasses.dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a text. `marks` are ranges of characters (Unicode code points) in `text`."""

    text: str
    marks: list[Range]


def clean_text(text: str) -> str:
    """Return `text` on one line, without the characters that delimit marks."""
    return " ".join(re.sub(f"[{START}{STOP}\x00]", "", text).split())


def find_marks(texts: Sequence[tuple[str, Sequence[str]]], query: str) -> list[list[Range]]:
    """Return the ranges of the words that match `query` for each cleaned text and its configurations."""
    pairs = [(number, text, name) for number, (text, names) in enumerate(texts) for name in names]
    found: list[set[Range]] = [set() for _ in texts]
    if pairs:
        with connection.cursor() as cursor:
            cursor.execute(HEADLINES, [query, [text for _, text, _ in pairs], [name for _, _, name in pairs]])
            for (number, text, _), (headline,) in zip(pairs, cursor.fetchall(), strict=True):
                found[number] |= _read_headline(text, headline)
    return [merge_ranges(ranges) for ranges in found]


def _read_headline(text: str, headline: str) -> set[Range]:
    """Return the marked ranges of a headline. None if PostgreSQL changed the text itself."""
    ranges: set[Range] = set()
    position = start = 0
    for piece in re.split(f"([{START}{STOP}])", headline):
        if piece == START:
            start = position
        elif piece == STOP:
            ranges.add((start, position))
        else:
            if not text.startswith(piece, position):
                return set()
            position += len(piece)
    return ranges


def merge_ranges(ranges: set[Range]) -> list[Range]:
    """Return the ranges in order. Overlapping ranges become one."""
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def find_focus(marks: list[Range], length: int = EXCERPT_LENGTH - MIN_CONTEXT) -> list[Range]:
    """Return the largest group of marks that fits into `length` characters, the first one among equals."""
    groups = ([mark for mark in marks if mark[0] >= start and mark[1] <= start + length] for start, _ in marks)
    return max(groups, key=len, default=[])


def cut_excerpt(text: str, marks: list[Range], length: int = EXCERPT_LENGTH) -> Excerpt:
    """Return about `length` characters of `text` around the largest group of marks, cut between words."""
    if len(text) <= length:
        return Excerpt(text, marks)
    focus = find_focus(marks, length - MIN_CONTEXT)
    first, last = (focus[0][0], focus[-1][1]) if focus else (0, 0)
    start = max(0, min(first - (length - (last - first)) // 2, len(text) - length))
    end = min(start + length, len(text))
    if start > 0 and (space := text.find(" ", start - 1, max(first, start + 1))) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", max(last, start), end + 1)) > start:
        end = space
    before, after = ELLIPSIS if start else "", ELLIPSIS if end < len(text) else ""
    shift = len(before) - start
    inside = [(one + shift, other + shift) for one, other in marks if one >= start and other <= end]
    return Excerpt(f"{before}{text[start:end]}{after}", inside)
