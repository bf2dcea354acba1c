"""Choose sentences of transcripts by vectors and words, without a language model."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chat.agents.task import Task
from videos.transcripts import topics
from videos.transcripts.passages import Sentence

HOSTED_HINT = (
    "\n\n*Made on this machine without a language model: sentences are quoted as they were said. A hosted model, which "
    "the operator sets as AGENT_MODEL, would {more}.*"
)
MAX_SIMILARITY = 0.9  # of two chosen sentences, so that the choice does not repeat itself
WORD = re.compile(r"\w{3,}")
OVERLAP_WEIGHT = 0.5  # of the share of the question's words that a sentence has, beside the cosine


def add_hint(more: str) -> str:
    """Return what to tell users of the local engine that a hosted model would do."""
    return HOSTED_HINT.format(more=more)


def pick_central(task: Task, sentences: Sequence[Sentence], count: int) -> list[Sentence]:
    """Return the `count` sentences that are most typical of all, in order of time. May raise `ProviderError`."""
    vectors = task.embed([sentence.text for sentence in sentences])
    chosen: list[int] = []
    for index in np.argsort(-topics.rank_sentences(sentences, vectors), kind="stable"):
        if all(float(vectors[index] @ vectors[other]) <= MAX_SIMILARITY for other in chosen):
            chosen.append(int(index))
        if len(chosen) == count:
            break
    return [sentences[index] for index in sorted(chosen)]


def score_sentences(task: Task, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return how well each text fits a question: its cosine, and more for each word of the question that it has."""
    vectors = task.embed([question, *texts])
    asked = _list_words(question)
    overlap = [len(asked & _list_words(text)) / max(1, len(asked)) for text in texts]
    scores: NDArray[np.float32] = vectors[1:] @ vectors[0] + OVERLAP_WEIGHT * np.array(overlap, np.float32)
    return scores


def _list_words(text: str) -> set[str]:
    return {word.lower() for word in WORD.findall(text)}
