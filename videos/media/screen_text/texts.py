"""Compare readings of text on screen, which may contain mistakes."""

from difflib import SequenceMatcher
from functools import lru_cache
from unicodedata import normalize

SURE_CONFIDENCE = 0.95  # of a reading, from which it has no wrong letters
LETTERS_PER_MISTAKE = 8  # of a reading that is not sure, for each letter that may be wrong
# Letters that are read for each other.
CONFUSED = str.maketrans({"o": "0", "l": "1", "i": "1", "|": "1"})


@lru_cache(maxsize=20_000)
def fold_text(text: str) -> str:
    """Return the letters and digits of a text without case, and without letters that are read for each other.

    A text without letters and digits stays as it is.
    """
    folded = normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum()).translate(CONFUSED) or text


def is_same_text(one: str, other: str, confidence: float) -> bool:
    """Return whether two readings are of the same text. `confidence` is the lower one of both, from 0 to 1.

    A reading that is not sure may have some wrong letters, but never other digits.
    """
    first, second = fold_text(one), fold_text(other)
    if first == second:
        return True
    if confidence >= SURE_CONFIDENCE or has_other_digits(one, other):
        return False
    return count_mistakes(first, second) <= max(len(first), len(second)) // LETTERS_PER_MISTAKE


def has_other_digits(one: str, other: str) -> bool:
    return [letter for letter in one if letter.isdigit()] != [letter for letter in other if letter.isdigit()]


def count_mistakes(one: str, other: str) -> int:
    """Return about how many letters differ: the longer of each pair of differing parts."""
    parts = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in parts if tag != "equal")


def measure_similarity(one: str, other: str) -> float:
    """Return the share of letters that two texts have in common, in order, from 0 to 1."""
    first, second = fold_text(one), fold_text(other)
    if not first or not second:
        return 0.0
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
