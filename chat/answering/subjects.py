"""Find who asks and what a conversation is about."""

from collections.abc import Sequence

from django.db.models import Q

from accounts.viewer import AuthenticationMethod, Viewer
from chat.models import MAX_VIDEOS, Conversation, Message
from videos.models import Comparison, Video


def find_viewer(conversation: Conversation) -> Viewer:
    """Return the owner of a conversation, a user or a guest."""
    if conversation.owner:
        return Viewer(conversation.owner)
    return Viewer(guest_id=conversation.guest_id, method=AuthenticationMethod.GUEST)


def choose_videos(viewer: Viewer, conversation: Conversation, question: Message) -> list[Video]:
    """Return the videos that a question is about, as the viewer may see them.

    They are those of the message, else those of the conversation, of its comparison, or of its collection.
    """
    ids = question.video_ids or conversation.video_ids
    if conversation.comparison_id and not question.video_ids:
        assert conversation.comparison  # noqa: S101 - it has an ID
        ids = [conversation.comparison.video_a.video_id, conversation.comparison.video_b.video_id]
    if not ids and conversation.collection_id:
        rows = Video.objects.visible_to(viewer).in_collection(conversation.collection_id)
        return list(rows.order_by("created_at")[:MAX_VIDEOS])
    return find_videos(viewer, ids)[:MAX_VIDEOS]


def find_videos(viewer: Viewer, video_ids: Sequence[str]) -> list[Video]:
    """Return the videos with these IDs that the viewer may see, in the order of the IDs."""
    uploads = [one for one in video_ids if len(one) == 36]
    rows = Video.objects.visible_to(viewer).filter(Q(youtube_id__in=video_ids) | Q(pk__in=uploads))
    places = {video_id: place for place, video_id in enumerate(video_ids)}
    return sorted(rows, key=lambda video: places[video.video_id])


def find_comparison(viewer: Viewer, conversation: Conversation) -> Comparison | None:
    """Return the comparison of a conversation, if the viewer may still see it."""
    if conversation.comparison_id is None or viewer.user is None:
        return None
    rows = Comparison.objects.visible_to(viewer).select_related("video_a", "video_b")
    return rows.filter(pk=conversation.comparison_id).first()


def is_about_something(conversation: Conversation) -> bool:
    return bool(conversation.comparison_id or conversation.collection_id or conversation.topics.exists())
