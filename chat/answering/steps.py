"""Write an answer: collect passages, ask the model, and stream what it says. Only workers import this module."""

import itertools
import threading
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TypeAlias, cast

from django.conf import settings

from accounts.credentials.provider_keys import describe_caller
from chat import streams
from chat.agents.events import Event, Progress, Text
from chat.agents.preparation import Prepared, prepare_task
from chat.agents.registry import Agent
from chat.agents.runner import pass_on, run_agent
from chat.agents.tools import answer_with_tools, list_tools
from chat.answering import changes, prompts, sources
from chat.answering.citations import CitationFilter
from chat.answering.endings import END_MESSAGES, finish_answer
from chat.answering.evidence import Citable
from chat.answering.subjects import find_comparison, find_viewer, is_about_something
from chat.answering.writer import AnswerText
from chat.models import AnswerJob, Message
from chat.streams import StreamEnded
from sage.errors import ApplicationError
from sage.jobs.errors import LostLease, WorkerStopping
from sage.jobs.heartbeat import Heartbeat, iterate_in_groups, take_place
from sage.jobs.registry import Save
from sage.providers import registry
from sage.providers.errors import ProviderError
from sage.providers.protocols import ChatMessage, ChatModel, ChatSource, ChatTool, ToolModel

Status = Message.Status
MAX_ANSWER_LETTERS = 40_000  # a longer answer is cut off
MAX_ANSWER_TOKENS = 2_048
APPEND_SECONDS = 0.1  # between two entries of a stream
APPEND_SECONDS_EACH = 0.001  # added for each answer that this process writes, because each entry wakes two threads
PREPARED_AT_ONCE = 4  # answers; more would take longer each, because preparing one keeps the processor busy
_written: set[uuid.UUID] = set()  # the answers that this process writes now
_preparing = threading.BoundedSemaphore(PREPARED_AT_ONCE)
LOCAL_ENGINE = "extractive"
CHOOSE_A_VIDEO = "No video was chosen, and nothing in your library was found for this. Choose a video, then ask again."
NOT_READY = (
    "Nothing was found, but a transcript in your library is still being prepared. Choose a video, or ask again soon."
)
CUT_OFF = "\n\n…"


@dataclass(frozen=True, slots=True)
class Report:
    """What an agent reports while a model answers, beside its text."""

    event: Event
    prepared: Prepared | None
    answer: Message

    def pass_on(self, writer: AnswerText) -> None:
        """Show it, and store it if it is an output."""
        if self.prepared:
            pass_on(self.event, self.prepared, self.answer, writer)
        elif isinstance(self.event, Progress):
            writer.report(self.event.text)


Pieces: TypeAlias = Generator[str | Report, None, None]


def write_answer(job: AnswerJob, heartbeat: Heartbeat) -> Save:
    """Stream the answer of a job, or run its agent. An answer that an earlier attempt has begun is marked as broken."""
    answer = job.message
    if answer.agent:
        return run_agent(job, heartbeat)
    earlier = streams.read_answer(answer.pk)
    if earlier.has_begun:
        return lambda: finish_answer(answer, Status.FAILED, earlier, END_MESSAGES["broken"])
    writer = AnswerText(answer, earlier)
    _written.add(answer.pk)
    try:
        with take_place(_preparing, heartbeat):
            create = _prepare(answer, writer)
        with closing(iterate_in_groups(create, heartbeat, choose_pause)) as groups:
            for pieces in groups:
                _pass_on(pieces, writer)
                if len(writer.content) > MAX_ANSWER_LETTERS:
                    writer.add(CUT_OFF)
                    break
        writer.finish()
    except StreamEnded as error:
        raise LostLease from error
    except WorkerStopping:
        if writer.is_empty:
            raise
        return writer.fail(END_MESSAGES["broken"])
    except ProviderError as error:
        return writer.fail({"code": "PROVIDER_ERROR", "message": str(error)})
    except ApplicationError as error:
        return writer.fail({"code": error.code, "message": error.message})
    finally:
        _written.discard(answer.pk)
    if not writer.content.strip():
        return writer.fail(END_MESSAGES["empty"])
    return writer.complete()


