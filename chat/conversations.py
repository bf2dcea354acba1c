"""Create, change, delete and restore conversations, and move those of a guest to an account."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import User
from accounts.viewer import Viewer
from chat.models import (
    DEFAULT_TITLE,
    MAX_TITLE_LENGTH,
    MAX_VIDEOS,
    AnswerJob,
    AskedQuestion,
    Conversation,
    ConversationVideo,
    Message,
)
from chat.outputs.storage import move_guest_outputs
from chat.topics import CONVERSATIONS
from sage.errors import Conflict, InvalidInput, NotFound
from sage.jobs import queue
from videos.converters import read_video_id
from videos.library.collections import get_collection
from videos.library.queries import get_restore_period
from videos.models import Comparison, Video
from videos.youtube import entries
from videos.youtube.ids import parse_youtube_id

GUEST_KEPT_DAYS = 30  # after the last message
SUGGESTED_TITLE_LENGTH = 60


def create_conversation(
    viewer: Viewer,
    *,
    video_ids: Sequence[str] = (),
    comparison_id: uuid.UUID | None = None,
    collection_id: uuid.UUID | None = None,
    title: str = "",
    session_key: str = "",
) -> Conversation:
    """Create a conversation. YouTube videos are added to the library. Raises `Http404` and `InvalidInput`.

    Another conversation of the viewer with the same `session_key` is returned instead.
    """
    with transaction.atomic():
        comparison = None
        if comparison_id:
            comparison = get_object_or_404(Comparison.objects.visible_to(viewer).defer("script"), pk=comparison_id)
        collection = get_collection(viewer, collection_id) if collection_id else None
        videos = find_videos(viewer, video_ids)
        fields = {"owner": viewer.user, "guest_id": "" if viewer.user else viewer.guest_id or ""}
        about = {"comparison": comparison, "collection": collection, "title": " ".join(title.split()) or DEFAULT_TITLE}
        try:
            with transaction.atomic():
                conversation = Conversation.objects.create(**fields, **about, session_key=session_key)
        except IntegrityError:
            return Conversation.objects.with_subjects().get(**fields, session_key=session_key)
        ConversationVideo.objects.bulk_create(
            ConversationVideo(conversation=conversation, video=video, position=place)
            for place, video in enumerate(videos)
        )
        publish(conversation)
    return Conversation.objects.with_subjects().get(pk=conversation.pk)


def find_videos(viewer: Viewer, video_ids: Sequence[str]) -> list[Video]:
    """Return the videos to ask about, each once. A YouTube video that is new is added. Raises `Http404`."""
    unique = list(dict.fromkeys(video_ids))
    if len(unique) > MAX_VIDEOS:
        raise InvalidInput.field("video_ids", f"Choose at most {MAX_VIDEOS} videos.", "too_long")
    videos: dict[Any, Video] = {}
    for text in unique:
        video = find_video(viewer, text)
        videos.setdefault(video.pk, video)
    return list(videos.values())


def find_video(viewer: Viewer, text: str) -> Video:
    """Return a video that the viewer may ask about. A YouTube video is added to a user's library."""
    video_id = read_video_id(text)
    if not isinstance(video_id, str):
        return get_object_or_404(Video.objects.visible_to(viewer).with_id(video_id))
    if viewer.user:
        return entries.add_video(viewer, video_id, field="video_id")[0]
    video = Video.objects.visible_to(viewer).with_id(video_id).first()
    return video or entries.get_or_create_video(parse_youtube_id(video_id, "video_id"))


def get_conversation(viewer: Viewer, conversation_id: uuid.UUID) -> Conversation:
    """Return a conversation of the viewer. Raises `Http404`."""
    return get_object_or_404(Conversation.objects.owned_by(viewer).with_subjects(), pk=conversation_id)


def find_session(viewer: Viewer, key: str) -> Conversation | None:
    """Return the conversation of the viewer with this ID or session key."""
    rows = Conversation.objects.owned_by(viewer).with_subjects()
    try:
        return rows.filter(pk=uuid.UUID(key)).first() or rows.filter(session_key=key).first()
    except ValueError:
        return rows.filter(session_key=key).first()


