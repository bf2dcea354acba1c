"""Write an answer: collect passages, ask the model, and stream what it says. Only workers import this module."""

import logging
import threading
import uuid
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any, TypeAlias, cast

from django.conf import settings

from accounts.credentials.provider_keys import describe_caller
from accounts.viewer import AuthenticationMethod, Viewer
from chat import streams
from chat.answering import changes, prompts, sources
from chat.answering.citations import CitationFilter
from chat.answering.endings import END_MESSAGES, finish_answer
from chat.models import AnswerJob, Message
from chat.streams import AnswerWriter, Kind, StreamEnded
from sage.errors import ApplicationError
from sage.jobs.errors import LostLease, WorkerStopping
from sage.jobs.heartbeat import Heartbeat, iterate_in_groups, take_place
from sage.jobs.registry import Save
from sage.providers import registry
from sage.providers.errors import ProviderError
from sage.providers.protocols import ChatModel
from videos.models import Comparison

log = logging.getLogger(__name__)
Status = Message.Status
MAX_EMBEDDED_LETTERS = 2_000  # of a message
Pieces: TypeAlias = Generator[str, None, None]
MAX_ANSWER_LETTERS = 40_000  # a longer answer is cut off
MAX_ANSWER_TOKENS = 2_048
APPEND_SECONDS = 0.1  # between two entries of a stream; many answers at once would need too many
PREPARED_AT_ONCE = 4  # answers; more would take longer each, because preparing one keeps the processor busy
_preparing = threading.BoundedSemaphore(PREPARED_AT_ONCE)
LOCAL_ENGINE = "extractive"
CHOOSE_A_VIDEO = "No video was chosen, and nothing in your library was found for this. Choose a video, then ask again."
CUT_OFF = "\n\n…"


def write_answer(job: AnswerJob, heartbeat: Heartbeat) -> Save:
    """Stream the answer of a job. An answer that an earlier attempt has begun is marked as broken."""
    answer = job.message
    earlier = streams.read_answer(answer.pk)
    if earlier.content:
        return lambda: finish_answer(answer, Status.FAILED, earlier, END_MESSAGES["broken"])
    writer = _AnswerText(answer, earlier.last)
    try:
        with take_place(_preparing, heartbeat):
            create = _prepare(answer, writer)
        with closing(iterate_in_groups(create, heartbeat, APPEND_SECONDS)) as groups:
            for pieces in groups:
                writer.add("".join(pieces))
                if writer.is_full:
                    writer.cut_off()
                    break
        writer.finish()
    except StreamEnded as error:
        raise LostLease from error
    except WorkerStopping:
        if not writer.content:
            raise
        return writer.fail(END_MESSAGES["broken"])
    except ProviderError as error:
        return writer.fail({"code": "PROVIDER_ERROR", "message": str(error)})
    except ApplicationError as error:
        return writer.fail({"code": error.code, "message": error.message})
    if not writer.content.strip():
        return writer.fail(END_MESSAGES["empty"])
    return writer.complete()


class _AnswerText:
    """The text of an answer while it is written, with its checked citations."""

    def __init__(self, answer: Message, last: int) -> None:
        self.content = ""
        self.model = ""
        self._answer = answer
        self._stream = AnswerWriter(answer.pk, last)
        self._filter = CitationFilter([])
        self._cited = 0

    @property
    def is_full(self) -> bool:
        return len(self.content) > MAX_ANSWER_LETTERS

    def cite(self, checker: CitationFilter) -> None:
        """Check the citations of the text that follows."""
        self._filter = checker

    def add(self, piece: str) -> None:
        """Append the checked text of a piece, which is cut off if the answer is too long."""
        self._append(self._filter.feed(piece[: MAX_ANSWER_LETTERS + 1 - len(self.content)]))

    def cut_off(self) -> None:
        self._append(self._filter.feed(CUT_OFF))

    def finish(self) -> None:
        self._append(self._filter.finish())

    def complete(self) -> Save:
        vectors = embed_messages(self._answer, self.content)

        def save() -> None:
            finish_answer(self._answer, Status.COMPLETE, self._as_written(), model=self.model)
            for message_id, model, vector in vectors:
                Message.all_objects.filter(pk=message_id).update(model=model, vector=vector)

        return save

    def fail(self, error: dict[str, str]) -> Save:
        return lambda: finish_answer(self._answer, Status.FAILED, self._as_written(), error, model=self.model)

    def _append(self, text: str) -> None:
        if not text:
            return
        self._stream.append(Kind.TEXT, text)
        self.content += text
        for citation in self._filter.citations[self._cited :]:
            self._stream.append(Kind.CITATION, streams.encode(citation))
        self._cited = len(self._filter.citations)

    def _as_written(self) -> streams.WrittenAnswer:
        citations, entries = self._filter.citations, self._stream.entries
        return streams.WrittenAnswer(self.content, citations, 0, is_ended=False, entries=entries)


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


def _prepare(answer: Message, writer: _AnswerText) -> Callable[[], Pieces]:
    """Return the function that generates the text of an answer. It needs no database."""
    conversation = answer.conversation
    viewer = _find_viewer(conversation)
    messages = Message.objects.filter(conversation=conversation, number__lt=answer.number).order_by("-number")
    history = list(messages[: prompts.MAX_HISTORY + 3])
    question = next(message for message in history if message.role == Message.Role.USER)
    earlier = [message for message in reversed(history) if message.number < question.number]
    topics = sources.choose_topics(viewer, conversation, question)
    comparison = _find_comparison(viewer, conversation) if not question.video_ids else None
    if not topics and not _is_about_something(conversation):
        topics = sources.choose_from_library(viewer, question.content)
    evidence = sources.collect_evidence(viewer, topics, question.content, comparison)
    writer.cite(CitationFilter(evidence.citables))
    if comparison and _is_local() and changes.asks_for_changes(question.content):
        writer.model = settings.CHAT_MODEL
        differences = sources.list_differences(comparison)
        return lambda: _say("".join(changes.describe_changes(differences)))
    if _is_local() and not topics:
        writer.model = settings.CHAT_MODEL
        return lambda: _say(CHOOSE_A_VIDEO)
    model: ChatModel = registry.choose_chat_model(**describe_caller(conversation.owner_id, "CHAT_MODEL"))
    writer.model = model.model
    images = sources.load_frames(topics, evidence.citables) if model.sees else []
    asked = prompts.build_messages(earlier, question.content, images, is_comparison=comparison is not None)
    if _is_local():  # the whole answer is computed at once
        given = [row.as_source() for row in evidence.citables]
        return lambda: _say("".join(model.stream(asked, given)))
    given = evidence.list_sources()
    return lambda: cast(Pieces, model.stream(asked, given, MAX_ANSWER_TOKENS))


def _say(text: str) -> Pieces:
    yield text


def _is_about_something(conversation: Any) -> bool:
    return bool(conversation.comparison_id or conversation.collection_id or conversation.topics.exists())


def _is_local() -> bool:
    return bool(settings.CHAT_MODEL.partition(":")[0] == LOCAL_ENGINE)


def _find_viewer(conversation: Any) -> Viewer:
    if conversation.owner:
        return Viewer(conversation.owner)
    return Viewer(guest_id=conversation.guest_id, method=AuthenticationMethod.GUEST)


def _find_comparison(viewer: Viewer, conversation: Any) -> Comparison | None:
    if conversation.comparison_id is None or viewer.user is None:
        return None
    rows = Comparison.objects.visible_to(viewer).select_related("video_a", "video_b")
    return rows.filter(pk=conversation.comparison_id).first()
