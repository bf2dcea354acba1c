"""Find what is done in a sales conversation by cue words and punctuation, without a language model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language_info

from chat.agents.task import Subject
from chat.agents.work.sales.cues import OBJECTION, STRATEGIES, TECHNIQUES, compile_cues
from videos.transcripts.languages import detect_language
from videos.transcripts.passages import Sentence

DISCOVERY = "Discovery questions"
ACKNOWLEDGEMENT = "Acknowledgement"
QUESTION_END = re.compile(r"[?？؟][\"'”’»)\]]*$")
FIGURE = re.compile(r"[$€£¥]?\d[\d.,]*(?:\s?[%€£$¥])?")
WORD = re.compile(r"\w+")
MAX_ANSWER_SENTENCES = 3
MAX_PAUSE_SECONDS = 10.0  # between a question and its answer
MIN_ANSWER_LETTERS = 12
MAX_FIGURES = 5  # that are quoted


@dataclass(frozen=True, slots=True)
class Found:
    """A technique or a strategy, and the sentences in which it was recognised."""

    name: str
    description: str
    sentences: Sequence[Sentence]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question or an objection, and the sentences that follow it as the answer."""

    opening: Sentence
    answer: Sequence[Sentence]

    @property
    def answer_text(self) -> str:
        return " ".join(sentence.text for sentence in self.answer)

    @property
    def end(self) -> float:
        return max((sentence.end for sentence in self.answer), default=self.opening.end)


@dataclass(frozen=True, slots=True)
class Findings:
    """What was recognised in a transcript. Without `is_known`, there are no cue words for its language."""

    language: str
    is_known: bool
    techniques: Sequence[Found]
    strategies: Sequence[Found]
    objections: Sequence[Exchange]
    questions: Sequence[Exchange]
    question_count: int
    metrics: Sequence[dict[str, Any]]

    @property
    def is_empty(self) -> bool:
        return not (self.techniques or self.strategies or self.objections)


def find_sales_talk(subject: Subject) -> Findings:
    """Return what was recognised in the transcript of a video."""
    sentences = subject.sentences
    language = find_language(subject)
    cues = compile_cues(language)
    is_question = [bool(QUESTION_END.search(sentence.text)) for sentence in sentences]
    is_objection = [_is_objection(sentence, cues) for sentence in sentences]
    openings = [one or other for one, other in zip(is_question, is_objection, strict=True)]
    questions = [_list_answer(sentences, openings, at) for at, found in enumerate(is_question) if found]
    objections = [_list_answer(sentences, openings, at) for at, found in enumerate(is_objection) if found]
    return Findings(
        language=language,
        is_known=bool(cues),
        techniques=_find(TECHNIQUES, sentences, is_question, cues) if cues else _list_questions(sentences, is_question),
        strategies=_find(STRATEGIES, sentences, is_question, cues),
        objections=objections,
        questions=[one for one in questions if len(one.answer_text) >= MIN_ANSWER_LETTERS],
        question_count=sum(is_question),
        metrics=_measure(sentences, sum(is_question), objections),
    )


def find_language(subject: Subject) -> str:
    """Return the language of a transcript as ISO 639-1. Empty if it is unclear."""
    return subject.language.partition("-")[0] or detect_language(sentence.text for sentence in subject.sentences)


def name_language(code: str) -> str:
    """Return the English name of a language, ISO 639-1."""
    try:
        return str(get_language_info(code)["name"]) if code else "a language that was not recognised"
    except KeyError:
        return f"the language {code}"


def _find(
    names: dict[str, str], sentences: Sequence[Sentence], is_question: Sequence[bool], cues: dict[str, re.Pattern[str]]
) -> list[Found]:
    """Return which of the named techniques or strategies occur. A discovery question is a question too."""
    found = []
    for name, description in names.items():
        matches = [
            sentence
            for sentence, asks in zip(sentences, is_question, strict=True)
            if name in cues and cues[name].search(sentence.text) and (asks or name != DISCOVERY)
        ]
        if matches:
            found.append(Found(name, description, matches))
    return found


def _list_questions(sentences: Sequence[Sentence], is_question: Sequence[bool]) -> list[Found]:
    """Return the questions, which are all that is recognised in a language without cue words."""
    asked = [sentence for sentence, asks in zip(sentences, is_question, strict=True) if asks]
    return [Found("Questions", "Questions are asked.", asked)] if asked else []


def _list_answer(sentences: Sequence[Sentence], openings: Sequence[bool], at: int) -> Exchange:
    """Return the sentence at a place with those that follow it, up to the next question or objection."""
    answer: list[Sentence] = []
    last = sentences[at]
    for place in range(at + 1, min(at + 1 + MAX_ANSWER_SENTENCES, len(sentences))):
        if openings[place] or sentences[place].start - last.end > MAX_PAUSE_SECONDS:
            break
        last = sentences[place]
        answer.append(last)
    return Exchange(sentences[at], answer)


def _is_objection(sentence: Sentence, cues: dict[str, re.Pattern[str]]) -> bool:
    """Return whether a sentence objects. One that acknowledges an objection answers it."""
    if OBJECTION not in cues or not cues[OBJECTION].search(sentence.text):
        return False
    return not cues[ACKNOWLEDGEMENT].search(sentence.text)


def _measure(sentences: Sequence[Sentence], questions: int, objections: Sequence[Exchange]) -> list[dict[str, Any]]:
    words = sum(len(WORD.findall(sentence.text)) for sentence in sentences)
    minutes = sum(sentence.end - sentence.start for sentence in sentences) / 60
    with_figures = [sentence for sentence in sentences if FIGURE.search(sentence.text)]
    metrics: list[dict[str, Any]] = [
        {"name": "Words", "value": words},
        {"name": "Words per minute", "value": round(words / minutes) if minutes > 0 else 0},
        {"name": "Questions", "value": questions},
        {"name": "Objections", "value": len(objections)},
        {"name": "Objections with a response", "value": sum(bool(one.answer) for one in objections)},
        {"name": "Sentences with figures", "value": len(with_figures)},
    ]
    for sentence in with_figures[:MAX_FIGURES]:
        figure = " ".join(FIGURE.findall(sentence.text)).strip(" .,")
        metrics.append({"name": "Figure", "value": figure, "quote": sentence.text, "start": round(sentence.start, 3)})
    return metrics