def change_conversation(conversation: Conversation, *, title: str | None = None, pinned: bool | None = None) -> None:
    """Rename or pin a conversation."""
    if title is not None:
        conversation.title = " ".join(title.split())[:MAX_TITLE_LENGTH] or DEFAULT_TITLE
    if pinned is not None:
        conversation.pinned = pinned
    with transaction.atomic():
        conversation.save(update_fields=["title", "pinned"])
        publish(conversation)


def delete_conversation(conversation: Conversation) -> None:
    """Hide a conversation and stop its answers. `restore_conversation` undoes it within the restore period."""
    from chat.questions import stop_answer

    for answer in Message.objects.filter(conversation=conversation, status=Message.Status.STREAMING):
        stop_answer(answer)
    with transaction.atomic():
        Conversation.objects.filter(pk=conversation.pk).update(deleted_at=timezone.now())
        publish(conversation)


def restore_conversation(viewer: Viewer, conversation_id: uuid.UUID) -> Conversation:
    """Restore a deleted conversation. Raises `NotFound`, and `Conflict` if it is not deleted."""
    with transaction.atomic():
        rows = Conversation.all_objects.filter(pk=conversation_id)
        rows = rows.filter(owner=viewer.user) if viewer.user else rows.filter(owner=None, guest_id=viewer.guest_id)
        row = rows.select_for_update(of=("self",)).first()
        if row is None or (row.deleted_at and row.deleted_at < timezone.now() - get_restore_period()):
            raise NotFound("This conversation was permanently deleted, or it is not yours.")
        if row.deleted_at is None:
            raise Conflict("This conversation is not deleted.")
        row.deleted_at = None
        row.save(update_fields=["deleted_at"])
        publish(row)
    return get_conversation(viewer, conversation_id)


def suggest_title(conversation: Conversation, question: str) -> None:
    """Name a conversation after its first question, unless it has a name."""
    if conversation.title != DEFAULT_TITLE:
        return
    text = " ".join(question.split())
    if len(text) > SUGGESTED_TITLE_LENGTH:
        text = text[:SUGGESTED_TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(",;:") + "…"
    conversation.title = text or DEFAULT_TITLE
    conversation.save(update_fields=["title"])


def move_guest_conversations(guest_id: str, user: User) -> int:
    """Give the conversations of a guest to an account, with their videos and outputs. Return their number."""
    if not guest_id:
        return 0
    with transaction.atomic():
        rows = list(Conversation.all_objects.select_for_update().filter(owner=None, guest_id=guest_id))
        for row in rows:
            if row.session_key and Conversation.all_objects.filter(owner=user, session_key=row.session_key).exists():
                row.session_key = ""
            row.owner, row.guest_id = user, ""
            row.save(update_fields=["owner", "guest_id", "session_key"])
            for topic in row.topics.select_related("video"):
                if topic.video.is_youtube and topic.video.deleted_at is None:
                    entries.add_video(Viewer(user), topic.video.youtube_id)
        move_guest_outputs(rows, user)
        today = AskedQuestion.objects.filter(guest_id=guest_id)
        today.update(user_id=user.pk, guest_id="", address="")
    return len(rows)


def delete_expired() -> None:
    """Delete the conversations whose restore period is over, and those of guests who have not come back."""
    now = timezone.now()
    Conversation.all_objects.filter(deleted_at__lt=now - get_restore_period()).delete()
    abandoned = now - timedelta(days=GUEST_KEPT_DAYS)
    Conversation.all_objects.filter(owner=None, updated_at__lt=abandoned).delete()


def delete_conversations_of(owner: User) -> None:
    """Delete every conversation of one user, in any state."""
    rows = Conversation.all_objects.filter(owner=owner)
    queue.cancel(AnswerJob.rows().filter(message__conversation__in=rows))
    rows.delete()


def publish(conversation: Conversation) -> None:
    """Tell the open pages of the owner that a conversation has changed, when this transaction commits."""
    if conversation.owner_id:
        data = {"conversation_id": str(conversation.pk), "message_id": None, "status": ""}
        transaction.on_commit(partial(CONVERSATIONS.publish, conversation.owner_id, data), robust=True)
