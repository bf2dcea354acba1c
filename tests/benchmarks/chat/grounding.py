"""Measure the citations of the local engine on labelled questions about 6 transcripts of public-domain texts.

Every second question is for tuning the engine, the others are for reporting.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.texts.passages import load_passages

FILE = Path(__file__).with_name("questions.txt")
VIDEO_PASSAGES = 6  # of each transcript
SENTENCE_SECONDS = 5
SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question, and words of the sentence that answers it. They are empty if no sentence does."""

    video: int
    text: str
    words: str


def load_questions(*, tuning: bool) -> Iterator[LabelledQuestion]:
    for block in FILE.read_text().split("= ")[1:]:
        number, *lines = block.strip().splitlines()
        for line in lines[0 if tuning else 1 :: 2]:
            text, _, words = line.removeprefix("? ").partition(" > ")
            yield LabelledQuestion(int(number), text, "" if words == "none" else words)


def load_transcript(video: int) -> list[str]:
    """Return the sentences of a transcript."""
    passages = load_passages()[video * VIDEO_PASSAGES : (video + 1) * VIDEO_PASSAGES]
    return [sentence for passage in passages for sentence in SENTENCE.split(passage.text)]


def report(tuning: bool) -> None:
    """Print the share of right first citations, and the share of questions without an answer that get none."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "sage.settings"
    import django

    django.setup()
    answered: list[bool] = []
    refused: list[bool] = []
    for question in load_questions(tuning=tuning):
        sentences = load_transcript(question.video)
        assert not question.words or any(question.words in sentence for sentence in sentences), question
        cited, text = _ask(question.text, sentences)
        is_right = question.words in cited if question.words else not cited
        (answered if question.words else refused).append(is_right)
        if not is_right:
            print(f"<!-- {question.text} → {cited[:90] or text[:90]} -->")
    name = "tuning" if tuning else "reporting"
    print(f"\n## Citations of the local engine, {name}\n\n| | share |\n|---|---|")
    print(f"| first citation is right | {sum(answered)} of {len(answered)} ({sum(answered) / len(answered):.2f}) |")
    print(f"| “not said” without an answer | {sum(refused)} of {len(refused)} ({sum(refused) / len(refused):.2f}) |\n")


def _ask(text: str, sentences: list[str]) -> tuple[str, str]:
    """Return the sentence of the first citation, which is empty if there is none, and the answer."""
    from sage.durations import format_timestamp
    from sage.providers.protocols import ChatMessage, ChatSource
    from sage.providers.registry import choose_chat_model

    by_label = {f"[{format_timestamp(place * SENTENCE_SECONDS)}]": text for place, text in enumerate(sentences)}
    sources = [ChatSource(label, sentence) for label, sentence in by_label.items()]
    answer = "".join(choose_chat_model().stream([ChatMessage("user", text)], sources))
    found = re.search(r"\[\d+:\d\d\]", answer)
    return by_label[found[0]] if found else "", answer
