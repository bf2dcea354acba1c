"""Summarise a transcript and find its chapters by the vectors of its sentences, without a language model.

The summary follows LexRank (Erkan and Radev 2004): sentences that resemble many others are central. The chapters follow
TextTiling (Hearst 1997): a topic ends where the sentences before and after resemble each other least.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.transcripts.passages import Sentence

MIN_SUMMARY_LETTERS = 200
MAX_SUMMARY_LETTERS = 800
TARGET_SUMMARY_LETTERS = 500
MAX_SIMILARITY = 0.9  # of two sentences of a summary, so that it does not repeat itself
MIN_CHAPTER_SECONDS = 60.0
MAX_CHAPTERS = 20
CHAPTER_WINDOW = 6  # sentences on each side of a possible border
DEPTH_DEVIATIONS = 0.5  # a border is deeper than the mean of all by this many standard deviations
MAX_SENTENCES = 20_000  # of a text that is divided into chapters; more would take too much memory
MAX_TITLE_WORDS = 8
QUESTION_COUNT = 3
WORD = re.compile(r"[^\W\d_][\w'’-]+")


def summarise(sentences: Sequence[Sentence], vectors: NDArray[np.float32]) -> str:
    """Return the most central sentences in their order, `MIN_SUMMARY_LETTERS` to `MAX_SUMMARY_LETTERS` long.

    `vectors` is (sentences, dimensions), each of length 1. Returns all text if it is shorter.
    """
    text = " ".join(sentence.text for sentence in sentences)
    if len(text) <= TARGET_SUMMARY_LETTERS or not sentences:
        return shorten(text)
    chosen: list[int] = []
    length = 0
    for index in np.argsort(-rank_sentences(sentences, vectors), kind="stable"):
        letters = len(sentences[index].text) + 1
        repeats = any(float(vectors[index] @ vectors[other]) > MAX_SIMILARITY for other in chosen)
        if repeats or length + letters > MAX_SUMMARY_LETTERS:
            continue
        chosen.append(int(index))
        length += letters
        if length >= TARGET_SUMMARY_LETTERS:
            break
    if length < MIN_SUMMARY_LETTERS:
        return shorten(text)
    return " ".join(sentences[index].text for index in sorted(chosen))


def rank_sentences(sentences: Sequence[Sentence], vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how central each sentence is: its mean similarity to all, less for very short and very long ones."""
    centre = vectors.mean(axis=0)
    lengths = np.array([len(sentence.text) for sentence in sentences])
    fitting = np.clip(lengths / 60, 0, 1) * np.clip(240 / np.maximum(lengths, 1), 0.3, 1)
    return np.asarray(vectors @ centre * fitting, np.float64)


def find_chapters(sentences: Sequence[Sentence], vectors: NDArray[np.float32]) -> list[tuple[float, str]]:
    """Return the start in seconds and the title of each chapter. Empty for a text with one topic."""
    borders = _find_borders(sentences, vectors)
    if not borders:
        return []
    edges = [0, *borders, len(sentences)]
    words = [_list_words(sentence.text) for sentence in sentences]
    spread: Counter[str] = Counter()
    for start, end in pairwise(edges):
        spread.update({word for sentence in words[start:end] for word in sentence})
    chapters = []
    for start, end in pairwise(edges):
        counts = Counter(word for sentence in words[start:end] for word in sentence)
        at = 0.0 if start == 0 else sentences[start].start
        chapters.append((round(at, 2), _name_chapter(sentences[start:end], counts, spread, len(edges) - 1)))
    return chapters


def _find_borders(sentences: Sequence[Sentence], vectors: NDArray[np.float32]) -> list[int]:
    count = len(sentences)
    if (
        not 4 * CHAPTER_WINDOW <= count <= MAX_SENTENCES
        or sentences[-1].end - sentences[0].start < 2 * MIN_CHAPTER_SECONDS
    ):
        return []
    sums = np.concatenate([np.zeros((1, vectors.shape[1])), np.cumsum(vectors, axis=0, dtype=np.float64)])
    places = np.arange(CHAPTER_WINDOW, count - CHAPTER_WINDOW + 1)
    before = sums[places] - sums[places - CHAPTER_WINDOW]
    after = sums[places + CHAPTER_WINDOW] - sums[places]
    norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    similarity = (before * after).sum(axis=1) / np.maximum(norms, 1e-9)
    left = np.maximum.accumulate(similarity)
    right = np.maximum.accumulate(similarity[::-1])[::-1]
    depth = left + right - 2 * similarity
    least = depth.mean() + DEPTH_DEVIATIONS * depth.std()
    borders: list[int] = []
    for index in np.argsort(-depth, kind="stable"):
        place = int(places[index])
        starts = [sentences[0].start, sentences[-1].end, *(sentences[border].start for border in borders)]
        apart = min(abs(sentences[place].start - start) for start in starts) >= MIN_CHAPTER_SECONDS
        if depth[index] >= least and depth[index] > 0 and apart:
            borders.append(place)
        if len(borders) >= MAX_CHAPTERS - 1:
            break
    return sorted(borders)


def _name_chapter(sentences: Sequence[Sentence], counts: Counter[str], spread: Counter[str], total: int) -> str:
    """Return the beginning of the sentence with the most words that are typical of this chapter."""

    def weigh(word: str) -> float:
        return counts[word] * math.log(1 + total / spread[word])

    def score(sentence: Sentence) -> float:
        words = set(_list_words(sentence.text))
        return sum(sorted((weigh(word) for word in words), reverse=True)[:4]) if words else 0.0

    best = max(sentences, key=score)
    words = best.text.split()
    title = " ".join(words[:MAX_TITLE_WORDS]).rstrip(".,;:!?…")
    title = title[:1].upper() + title[1:]
    return f"{title}…" if len(words) > MAX_TITLE_WORDS else title


def suggest_questions(sentences: Sequence[Sentence], vectors: NDArray[np.float32]) -> list[str]:
    """Return questions about the most prominent terms of the text, in English. Empty for a very short text."""
    counts = Counter(word.lower() for sentence in sentences for word in _list_words(sentence.text))
    names = [word for word, count in counts.most_common(40) if count > 1 and len(word) > 4][:QUESTION_COUNT]
    forms = ("What is said about {}?", "When is {} mentioned first?", "Why does {} matter here?")
    return [form.format(f"“{name}”") for form, name in zip(forms, names, strict=False)]


def _list_words(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text) if len(word) > 3]


def shorten(text: str) -> str:
    """Return the text, cut at a word to `MAX_SUMMARY_LETTERS`."""
    if len(text) <= MAX_SUMMARY_LETTERS:
        return text
    cut = text.rfind(" ", 0, MAX_SUMMARY_LETTERS - 1)
    return text[: cut if cut > 0 else MAX_SUMMARY_LETTERS - 1] + "…"
