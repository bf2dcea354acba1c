"""Fold a text to plain characters, so that disguised personal data looks like ordinary personal data."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Characters that NFKC does not map to what they are used for.
LOOKALIKES = {
    **dict.fromkeys("ⓐⒶ🅐🄰", "@"),
    **dict.fromkeys("‐‑‒–—―−⁃﹘➖", "-"),
    **dict.fromkeys("。｡․‧∙•⸱", "."),
    **dict.fromkeys("’‘ʼ＇`´", "'"),
    **dict.fromkeys("➕", "+"),
}


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A folded text. Its character `i` begins at `offsets[i]` of the input, and `offsets` has one entry more."""

    text: str
    offsets: list[int] | range

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Return the interval of the input that the interval [start, end) of the folded text came from."""
        return self.offsets[start], max(self.offsets[end], self.offsets[end - 1] + 1)


def fold(text: str) -> FoldedText:
    """Return `text` with plain digits, letters, spaces, dashes and @, and without invisible characters."""
    if text.isascii():
        return FoldedText(text, range(len(text) + 1))
    folded: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        if character < "\x80":
            folded.append(character)
            offsets.append(offset)
        elif unicodedata.combining(character) and folded:
            composed = unicodedata.normalize("NFC", folded[-1] + character)
            if len(composed) == 1:
                folded[-1] = composed
            else:  # a mark of a script that has no composed letters, such as a vowel of Hindi
                folded.append(character)
                offsets.append(offset)
        else:
            for one in _fold_character(character):
                folded.append(one)
                offsets.append(offset)
    return FoldedText("".join(folded), [*offsets, len(text)])


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if character in LOOKALIKES:
        return LOOKALIKES[character]
    if unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f" or character == "\u20e3":
        return ""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if character.isspace():
        return " "
    return unicodedata.normalize("NFKC", character)
