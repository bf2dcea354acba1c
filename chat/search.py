"""Define the search kinds of conversations: their titles and their messages."""

import uuid

from django.db.models import QuerySet
from django.urls import reverse

from accounts.viewer import Viewer
from chat.models import Conversation, Message
from sage.api.pagination import PagedRows
from videos.search.filters import SearchFilters
from videos.search.languages import list_languages
from videos.search.query_vectors import embed_query
from videos.search.ranking import merge_rankings, rank_by_text, rank_by_vector
from videos.search.registry import SearchKind, SearchRecord


def _list_conversations(viewer: Viewer, filters: SearchFilters) -> QuerySet[Conversation]:
    rows = Conversation.objects.owned_by(viewer).filter(filters.match_dates("created_at"))
    if filters.video_id:
        rows = rows.filter(videos__in=filters.list_videos(viewer).values("pk"))
    if filters.collection_id:
        rows = rows.filter(collection=filters.collection_id)
    return rows.order_by()


def list_messages(viewer: Viewer, filters: SearchFilters) -> QuerySet[Message]:
    """Return the viewer's questions and answers, within the conversations about what the filters name."""
    about = SearchFilters(video_id=filters.video_id, collection_id=filters.collection_id)
    conversations = _list_conversations(viewer, about).values("pk")
    rows = Message.objects.filter(filters.match_dates("created_at"), conversation__in=conversations)
    return rows.exclude(content="").select_related("conversation").defer("vector").order_by()


def _describe_conversation(conversation: Conversation) -> SearchRecord:
    url = reverse("chat:conversation", args=[conversation.pk])
    return SearchRecord(video_id=None, title=conversation.title, text=conversation.title, url=url)


def _describe_message(message: Message) -> SearchRecord:
    url = f"{reverse('chat:conversation', args=[message.conversation_id])}#message-{message.pk}"
    return SearchRecord(video_id=None, title=message.conversation.title, text=message.content, url=url)


KINDS = (
    SearchKind(
        name="conversation",
        label="Conversation",
        order=60,
        list_rows=_list_conversations,
        describe=_describe_conversation,
        text_field="title",
    ),
    SearchKind(
        name="message",
        label="Message",
        order=65,
        list_rows=list_messages,
        describe=_describe_message,
        text_field="content",
        vector_field="vector",
    ),
)


def find_messages(viewer: Viewer, text: str) -> PagedRows:
    """Return the viewer's messages that match a text, the best first. Without a text, all of them, newest first."""
    rows = list_messages(viewer, SearchFilters())
    text = text.strip()
    if not text:
        return rows.order_by("-created_at", "-number")
    [kind] = [kind for kind in KINDS if kind.name == "message"]
    languages = list_languages(viewer)
    vector = embed_query(text)
    by_vector = rank_by_vector(kind, rows, vector, exact=True) if vector else {}
    matches = merge_rankings(kind, rank_by_text(kind, rows, text, languages), by_vector)
    return _RankedMessages(rows, [match.pk for match in sorted(matches, key=lambda match: -match.score)])


def find_conversations(viewer: Viewer, text: str) -> list[uuid.UUID]:
    """Return the IDs of the conversations whose title or messages match a text, the best first."""
    [titles] = [kind for kind in KINDS if kind.name == "conversation"]
    rows = _list_conversations(viewer, SearchFilters())
    found = dict.fromkeys(rank_by_text(titles, rows, text, list_languages(viewer)))
    messages = find_messages(viewer, text)
    found.update(dict.fromkeys(message.conversation_id for message in messages[:200]))
    return list(found)


class _RankedMessages:
    """Messages in the order of a ranking. A slice loads its rows."""

    def __init__(self, rows: QuerySet[Message], keys: list[uuid.UUID]) -> None:
        self._rows, self._keys = rows, keys

    def count(self) -> int:
        return len(self._keys)

    def __getitem__(self, part: slice) -> list[Message]:
        found = self._rows.in_bulk(self._keys[part])
        return [found[key] for key in self._keys[part] if key in found]
