"""Write the text of an answer to its stream, with checked citations. Only workers import this module."""

import logging
import uuid
from typing import Any

from accounts.credentials.provider_keys import describe_caller
from chat import streams
from chat.answering.citations import CitationFilter
from chat.answering.endings import finish_answer
from chat.models import Message
from chat.streams import AnswerWriter, Kind, WrittenAnswer
from sage.jobs.registry import Save
from sage.providers import registry
from sage.providers.errors import ProviderError

log = logging.getLogger(__name__)
MAX_EMBEDDED_LETTERS = 2_000  # of a message


class AnswerText:
    """The text of an answer while it is written, with its checked citations and what an agent adds."""

    def __init__(self, answer: Message, earlier: WrittenAnswer) -> None:
        self.content = ""
        self.model = ""
        self._answer = answer
        self._stream = AnswerWriter(answer.pk, earlier.last)
        self._filter = CitationFilter([])
        self._cited = 0
        self._citations: list[dict[str, Any]] = []
        self._progress = earlier.progress
        self._outputs: list[str] = []
        self._parts: list[dict[str, Any]] = []

    @property
    def is_empty(self) -> bool:
        return not (self.content.strip() or self._outputs or self._parts)

    @property
    def output_count(self) -> int:
        return len(self._outputs)

    def cite(self, checker: CitationFilter) -> None:
        """Check the citations of the text that follows."""
        self.finish()
        self._filter, self._cited = checker, 0

    def add(self, piece: str) -> None:
        self._append(self._filter.feed(piece))

    def add_unchecked(self, piece: str) -> None:
        """Add text whose brackets are no citations."""
        self.finish()
        self._append(piece.replace("\x00", ""))

    def finish(self) -> None:
        """Add what was held back because it could become a citation."""
        self._append(self._filter.finish())

    def report(self, progress: str) -> None:
        """Say what is being done, unless it was said last."""
        if progress != self._progress:
            self._progress = progress
            self._stream.append(Kind.PROGRESS, progress)

    def add_output(self, output_id: uuid.UUID) -> None:
        self._outputs.append(str(output_id))
        self._stream.append(Kind.OUTPUT, str(output_id))

    def add_part(self, part: dict[str, Any]) -> None:
        self._parts.append(part)
        self._stream.append(Kind.PART, streams.encode(part))

    def complete(self) -> Save:
        vectors = embed_messages(self._answer, self.content)

        def save() -> None:
            finish_answer(self._answer, Message.Status.COMPLETE, self._as_written(), model=self.model)
            for message_id, model, vector in vectors:
                Message.all_objects.filter(pk=message_id).update(model=model, vector=vector)

        return save

    def fail(self, error: dict[str, str]) -> Save:
        return lambda: finish_answer(self._answer, Message.Status.FAILED, self._as_written(), error, model=self.model)

    def _append(self, text: str) -> None:
        if not text:
            return
        self._stream.append(Kind.TEXT, text)
        self.content += text
        for citation in self._filter.citations[self._cited :]:
            self._citations.append(citation)
            self._stream.append(Kind.CITATION, streams.encode(citation))
        self._cited = len(self._filter.citations)

    def _as_written(self) -> WrittenAnswer:
        return WrittenAnswer(
            self.content,
            self._citations,
            0,
            is_ended=False,
            entries=self._stream.entries,
            outputs=self._outputs,
            parts=self._parts,
        )


def embed_messages(answer: Message, content: str) -> list[tuple[uuid.UUID, str, list[float]]]:
    """Return the vectors of a question and its answer, for search. Empty if the model is unavailable."""
    question = Message.objects.filter(conversation=answer.conversation_id, number__lt=answer.number, role="user").last()
    rows = [(answer.pk, content), *([(question.pk, question.content)] if question else [])]
    try:
        embedder = registry.choose_text_embedder(**describe_caller(answer.conversation.owner_id, "TEXT_VECTOR_MODEL"))
        vectors = embedder.embed([text[:MAX_EMBEDDED_LETTERS] for _, text in rows])
    except ProviderError as error:
        log.warning("chat: messages have no vectors: %s", error)
        return []
    return [(pk, embedder.model, vector.tolist()) for (pk, _), vector in zip(rows, vectors, strict=True)]
