"""Run an agent: wait for the transcripts it needs, pass on what it reports, and store what it makes.

Only workers import this module. An output is stored as soon as it is reported. If a worker is lost after the first
output, the run is ended as interrupted, and keeps what was made.
"""

import dataclasses
from collections.abc import Generator, Iterable
from contextlib import closing

from django.db import transaction

from chat import streams
from chat.agents import looking, preparation, registry
from chat.agents.events import Event, NewOutput, Part, Progress, StoredOutput, Text
from chat.agents.preparation import Prepared
from chat.agents.registry import Agent
from chat.answering.citations import CitationFilter
from chat.answering.endings import END_MESSAGES, finish_answer
from chat.answering.writer import AnswerText
from chat.models import AnswerJob, Message
from chat.outputs import storage
from chat.outputs.models import Output
from chat.streams import StreamEnded
from sage.errors import ApplicationError, Conflict
from sage.jobs.errors import JobPostponed, LostLease, WorkerStopping
from sage.jobs.heartbeat import Heartbeat, iterate_in_groups
from sage.jobs.registry import Save
from sage.providers.errors import ProviderError

APPEND_SECONDS = 0.1  # between two entries of a stream
MAX_LETTERS = 200_000  # of a message of an agent; more is left out
MAX_EVENTS = 20_000  # of a run, so that an agent that repeats itself ends
WAIT_SECONDS = 3.0  # between two looks at the transcripts
WAITING = "Waiting for the transcript of “{title}”"
CALLED = "@{name} is working"
ENDLESS = {"code": "INTERNAL_ERROR", "message": "The agent did not end and was stopped. What it made is kept."}
REMOVED = {"code": "NOT_FOUND", "message": "This agent is no longer on this site. Ask without it."}
WITHOUT_TRANSCRIPT = (
    "The transcript of {what} could not be created, and @{agent} needs it. Upload a transcript on the page of the "
    "video, or retry there."
)


def run_agent(job: AnswerJob, heartbeat: Heartbeat) -> Save:
    """Run the agent of a job. Raises `JobPostponed` while a transcript is being created."""
    answer = job.message
    earlier = streams.read_answer(answer.pk)
    if earlier.has_begun or Output.all_objects.filter(message=answer).exists():
        return lambda: finish_answer(answer, Message.Status.FAILED, earlier, END_MESSAGES["broken"])
    writer = AnswerText(answer, earlier)
    agent = registry.find_agent(answer.agent)
    if agent is None:
        return writer.fail(REMOVED)
    try:
        return _run(agent, answer, writer, heartbeat)
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


def _run(agent: Agent, answer: Message, writer: AnswerText, heartbeat: Heartbeat) -> Save:
    if agent.transcribes:
        preparation.request_transcripts(answer)
    if (agent.needs_transcript or agent.waits_for_transcript) and (title := preparation.find_open_transcript(answer)):
        writer.report(WAITING.format(title=title))
        raise JobPostponed(WAIT_SECONDS)
    writer.report(CALLED.format(name=agent.name))
    prepared = preparation.prepare_task(agent, answer)
    task = prepared.task
    if agent.needs_transcript and task.missing and not any(subject.sentences for subject in task.subjects):
        what = f"“{task.missing[0]}”" if len(task.missing) == 1 else "these videos"
        raise Conflict(WITHOUT_TRANSCRIPT.format(what=what, agent=agent.name))
    writer.model = task.model_name
    writer.cite(CitationFilter(task.list_citables()))
    run = agent.load_run()

    def generate() -> Generator[Event, None, None]:
        yield from run(task)

    number = 0
    with closing(iterate_in_groups(generate, heartbeat, lambda: APPEND_SECONDS)) as groups:
        for events in groups:
            number += len(events)
            if number > MAX_EVENTS:
                return writer.fail(ENDLESS)
            for event in _join_texts(events):
                pass_on(event, prepared, answer, writer)
    writer.finish()
    return writer.fail(END_MESSAGES["empty"]) if writer.is_empty else writer.complete()


def _join_texts(events: Iterable[Event]) -> list[Event]:
    """Return the events with texts that follow each other joined, so that the stream has fewer entries."""
    joined: list[Event] = []
    for event in events:
        last = joined[-1] if joined else None
        if isinstance(event, Text) and isinstance(last, Text) and event.is_checked == last.is_checked:
            joined[-1] = Text(last.text + event.text, event.is_checked)
        else:
            joined.append(event)
    return joined


def pass_on(event: Event, prepared: Prepared, answer: Message, writer: AnswerText) -> None:
    """Write what an agent reports, and store what it has made."""
    match event:
        case Progress(text):
            writer.report(text)
        case Text(text, is_checked):
            if len(writer.content) < MAX_LETTERS:
                (writer.add if is_checked else writer.add_unchecked)(text)
        case Part(content):
            writer.add_part(content)
        case StoredOutput(output_id):
            writer.add_output(output_id)
        case NewOutput():
            _store(event, prepared, answer, writer)


def _store(new: NewOutput, prepared: Prepared, answer: Message, writer: AnswerText) -> None:
    """Store an output, charge for what a hosted model has looked at, and tell the readers.

    The row of the answer is locked: if it was stopped meanwhile, nothing is stored.
    """
    video = prepared.find_video(new.video_id)
    if new.is_cited:
        checker = CitationFilter(prepared.task.list_citables())
        content = checker.feed(new.content) + checker.finish()
        new = dataclasses.replace(new, content=content, metadata={**new.metadata, "citations": checker.citations})
    vector = storage.embed_output(new.content, answer.conversation.owner_id)
    with transaction.atomic():
        row = Message.all_objects.select_for_update(of=("self",)).get(pk=answer.pk)
        if not row.is_open:
            raise StreamEnded
        tokens = looking.capture(row, video, new.looked_seconds) if video and not new.error else 0
        question = prepared.task.question
        digest = looking.build_digest(video, question) if video and new.type == Output.Type.ANALYSIS else ""
        output = storage.store_output(
            answer, new, writer.output_count, video, question=question, digest=digest, tokens=tokens, vector=vector
        )
    writer.add_output(output.pk)
