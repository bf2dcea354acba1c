"""Ask questions: check the quota, the transcripts and the price, store the question, and start its answer."""

import dataclasses
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.viewer import Viewer
from billing import charges
from chat import conversations, quota, streams
from chat.agents import looking, mentions, registry
from chat.agents.registry import Agent
from chat.answering.endings import build_reference, choose_operation, finish_answer, publish
from chat.answering.subjects import choose_videos
from chat.models import AnswerJob, Conversation, Message
from sage.errors import Conflict, NotFound
from sage.jobs import queue
from videos.models import Job, Video

NEEDED = (Job.Kind.PROBE, Job.Kind.INGEST, Job.Kind.METADATA, Job.Kind.TRANSCRIPT)  # for a transcript
DEFAULT_AGENT = "analysis"  # of a message that brings videos and names no agent
PROCESSING = "Transcript processing"
WITHOUT_TRANSCRIPT = (
    "The transcript of {what} could not be created. Nothing was asked. Upload a transcript on the page of the video, "
    "or retry there."
)


class NotReady(Exception):
    """The transcript of a chosen video is still being created. Nothing was stored."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NewQuestion:
    """A question. `video_ids` are videos that the message brings. `replaces` is a question that it is sent instead of.

    `agent` is the name of an agent; a mention in the text calls one too. `address` is the network address of the
    client, for the quota of guests. `exchange` is the `conv_id` of the socket.
    """

    text: str
    address: str
    video_ids: Sequence[str] = ()
    replaces: uuid.UUID | None = None
    exchange: str = ""
    agent: str = ""


def ask(viewer: Viewer, conversation: Conversation, new: NewQuestion) -> Message:
    """Store a question and return its answer, which a worker writes.

    Raises, in this order: `RateLimitExceeded` if the quota of the day is used up, `InvalidInput` or `Forbidden` if an
    agent cannot be called, `NotReady`, `Conflict` if no transcript could be created, and `InsufficientTokens`. Agents
    wait for transcripts themselves.
    """
    with transaction.atomic():
        quota.check_quota(viewer, new.address)
        videos = conversations.find_videos(viewer, new.video_ids)
        agent = _choose_agent(viewer, new, videos)
        if agent is None:
            check_transcripts(viewer, conversation, videos)
        _lock(conversation)
        replaced = _find_replaced(conversation, new.replaces) if new.replaces else None
        if replaced:
            _delete_from(conversation, replaced.number)
        number = _next_number(conversation)
        chat_type = Message.ChatType.VIDEO if videos or _is_about_videos(conversation) else Message.ChatType.TEXT
        question = Message.objects.create(
            conversation=conversation,
            number=number,
            role=Message.Role.USER,
            content=new.text,
            chat_type=chat_type,
            video_ids=[video.video_id for video in videos],
            exchange=new.exchange,
            agent=agent.name if agent else "",
        )
        conversations.suggest_title(conversation, new.text)
        return _begin_answer(viewer, question, new.address, number + 1)


def regenerate(viewer: Viewer, answer: Message, address: str) -> Message:
    """Write an answer again. The earlier one and what followed it are deleted. Raises what `ask` raises."""
    conversation = answer.conversation
    with transaction.atomic():
        quota.check_quota(viewer, address)
        rows = Message.objects.filter(conversation=conversation, number__lte=answer.number, role=Message.Role.USER)
        question = rows.order_by("-number").first()
        if answer.role != Message.Role.ASSISTANT or question is None:
            raise Conflict("Only an answer can be regenerated. Edit the question instead.")
        if not question.agent:
            check_transcripts(viewer, conversation, conversations.find_videos(viewer, question.video_ids))
        _lock(conversation)
        _delete_from(conversation, answer.number)
        return _begin_answer(viewer, question, address, _next_number(conversation), is_fresh=True)


def stop_answer(answer: Message) -> Message:
    """Stop an answer at the model too, and keep what was written. Do nothing if it has ended."""
    with transaction.atomic():
        queue.cancel(AnswerJob.rows().filter(message=answer))
        row = Message.all_objects.select_for_update(of=("self",)).get(pk=answer.pk)
        if row.is_open:
            written = streams.end_answer(row.pk, Message.Status.STOPPED)
            finish_answer(row, Message.Status.STOPPED, written)
    answer.refresh_from_db()
    return answer


def check_transcripts(viewer: Viewer, conversation: Conversation, videos: Sequence[Video]) -> None:
    """Raise `NotReady` while a transcript that a question needs is being created, `Conflict` if all have failed.

    The videos of a collection are used as they are. An empty transcript counts as there.
    """
    ids = [video.pk for video in videos or conversation.list_videos()]
    chosen = list(Video.objects.visible_to(viewer).filter(pk__in=ids))
    missing = [video for video in chosen if not (video.has_transcript or video.entry_has_transcript)]
    states: dict[uuid.UUID | None, set[str]] = {video.pk: set() for video in missing}
    jobs = Job.objects.filter(video__in=missing, kind__in=NEEDED)
    for video_id, status in jobs.values_list("video_id", "status"):
        states[video_id].add(status)
    if any(states[video.pk] & set(Job.OPEN) for video in missing):
        raise NotReady
    failed = [video for video in missing if Job.Status.FAILED in states[video.pk]]
    if failed and len(failed) == len(chosen):
        what = f"“{failed[0].title}”" if len(failed) == 1 else "these videos"
        raise Conflict(WITHOUT_TRANSCRIPT.format(what=what), {"video_ids": [video.video_id for video in failed]})


def _lock(conversation: Conversation) -> None:
    """Let no other question be added at the same time. Raises `NotFound` if the conversation was deleted."""
    row = Conversation.objects.select_for_update(of=("self",), no_key=True).filter(pk=conversation.pk).first()
    if row is None:
        raise NotFound("This conversation was deleted. Restore it, or begin another one.")


def _next_number(conversation: Conversation) -> int:
    """Return the place after the last message, deleted ones included."""
    rows = Message.all_objects.filter(conversation=conversation)
    return int(rows.aggregate(last=Max("number", default=0))["last"]) + 1


def _find_replaced(conversation: Conversation, message_id: uuid.UUID) -> Message:
    message = Message.objects.filter(conversation=conversation, pk=message_id, role=Message.Role.USER).first()
    if message is None:
        raise NotFound("This question is no longer in the conversation. Send the new one without replacing it.")
    return message


def _delete_from(conversation: Conversation, number: int) -> None:
    """Delete a message and what followed it. Answers that are being written are stopped."""
    rows = Message.objects.filter(conversation=conversation, number__gte=number)
    for message in rows.filter(status=Message.Status.STREAMING):
        stop_answer(message)
    rows.update(deleted_at=timezone.now())


def _choose_agent(viewer: Viewer, new: NewQuestion, videos: Sequence[Video]) -> Agent | None:
    """Return the agent that a question calls. A message of a user that brings videos calls @analysis."""
    agent = mentions.choose_agent(viewer, new.text, new.agent)
    if agent is None and videos and viewer.user:
        return registry.find_agent(DEFAULT_AGENT)
    return agent


def _begin_answer(viewer: Viewer, question: Message, address: str, number: int, *, is_fresh: bool = False) -> Message:
    """Create the answer and its job, hold its price and count the question. With `is_fresh`, nothing is reused."""
    answer = Message.objects.create(
        conversation=question.conversation,
        number=number,
        role=Message.Role.ASSISTANT,
        status=Message.Status.STREAMING,
        chat_type=question.chat_type,
        video_ids=question.video_ids,
        exchange=question.exchange,
        agent=question.agent,
        metadata={"is_fresh": True} if is_fresh and question.agent else {},
    )
    quota.record_question(viewer, address, answer.pk)
    job = AnswerJob.objects.create(message=answer, kind=AnswerJob.KIND)
    queue.wake_workers(job)
    Conversation.objects.filter(pk=question.conversation_id).update(updated_at=timezone.now())
    publish(answer)
    if viewer.user:
        charges.hold(viewer.user.pk, choose_operation(answer), build_reference(answer))
        _hold_looking(viewer, question, answer)
    return answer


def _hold_looking(viewer: Viewer, question: Message, answer: Message) -> None:
    """Hold the price of the seconds that the agent of an answer will look at."""
    agent = registry.find_agent(answer.agent)
    if agent is None or not agent.looks:
        return
    videos = choose_videos(viewer, question.conversation, question)
    text = mentions.remove_mention(question.content, agent.name)
    looking.hold(viewer, answer, videos, text, is_fresh=bool(answer.metadata.get("is_fresh")))


def _is_about_videos(conversation: Conversation) -> bool:
    return bool(conversation.comparison_id or conversation.collection_id or conversation.list_videos())
