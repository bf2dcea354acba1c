"""Find the words that differ between the transcripts of two videos."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, TypedDict

from videos.transcripts.cues import TimedText

NOT_SPOKEN = re.compile(r"[^\w']+")  # punctuation, which recognition places at random
MIN_EQUAL_WORDS = 2  # a shorter run of equal words between two changes belongs to them
MAX_CANDIDATES = 20_000_000  # pairs of equal words that are all considered
MAX_WORDS = 60_000  # of a transcript; about seven hours of speech


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word as written and as compared, and when it is said, in seconds, half-open."""

    text: str
    key: str
    start: float
    end: float


class WordsSegment(TypedDict):
    """Words that differ. Times are [start, end] in seconds of each side; a side without words is None."""

    op: Literal["changed", "inserted", "deleted"]
    a: list[float] | None
    b: list[float] | None
    text_a: str
    text_b: str


class WordsComparison(TypedDict):
    """The stored result: the differing words, and the share of the words of both sides that are equal."""

    segments: list[WordsSegment]
    equal_share: float


def list_words(cues: Sequence[TimedText]) -> list[SpokenWord]:
    """Return the words of the cues. Unknown times are interpolated by the letters of a cue."""
    found: list[SpokenWord] = []
    for cue in cues:
        timed = cue.words or _interpolate(cue)
        for text, start, end in timed:
            key = NOT_SPOKEN.sub("", text).casefold()
            if key:
                found.append(SpokenWord(text, key, start, end))
    return found[:MAX_WORDS]


def compare_words(a: Sequence[SpokenWord], b: Sequence[SpokenWord]) -> WordsComparison:
    """Return the words that were changed, inserted or deleted from A to B.

    The longest common runs are matched first (Ratcliff and Obershelp 1988), so that a moved sentence is a deletion and
    an insertion. Short equal runs between two changes are merged into them, so that a re-recorded line is one change.
    """
    keys_a, keys_b = [word.key for word in a], [word.key for word in b]
    counts_a, counts_b = Counter(keys_a), Counter(keys_b)
    candidates = sum(count * counts_b[key] for key, count in counts_a.items())
    # With `autojunk`, frequent words are no starting points, which bounds the time for very long or repetitive texts.
    matcher = SequenceMatcher(None, keys_a, keys_b, autojunk=candidates > MAX_CANDIDATES)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    kept = [
        block
        for block in blocks
        if block.size >= MIN_EQUAL_WORDS or block.a == block.b == 0 or block.a + block.size == len(a)
    ]
    segments: list[WordsSegment] = []
    place_a = place_b = 0
    for start_a, start_b, size in [*((block.a, block.b, block.size) for block in kept), (len(a), len(b), 0)]:
        segment = _build_segment(a[place_a:start_a], b[place_b:start_b])
        if segment and segment["text_a"].casefold() != segment["text_b"].casefold():
            segments.append(segment)
        place_a, place_b = start_a + size, start_b + size
    equal = sum(block.size for block in kept)
    return {"segments": segments, "equal_share": 2 * equal / (len(a) + len(b)) if a or b else 1.0}


def _build_segment(a: Sequence[SpokenWord], b: Sequence[SpokenWord]) -> WordsSegment | None:
    if not a and not b:
        return None
    return {
        "op": "changed" if a and b else "deleted" if a else "inserted",
        "a": _span(a),
        "b": _span(b),
        "text_a": " ".join(word.text for word in a),
        "text_b": " ".join(word.text for word in b),
    }


def _span(words: Sequence[SpokenWord]) -> list[float] | None:
    return [round(words[0].start, 3), round(max(word.end for word in words), 3)] if words else None


def _interpolate(cue: TimedText) -> list[tuple[str, float, float]]:
    words = cue.text.split()
    letters = sum(len(word) for word in words) or 1
    timed, place = [], 0
    for word in words:
        start = cue.start + (cue.end - cue.start) * place / letters
        place += len(word)
        timed.append((word, start, cue.start + (cue.end - cue.start) * place / letters))
    return timed
