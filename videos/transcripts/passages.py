"""Cut a transcript into passages that search finds and answers cite."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from videos.transcripts.cues import TimedText

MAX_TOKENS = 300  # of a passage
MIN_TOKENS = 200  # a passage ends at the first end of a sentence after this many
OVERLAP_TOKENS = 40  # repeated from the end of the previous passage, in whole sentences
TOKENS_PER_WORD = 1.3  # of common tokenizers, for English
LETTERS_PER_TOKEN = 4  # for scripts without spaces and for long words
PAUSE_SECONDS = 1.5  # a pause that also ends a sentence
SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
SENTENCE_BREAK = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and when it is said, in seconds, half-open."""

    start: float
    end: float
    text: str

    @property
    def tokens(self) -> int:
        return count_tokens(self.text)


@dataclass(frozen=True, slots=True)
class PassageText:
    """The sentences of one passage. Times are in seconds, half-open."""

    sentences: tuple[Sentence, ...]

    @property
    def start(self) -> float:
        return self.sentences[0].start

    @property
    def end(self) -> float:
        return max(sentence.end for sentence in self.sentences)

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)


def count_tokens(text: str) -> int:
    """Estimate how many tokens a model reads."""
    return max(1, round(max(len(text.split()) * TOKENS_PER_WORD, len(text) / LETTERS_PER_TOKEN)))


def split_sentences(cues: Sequence[TimedText]) -> list[Sentence]:
    """Return the sentences of the cues, each at most `MAX_TOKENS` long. Times within a cue are interpolated by letters.

    A sentence ends at punctuation or at a pause of `PAUSE_SECONDS`.
    """
    sentences: list[Sentence] = []
    pieces: list[Sentence] = []
    for cue in cues:
        if pieces and cue.start - pieces[-1].end >= PAUSE_SECONDS:
            sentences.append(_join(pieces))
            pieces = []
        for piece in _split_cue(cue):
            if pieces and sum(part.tokens for part in pieces) + piece.tokens > MAX_TOKENS:
                sentences.append(_join(pieces))
                pieces = []
            pieces.append(piece)
            if SENTENCE_END.search(piece.text):
                sentences.append(_join(pieces))
                pieces = []
    return sentences + ([_join(pieces)] if pieces else [])


def cut_passages(sentences: Sequence[Sentence]) -> list[PassageText]:
    """Return passages of `MIN_TOKENS` to `MAX_TOKENS` that overlap by `OVERLAP_TOKENS`, in whole sentences.

    The last passage may be shorter.
    """
    passages: list[PassageText] = []
    current: list[Sentence] = []
    fresh = 0  # sentences that no earlier passage has
    for sentence in sentences:
        tokens = sum(part.tokens for part in current)
        if fresh and (tokens >= MIN_TOKENS or tokens + sentence.tokens > MAX_TOKENS):
            passages.append(PassageText(tuple(current)))
            current, fresh = _take_overlap(current, sentence), 0
        current.append(sentence)
        fresh += 1
    if fresh:
        passages.append(PassageText(tuple(current)))
    return passages


def _take_overlap(sentences: Sequence[Sentence], following: Sentence) -> list[Sentence]:
    taken: list[Sentence] = []
    tokens = following.tokens
    for sentence in reversed(sentences[1:]):
        tokens += sentence.tokens
        if sum(part.tokens for part in taken) + sentence.tokens > OVERLAP_TOKENS or tokens > MAX_TOKENS:
            break
        taken.insert(0, sentence)
    return taken


def _split_cue(cue: TimedText) -> list[Sentence]:
    """Return the parts of a cue that end at punctuation or after `MAX_TOKENS`."""
    text = " ".join(cue.text.split())
    parts = [part for sentence in SENTENCE_BREAK.split(text) if sentence for part in _split_long(sentence)]
    letters = sum(len(part) for part in parts) or 1
    pieces, place = [], 0
    for part in parts:
        start = cue.start + (cue.end - cue.start) * place / letters
        place += len(part)
        pieces.append(Sentence(start, cue.start + (cue.end - cue.start) * place / letters, part.strip()))
    return pieces


def _split_long(text: str) -> list[str]:
    longest = MAX_TOKENS * LETTERS_PER_TOKEN // 2
    parts = []
    while len(text) > longest:
        cut = text.rfind(" ", 1, longest)
        cut = cut if cut > 0 else longest
        parts.append(text[:cut])
        text = text[cut:].lstrip()
    return [*parts, text] if text else parts


def _join(pieces: Sequence[Sentence]) -> Sentence:
    return Sentence(
        pieces[0].start, max(piece.end for piece in pieces), " ".join(piece.text for piece in pieces).strip()
    )
