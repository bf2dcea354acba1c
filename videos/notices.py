"""Telling owners what has ended: a bell on every page keeps the last of it."""

import uuid
from collections.abc import Iterable

from django.db.models import Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from accounts.viewer import Viewer
from videos.models import Comparison, Notice, Video
from videos.models.notice import NoticeQuerySet

KEPT = 50


def tell(of: Video | Comparison, ended: Notice.Ended) -> None:
    """Note how it ended, in place of what was noted before. Call it in the transaction that ends it.

    Pages hear of it by the news of the job, which go out once that transaction is committed.
    """
    if of.owner.is_system:
        return
    subject = {"video": of} if isinstance(of, Video) else {"comparison": of}
    fresh = {"owner": of.owner, "ended": ended, "created_at": timezone.now(), "read_at": None}
    Notice.objects.update_or_create(**subject, defaults=fresh)


def latest(viewer: Viewer) -> NoticeQuerySet:
    return Notice.objects.owned_by(viewer).with_subjects()[:KEPT]


def unread(viewer: Viewer) -> int:
    """How many of the latest were not read."""
    return list(Notice.objects.owned_by(viewer).values_list("read_at", flat=True)[:KEPT]).count(None)


def read(viewer: Viewer, which: Iterable[uuid.UUID] | None = None) -> None:
    """They were seen: those named, else all."""
    seen = Notice.objects.filter(owner=viewer.user).unread()
    (seen if which is None else seen.filter(pk__in=which)).update(read_at=timezone.now())


def forget_old() -> None:
    """Remove what is past the last of each owner."""
    newest_first = Window(RowNumber(), partition_by="owner", order_by="-created_at")
    old = Notice.objects.annotate(place=newest_first).filter(place__gt=KEPT).values_list("pk", flat=True)
    Notice.objects.filter(pk__in=list(old)).delete()
