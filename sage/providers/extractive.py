"""Answer questions by quoting the sentences that fit best. This runs on this machine and needs no key."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sage.providers.errors import ModelMissing
from sage.providers.prompts import reject_images
from sage.providers.protocols import ChatMessage, ChatSource
from sage.providers.registry import choose_text_embedder

MOST_QUOTES = 3
# Cosine plus OVERLAP_WEIGHT for a sentence with all words of the question. Tuned with WordLlama, 256 dimensions, on the
# tuning questions of tests/benchmarks/chat: answers reached 0.36, and 11 of 12 other questions at most 0.26.
THRESHOLD = 0.3
OVERLAP_WEIGHT = 0.3
RELATIVE_THRESHOLD = 0.6  # of the best score, for the second and the third quote
LEAD = "These passages may answer your question:"
OVERVIEW_LEAD = "These passages are typical of the video:"
NOT_SAID = "This is not said in the video."
NO_SOURCES = "There is no text to quote. Add a transcript or notes to the video, then ask again."
NO_QUESTION = "Ask a question about the video."
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")
WORD = re.compile(r"\w+(?:['’]\w+)?")
SUFFIX = re.compile(r"(?:'s|’s|ing|ed|es|s)$")
STOP_WORDS = frozenset(
    WORD.findall(
        "a about after all also am an and any anyone are as at be because been before being but by can could did do "
        "does don't for from had has have he her here him his how i if in into is it it's its just like many me more "
        "most much my no not of on one only or other our out over say said says she should so some than that that's "
        "the their them then there these they this those to too up us was we were what what's when where which while "
        "who whom whose why will with would you your"
    )
)
OVERVIEW_WORDS = STOP_WORDS | frozenset(
    WORD.findall(
        "brief briefly clip content describe explain film footage give happen happens key main movie overview please "
        "point points recap sum summarise summarize summary talk talks tell topic topics transcript video videos"
    )
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    label: str


class ExtractiveChatModel:
    """Quote the sentences of the sources that fit the last message of the user best."""

    sees = False

    def __init__(self, name: str) -> None:
        """Accept the name "quotes". Raises `ModelMissing`."""
        if name != "quotes":
            raise ModelMissing(f"The engine extractive has no model {name}. Use extractive:quotes.")
        self.model = f"extractive:{name}"

    def stream(
        self, messages: Sequence[ChatMessage], sources: Sequence[ChatSource] = (), max_tokens: int = 1024
    ) -> Iterator[str]:
        """Yield a sentence that says what follows, and up to `MOST_QUOTES` quotes, each with the label of its source.

        A question for a summary gets the sentences that are closest to the mean of all. `max_tokens` has no effect.
        """
        reject_images(messages, self.model)
        question = next((message.content for message in reversed(messages) if message.role == "user"), "")
        sentences = _split_sources(sources)
        if not sentences:
            yield NO_SOURCES
        elif not WORD.search(question):
            yield NO_QUESTION
        elif _find_words(question, OVERVIEW_WORDS):
            yield from _quote(_find_answers(question, sentences), LEAD)
        else:
            yield from _quote(_find_typical(sentences), OVERVIEW_LEAD)


def _quote(sentences: list[_Sentence], lead: str) -> Iterator[str]:
    if not sentences:
        yield NOT_SAID
        return
    yield lead
    for sentence in sentences:
        yield f"\n\n“{sentence.text}” {sentence.label}"


def _split_sources(sources: Sequence[ChatSource]) -> list[_Sentence]:
    """Return the distinct sentences of the sources that have a word."""
    sentences: dict[str, _Sentence] = {}
    for source in sources:
        for text in SENTENCE_END.split(source.text):
            if WORD.search(text):
                sentences.setdefault(text.strip(), _Sentence(text.strip(), source.label))
    return list(sentences.values())


def _find_answers(question: str, sentences: list[_Sentence]) -> list[_Sentence]:
    """Return the sentences whose score reaches the thresholds, best first."""
    vectors = choose_text_embedder().embed([question, *(sentence.text for sentence in sentences)])
    asked = _find_words(question, STOP_WORDS)
    overlap = [len(asked & _find_words(sentence.text, STOP_WORDS)) / max(1, len(asked)) for sentence in sentences]
    scores = vectors[1:] @ vectors[0] + OVERLAP_WEIGHT * np.array(overlap, np.float32)
    return _take_best(sentences, scores, max(THRESHOLD, RELATIVE_THRESHOLD * float(scores.max())))


def _find_typical(sentences: list[_Sentence]) -> list[_Sentence]:
    """Return the sentences that are closest to the mean of all, in the order of the sources."""
    vectors = choose_text_embedder().embed([sentence.text for sentence in sentences])
    best = _take_best(sentences, vectors @ vectors.mean(axis=0), -np.inf)
    return [sentence for sentence in sentences if sentence in best]


def _take_best(sentences: list[_Sentence], scores: NDArray[np.float32], threshold: float) -> list[_Sentence]:
    order = np.argsort(-scores, kind="stable")[:MOST_QUOTES]
    return [sentences[index] for index in order if scores[index] >= threshold]


def _find_words(text: str, ignored: frozenset[str]) -> set[str]:
    """Return the words of a text in lower case without common suffixes and without `ignored` words."""
    words = {word.lower().replace("’", "'") for word in WORD.findall(text)}
    return {SUFFIX.sub("", word) if len(word) > 4 else word for word in words - ignored}
