"""Load from the database what an agent needs. Only workers import this module."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.credentials.provider_keys import describe_caller
from accounts.viewer import Viewer
from chat.agents import looking, mentions
from chat.agents.registry import Agent
from chat.agents.task import StoredAnalysis, Subject, Task
from chat.answering import sources
from chat.answering.sources import Topic
from chat.answering.subjects import find_comparison, find_viewer, is_about_something
from chat.models import Conversation, Message
from chat.questions import NEEDED
from sage.providers import registry
from sage.providers.errors import ModelMissing
from sage.providers.protocols import ChatImage, ChatModel
from sage.storage import FileLost, storage
from videos.models import Comparison, Job, Video
from videos.transcripts.chapters import list_chapters
from videos.transcripts.passages import split_sentences
from videos.transcripts.pipeline import request_transcript
from videos.transcripts.storage import choose_transcript, load_cues

LOOKED_FRAMES = 24  # of a video that a hosted model looks at, spread evenly


@dataclass(frozen=True, slots=True)
class Prepared:
    """A task and the rows of its videos."""

    task: Task
    videos: Sequence[Video]

    def find_video(self, video_id: str) -> Video | None:
        """Return the video with a public ID, or the only one."""
        if not video_id and len(self.videos) == 1:
            return self.videos[0]
        return next((video for video in self.videos if video.video_id == video_id), None)


def find_question(answer: Message) -> Message:
    """Return the question that an answer belongs to."""
    rows = Message.objects.filter(conversation=answer.conversation_id, number__lt=answer.number, role="user")
    question = rows.order_by("-number").first()
    assert question  # noqa: S101 - each answer has one
    return question


def request_transcripts(answer: Message) -> None:
    """Have the speech of the viewer's uploads without a transcript recognised, once for each answer."""
    if answer.metadata.get("requests_transcripts"):
        return
    viewer = find_viewer(answer.conversation)
    topics = _choose_topics(viewer, answer.conversation, find_question(answer))
    with transaction.atomic():
        for topic in topics:
            if viewer.user and topic.video.owner_id == viewer.user.pk and not _has_transcript(topic.video):
                request_transcript(topic.video)
        row = Message.all_objects.select_for_update(of=("self",)).get(pk=answer.pk)
        row.metadata = answer.metadata = {**row.metadata, "requests_transcripts": True}
        row.save(update_fields=["metadata"])


def find_open_transcript(answer: Message) -> str:
    """Return the title of the first chosen video whose transcript is still being created, or an empty string."""
    topics = _choose_topics(find_viewer(answer.conversation), answer.conversation, find_question(answer))
    waiting = {topic.video.pk: topic.video for topic in topics if not _has_transcript(topic.video)}
    jobs = Job.objects.filter(video__in=waiting, kind__in=NEEDED, status__in=Job.OPEN)
    open_ids = set(jobs.values_list("video_id", flat=True))
    return next((video.shown_title for pk, video in waiting.items() if pk in open_ids), "")


def prepare_task(agent: Agent, answer: Message, request: str | None = None) -> Prepared:
    """Return all that an agent may use, for the question or for the `request` of a model. Raises `ApplicationError`."""
    conversation = answer.conversation
    viewer = find_viewer(conversation)
    question = find_question(answer)
    text = mentions.remove_mention(question.content, agent.name) if request is None else request
    topics = _choose_topics(viewer, conversation, question)
    comparison = find_comparison(viewer, conversation) if not question.video_ids else None
    if comparison is None and len(topics) == 2:
        comparison = _find_compared(viewer, topics)
    model = _choose_model(conversation)
    looks = agent.looks and model is not None and model.sees
    is_fresh = bool(answer.metadata.get("is_fresh"))
    videos = [topic.video for topic in topics]
    stored = _find_stored(viewer, videos, text) if agent.looks and not is_fresh else {}
    task = Task(
        question=text,
        subjects=[_build_subject(topic, looks=looks and topic.video.video_id not in stored) for topic in topics],
        missing=[video.shown_title for video in videos if not _has_transcript(video)],
        differences=sources.list_differences(comparison) if comparison else [],
        comparison_id=str(comparison.pk) if comparison else "",
        chat_model=model,
        embedder=registry.choose_text_embedder(**describe_caller(conversation.owner_id, "TEXT_VECTOR_MODEL")),
        stored=stored,
        is_fresh=is_fresh,
    )
    if prepare := agent.load_prepare():
        task.material = prepare(task, viewer)
    return Prepared(task, videos)


def _choose_topics(viewer: Viewer, conversation: Conversation, question: Message) -> list[Topic]:
    """Return the videos that the question brings or that the conversation is about."""
    if not (question.video_ids or is_about_something(conversation)):
        return []
    return sources.choose_topics(viewer, conversation, question)


def _has_transcript(video: Video) -> bool:
    return bool(video.has_transcript or video.entry_has_transcript)


def _find_compared(viewer: Viewer, topics: Sequence[Topic]) -> Comparison | None:
    """Return the newest comparison of two videos."""
    if viewer.user is None:
        return None
    pair = [topic.video.pk for topic in topics]
    rows = Comparison.objects.visible_to(viewer).select_related("video_a", "video_b")
    rows = rows.filter(video_a__in=pair, video_b__in=pair)
    return next((row for row in rows.order_by("-created_at") if row.is_completed), None)


def _choose_model(conversation: Conversation) -> ChatModel | None:
    """Return the hosted model of agents, or None if there is none or no key for it."""
    caller = describe_caller(conversation.owner_id, looking.SETTING)
    try:
        model = registry.choose_agent_model(**caller)
    except ModelMissing:
        return None
    return None if model.model.startswith("extractive:") else model


def _find_stored(viewer: Viewer, videos: Sequence[Video], question: str) -> dict[str, StoredAnalysis]:
    found = ((video.video_id, looking.find_stored(viewer, video, question)) for video in videos)
    return {video_id: StoredAnalysis(row.pk, row.content) for video_id, row in found if row}


def _build_subject(topic: Topic, *, looks: bool) -> Subject:
    video = topic.video
    transcript = choose_transcript(video)
    return Subject(
        video_id=video.video_id,
        title=video.shown_title,
        letter=topic.letter,
        duration=video.duration or 0.0,
        language=transcript.language if transcript else "",
        summary=video.summary,
        sentences=split_sentences(load_cues(transcript)) if transcript else (),
        screen_lines=sources.list_screen_texts(topic),
        chapters=[(chapter.start, chapter.title) for chapter in list_chapters(video)],
        shots=video.shots,
        images=_load_images(video) if looks and looking.can_be_seen(video) else (),
    )


def _load_images(video: Video) -> list[ChatImage]:
    """Return up to `LOOKED_FRAMES` stills, spread evenly over the video."""
    step = max(1, -(-len(video.stills) // LOOKED_FRAMES))
    images: list[ChatImage] = []
    for second in video.stills[::step]:
        try:
            images.append(ChatImage(storage.read(video.derived_key(video.find_still(second, second + 0.01))), second))
        except FileLost:
            continue
    return images
