"""Summarise a transcript with the engine of the setting SUMMARY_MODEL."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from accounts.credentials.provider_keys import CallerOptions
from sage.jobs.heartbeat import Heartbeat
from sage.providers import registry
from sage.providers.protocols import ChatMessage, ChatSource
from videos.transcripts import topics
from videos.transcripts.passages import Sentence, count_tokens

LOCAL_ENGINE = "extractive"
MAX_INPUT_TOKENS = 24_000  # of a transcript that is sent to a model; sentences beyond it are left out evenly
PROMPT = (
    "Summarise the transcript of this video in its own language, in 200 to 800 characters, without a heading. "
    "Then write a line with three dashes. Then write three questions that the video answers, each on a line of its own."
)


@dataclass(frozen=True, slots=True)
class VideoSummary:
    text: str
    questions: list[str]


def summarise(sentences: Sequence[Sentence], caller: CallerOptions, heartbeat: Heartbeat) -> VideoSummary:
    """Return the summary and up to three questions. May raise `ProviderError`."""
    if not sentences:
        return VideoSummary("", [])
    if settings.SUMMARY_MODEL.partition(":")[0] == LOCAL_ENGINE:
        vectors = registry.choose_text_embedder().embed([sentence.text for sentence in sentences])
        return VideoSummary(topics.summarise(sentences, vectors), topics.suggest_questions(sentences, vectors))
    model = registry.choose_summary_model(**caller)
    answer = ""
    for piece in model.stream([ChatMessage("user", PROMPT)], [ChatSource("[0:00]", _select_text(sentences))]):
        answer += piece
        heartbeat()
    return parse_answer(answer)


def parse_answer(answer: str) -> VideoSummary:
    """Return the summary and the questions of a model's answer, which may not follow the instructions."""
    text, _, questions = answer.partition("---")
    lines = [line.strip().lstrip("-*•0123456789.) ").strip() for line in questions.splitlines()]
    return VideoSummary(
        topics.shorten(" ".join(text.split())), [line[:200] for line in lines if line][: topics.QUESTION_COUNT]
    )


def _select_text(sentences: Sequence[Sentence]) -> str:
    tokens = sum(count_tokens(sentence.text) for sentence in sentences)
    step = max(1, -(-tokens // MAX_INPUT_TOKENS))
    return " ".join(sentence.text for sentence in sentences[::step])
