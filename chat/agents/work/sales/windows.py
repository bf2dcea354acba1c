"""Choose what a model reads of a long transcript."""

from collections.abc import Sequence

from chat.agents.task import MAX_SOURCE_TOKENS
from videos.transcripts.passages import Sentence

WINDOW_TOKENS = 1_500  # of an excerpt: some minutes, so that questions keep their answers


def choose_windows(sentences: Sequence[Sentence], max_tokens: int = MAX_SOURCE_TOKENS) -> list[Sentence]:
    """Return all sentences, or those of excerpts of `WINDOW_TOKENS`, spread evenly, of at most `max_tokens` in all."""
    total = sum(sentence.tokens for sentence in sentences)
    if total <= max_tokens:
        return list(sentences)
    share = total / max(1, max_tokens // WINDOW_TOKENS)  # from the start of an excerpt to the start of the next one
    chosen, position = [], 0
    for sentence in sentences:
        if position % share + sentence.tokens <= min(WINDOW_TOKENS, max_tokens):
            chosen.append(sentence)
        position += sentence.tokens
    return chosen
