"""Notify users of work that has ended."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from accounts.viewer import Viewer
from videos.models import Comparison, LibraryEntry, Notice, Video
from videos.models.notice import NoticeQuerySet

MAX_KEPT = 50  # notifications per owner


def notify(subject: Video | Comparison, ended: Notice.Ended) -> None:
    """Replace the notification of a video or comparison. Call it in the transaction that ends its work.

    A YouTube video notifies all users who have added it. The event of the job tells open pages to load it once that
    transaction is committed.
    """
    if subject.owner is None:
        readers = list(LibraryEntry.objects.active().filter(video=subject).values_list("user_id", flat=True))
    else:
        readers = [] if subject.owner.is_system else [subject.owner.pk]
    about = {f"{subject._meta.model_name}_id": subject.pk}
    for owner_id in readers:
        notify_user(owner_id, ended, **about)


def notify_user(owner_id: uuid.UUID, ended: Notice.Ended, **about: Any) -> None:
    """Replace a user's notification of `video_id`, `comparison_id` or `conversation_id`."""
    fields = {"ended": ended, "created_at": timezone.now(), "read_at": None}
    Notice.objects.update_or_create(owner_id=owner_id, **about, defaults=fields)


def select_latest(viewer: Viewer) -> NoticeQuerySet:
    return Notice.objects.owned_by(viewer).with_subjects()[:MAX_KEPT]


def count_unread(viewer: Viewer) -> int:
    """Return how many of the latest notifications are unread."""
    return list(Notice.objects.owned_by(viewer).values_list("read_at", flat=True)[:MAX_KEPT]).count(None)


def mark_read(viewer: Viewer, notice_ids: Iterable[uuid.UUID] | None = None) -> None:
    """Mark the named notifications as read, or all of them."""
    unread = Notice.objects.filter(owner=viewer.user).unread()
    (unread if notice_ids is None else unread.filter(pk__in=notice_ids)).update(read_at=timezone.now())


def mark_conversation_read(viewer: Viewer, conversation_id: uuid.UUID) -> None:
    """Mark the notification of a conversation as read, because the viewer has opened it."""
    if viewer.user:
        rows = Notice.objects.filter(owner=viewer.user, conversation_id=conversation_id)
        rows.unread().update(read_at=timezone.now())


def delete_old() -> None:
    """Delete all but the latest notifications of each owner."""
    newest_first = Window(RowNumber(), partition_by="owner", order_by="-created_at")
    old = Notice.objects.annotate(place=newest_first).filter(place__gt=MAX_KEPT).values_list("pk", flat=True)
    Notice.objects.filter(pk__in=list(old)).delete()