def choose_pause() -> float:
    """Return the seconds between two entries of a stream. Readers see 3 entries a second of each of 200 answers."""
    return APPEND_SECONDS + APPEND_SECONDS_EACH * len(_written)


def _prepare(answer: Message, writer: AnswerText) -> Callable[[], Pieces]:
    """Return the function that generates the text of an answer. It needs no database."""
    conversation = answer.conversation
    viewer = find_viewer(conversation)
    messages = Message.objects.filter(conversation=conversation, number__lt=answer.number).order_by("-number")
    history = list(messages[: prompts.MAX_HISTORY + 3])
    question = next(message for message in history if message.role == Message.Role.USER)
    earlier = [message for message in reversed(history) if message.number < question.number]
    topics = sources.choose_topics(viewer, conversation, question)
    comparison = find_comparison(viewer, conversation) if not question.video_ids else None
    if not topics and not is_about_something(conversation):
        topics = sources.choose_from_library(viewer, question.content)
    evidence = sources.collect_evidence(viewer, topics, question.content, comparison)
    writer.cite(CitationFilter(evidence.citables))
    if comparison and _is_local() and changes.asks_for_changes(question.content):
        writer.model = settings.CHAT_MODEL
        differences = sources.list_differences(comparison)
        return lambda: _say("".join(changes.describe_changes(differences)))
    if _is_local() and not topics:
        writer.model = settings.CHAT_MODEL
        explanation = NOT_READY if sources.is_library_in_preparation(viewer) else CHOOSE_A_VIDEO
        return lambda: _say(explanation)
    model: ChatModel = registry.choose_chat_model(**describe_caller(conversation.owner_id, "CHAT_MODEL"))
    writer.model = model.model
    images = sources.load_frames(topics, evidence.citables) if model.sees else []
    asked = prompts.build_messages(earlier, question.content, images, is_comparison=comparison is not None)
    if _is_local():  # the whole answer is computed at once
        given = [row.as_source() for row in evidence.citables]
        return lambda: _say("".join(model.stream(asked, given)))
    given = evidence.list_sources()
    tools = list_tools(for_guest=viewer.user is None) if settings.CHAT_TOOLS and topics else []
    if isinstance(model, ToolModel) and tools and is_about_something(conversation):
        return lambda: _call_tools(answer, model, asked, given, tools, evidence.citables)
    return lambda: cast(Pieces, model.stream(asked, given, MAX_ANSWER_TOKENS))


def _pass_on(pieces: Iterable[str | Report], writer: AnswerText) -> None:
    """Write the texts of an answer, and store what the agents that its model calls have made."""
    for is_text, group in itertools.groupby(pieces, key=lambda piece: isinstance(piece, str)):
        if is_text:
            text = "".join(map(str, group))
            writer.add(text[: MAX_ANSWER_LETTERS + 1 - len(writer.content)])
            continue
        for report in group:
            assert isinstance(report, Report)  # noqa: S101 - the other type is str
            report.pass_on(writer)


def _say(text: str) -> Pieces:
    yield text


def _call_tools(
    answer: Message,
    model: ToolModel,
    asked: list[ChatMessage],
    given: list[ChatSource],
    tools: list[ChatTool],
    citables: list[Citable],
) -> Pieces:
    """Generate the answer of a model that may call agents. What they find can be cited."""
    prepared: Prepared | None = None

    def run(agent: Agent, request: str) -> Iterator[Event]:
        nonlocal prepared
        prepared = prepare_task(agent, answer, request)
        citables.extend(prepared.task.list_citables())
        yield from agent.load_run()(prepared.task)

    for event in answer_with_tools(model, asked, given, tools, run, MAX_ANSWER_TOKENS):
        if isinstance(event, Text):
            yield event.text
        else:
            yield Report(event, prepared, answer)


def _is_local() -> bool:
    return bool(settings.CHAT_MODEL.partition(":")[0] == LOCAL_ENGINE)
