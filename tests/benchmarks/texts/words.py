"""Measure the comparison of words: precision and recall of the changed words of transcripts with known edits."""

import random

from tests.benchmarks.texts.passages import load_passages
from videos.transcripts.cues import TimedText
from videos.transcripts.words_diff import compare_words, list_words

PAIRS = 300
SECONDS_PER_WORD = 0.4
CUE_WORDS = 8
MAX_RUN = 6  # words of an edit
EDITS = (3, 8)  # per pair
APART = 8  # unchanged words between two edits, at least


def report() -> None:
    """Print precision and recall over generated pairs of transcripts of about 400 words."""
    counts = [_compare_pair(random.Random(seed)) for seed in range(PAIRS)]
    reported, changed, correct = (sum(column) for column in zip(*counts, strict=True))
    print(f"## Words that differ, {PAIRS} pairs of transcripts\n")
    print(f"{changed:,} words changed: precision {correct / reported:.4f}, recall {correct / changed:.4f}\n")


def _compare_pair(draw: random.Random) -> tuple[int, int, int]:
    """Return how many words were reported, how many were changed, and how many of these were reported."""
    texts = [passage.text.split() for passage in draw.sample(load_passages(), 7)]
    other = [word for text in texts[5:] for word in text]
    a, b, truth = _edit([word for text in texts[:5] for word in text], other, draw)
    segments = compare_words(list_words(_make_cues(a)), list_words(_make_cues(b)))["segments"]
    found = {
        (side, index)
        for segment in segments
        for side in ("a", "b")
        if (span := segment[side])  # type: ignore[literal-required]
        for index in range(round(span[0] / SECONDS_PER_WORD), round(span[1] / SECONDS_PER_WORD))
    }
    return len(found), len(truth), len(found & truth)


def _edit(words: list[str], other: list[str], draw: random.Random) -> tuple[list[str], list[str], set[tuple[str, int]]]:
    """Return the words of both sides and the changed words as (side, index). Edits stand apart."""
    b, truth = list[str](), set[tuple[str, int]]()
    place = 0
    count = draw.randint(*EDITS)
    step = len(words) // count
    for number in range(count):
        start = draw.randint(number * step, (number + 1) * step - MAX_RUN - APART)
        length = draw.randint(1, MAX_RUN)
        kind = draw.choice(("changed", "inserted", "deleted"))
        b += words[place:start]
        removed = length if kind != "inserted" else 0
        first = draw.randrange(len(other) - MAX_RUN)
        added = other[first : first + length] if kind != "deleted" else []
        truth |= {("a", index) for index in range(start, start + removed)}
        truth |= {("b", index) for index in range(len(b), len(b) + len(added))}
        b += added
        place = start + removed
    return words, b + words[place:], truth


def _make_cues(words: list[str]) -> list[TimedText]:
    """Return the words in cues, each word with its time."""
    timed = [(word, index * SECONDS_PER_WORD, (index + 1) * SECONDS_PER_WORD) for index, word in enumerate(words)]
    groups = [timed[start : start + CUE_WORDS] for start in range(0, len(timed), CUE_WORDS)]
    return [
        TimedText(group[0][1], group[-1][2], " ".join(word for word, _, _ in group), tuple(group)) for group in groups
    ]
