"""Build what pages show of conversations."""

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.viewer import Viewer
from billing import ledger
from chat import quota, streams
from chat.models import AskedQuestion, Conversation, Message
from chat.outputs.models import Output
from videos import notifications
from videos.models import Comparison, Video

MAX_MESSAGES = 200  # of a conversation on a page
MAX_LISTED = 200  # conversations in the list
MAX_CHOICES = 50  # videos that a question can bring
MAX_SUGGESTIONS = 3
MAX_STARTERS = 4  # videos that a new conversation offers


@dataclasses.dataclass(frozen=True, slots=True)
class CitedMoment:
    """A moment that the last answer cites."""

    video_id: str
    title: str
    start: float
    text: str
    file_url: str
    url: str


def build_thread(viewer: Viewer, conversation: Conversation | None, *, is_read: bool = True) -> dict[str, Any]:
    """Return the messages of a conversation with what was written so far, and the titles of the cited videos.

    Unless `is_read` is false, mark its notification as read.
    """
    rows: list[Message] = []
    if conversation is not None:
        if is_read:
            notifications.mark_conversation_read(viewer, conversation.pk)
        newest = Message.objects.filter(conversation=conversation).defer("vector").order_by("-number")
        rows = list(newest[:MAX_MESSAGES])[::-1]
    for message in rows:
        if message.is_open:
            written = streams.read_answer(message.pk)
            message.content = written.content
            message.metadata = {
                **message.metadata,
                "citations": written.citations,
                "outputs": written.outputs,
                "parts": written.parts,
                "progress": written.progress,
            }
    titles = _load_titles(viewer, rows)
    made = _load_outputs(viewer, rows)
    return {
        "conversation": conversation,
        "thread_messages": rows,
        "titles": titles,
        "made": made,
        "is_open": any(message.is_open for message in rows),
        "cited": _list_cited(rows, titles),
    }


def group_conversations(rows: Sequence[Conversation]) -> list[tuple[str, list[Conversation]]]:
    """Group conversations, pinned ones first, then by when they were last used."""
    today = timezone.now().date()
    groups: dict[str, list[Conversation]] = {}
    for row in rows:
        groups.setdefault(_name_group(row, today), []).append(row)
    return list(groups.items())


def count_left(viewer: Viewer) -> tuple[int, int]:
    """Return how many questions are left today, and how many a day has."""
    asked = AskedQuestion.objects.filter(created_at__gte=quota.start_of_day())
    if viewer.user:
        most = ledger.get_account(viewer.user.pk).tier.chat_messages
        used = asked.filter(user_id=viewer.user.pk).count()
    else:
        most, used = quota.GUEST_QUESTIONS, asked.filter(guest_id=viewer.guest_id or "-").count()
    return max(0, most - used), most


def list_choices(viewer: Viewer) -> list[Video]:
    """Return the newest videos of the library, to bring into a question."""
    return list(Video.objects.in_library_of(viewer).order_by("-created_at")[:MAX_CHOICES])


def list_suggestions(videos: Sequence[Video], comparison: Comparison | None = None) -> list[str]:
    """Return questions to begin a conversation with."""
    if comparison:
        return ["What changed?", "What words were added or removed?"]
    return [question for video in videos for question in video.suggested_questions][:MAX_SUGGESTIONS]


def list_starters(choices: Sequence[Video]) -> list[tuple[Video, str]]:
    """Return the newest videos that are ready, each with a question about it if one is suggested."""
    ready = [video for video in choices if video.status == Video.Status.READY]
    return [(video, next(iter(video.suggested_questions), "")) for video in ready[:MAX_STARTERS]]


def _name_group(row: Conversation, today: datetime.date) -> str:
    if row.pinned:
        return "Pinned"
    days = (today - row.updated_at.date()).days
    if days <= 0:
        return "Today"
    return "Yesterday" if days == 1 else f"{row.updated_at:%B %Y}"


def _load_outputs(viewer: Viewer, rows: Sequence[Message]) -> dict[str, Output]:
    """Return what agents have made for messages, by ID, without what was deleted."""
    ids = [output_id for row in rows for output_id in row.metadata.get("outputs", ())]
    if not ids:
        return {}
    found = Output.objects.owned_by(viewer).with_subjects().defer("content", "data", "vector").filter(pk__in=ids)
    return {str(output.pk): output for output in found}


def _load_titles(viewer: Viewer, rows: Sequence[Message]) -> dict[str, str]:
    ids = {citation["video_id"] for row in rows for citation in row.citations}
    ids |= {video_id for row in rows for video_id in row.video_ids}
    if not ids:
        return {}
    uploads = [one for one in ids if len(one) == 36]
    videos = Video.objects.visible_to(viewer)
    found = [*videos.filter(pk__in=uploads), *videos.filter(youtube_id__in=ids - set(uploads))]
    return {video.video_id: video.shown_title for video in found}


def _list_cited(rows: Sequence[Message], titles: dict[str, str]) -> list[CitedMoment]:
    """Return the moments that the last answer cites, each once."""
    last = next((row for row in reversed(rows) if row.citations), None)
    moments: dict[tuple[str, float], CitedMoment] = {}
    for citation in last.citations if last else ():
        video_id, start = citation["video_id"], citation["start"]
        if video_id in titles:
            file_url = reverse("api:file", args=[video_id]) if len(video_id) == 36 else ""
            url = f"{reverse('videos:watch', args=[video_id])}?t={start:.2f}"
            moments[video_id, start] = CitedMoment(video_id, titles[video_id], start, citation["text"], file_url, url)
    return list(moments.values())
