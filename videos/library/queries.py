"""Search the library of a viewer."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db.models import F, FilteredRelation, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from accounts.viewer import Viewer
from sage.errors import BadRequest
from videos.library.collections import get_collection
from videos.models import Video
from videos.models.video import VideoQuerySet

ADDED = Coalesce("entry_created_at", "created_at")  # both are annotations or fields of the viewer's library
TITLE = Coalesce(NullIf("entry_title", Value("")), "title")
SORTS = {
    "created_at_desc": (ADDED.desc(), "pk"),
    "created_at_asc": (ADDED.asc(), "pk"),
    "title_asc": (TITLE.asc(), "pk"),
    "title_desc": (TITLE.desc(), "pk"),
}
DEFAULT_SORT = "created_at_desc"
STATES = {
    "ready": [Video.Status.READY],
    "processing": [Video.Status.PROCESSING],
    "failed": [Video.Status.FAILED, Video.Status.CANCELLED],
}
MIN_SEARCH_LENGTH = 2  # characters; a shorter search text is ignored


def search_videos(
    viewer: Viewer, q: str = "", sort: str = DEFAULT_SORT, collection_id: uuid.UUID | None = None, state: str = ""
) -> VideoQuerySet:
    """Return the viewer's videos whose title or file name contains `q`, in one collection and state if named."""
    if sort not in SORTS:
        raise BadRequest(f"Videos can be sorted by {', '.join(SORTS)}.")
    if viewer.user is None:
        return Video.objects.none()
    videos = Video.objects.in_library_of(viewer).prefetch_related("jobs")
    if collection_id:
        videos = videos.in_collection(get_collection(viewer, collection_id).pk)
    if state:
        videos = videos.filter(status__in=STATES[state])
    text = q.strip()
    if len(text) >= MIN_SEARCH_LENGTH:
        videos = videos.annotate(own_title=TITLE).filter(Q(own_title__icontains=text) | Q(filename__icontains=text))
    return videos.order_by(*SORTS[sort])


def list_restorable_videos(viewer: Viewer) -> QuerySet[Video]:
    """Return the videos in the viewer's trash, the last deleted first."""
    oldest = timezone.now() - get_restore_period()
    entry = Q(entries__user=viewer.user, entries__deleted_at__gte=oldest)
    title = {"entry_title": F("entry__title")}
    rows = Video.all_objects.annotate(entry=FilteredRelation("entries", condition=entry)).annotate(**title)
    removed = Coalesce("entry__deleted_at", "deleted_at")
    in_trash = Q(owner=viewer.user, deleted_at__gte=oldest) | Q(entry__isnull=False)
    return rows.filter(in_trash).order_by(removed.desc())


def get_restore_period() -> timedelta:
    """Return how long a deleted video or comparison is kept."""
    return timedelta(days=settings.DELETED_KEPT_DAYS)
