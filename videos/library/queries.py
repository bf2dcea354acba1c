"""Search the library of a viewer."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.viewer import Viewer
from sage.errors import BadRequest
from videos.library.collections import get_collection
from videos.models import Video
from videos.models.video import VideoQuerySet

SORTS = {
    "created_at_desc": ("-created_at", "pk"),
    "created_at_asc": ("created_at", "pk"),
    "title_asc": ("title", "pk"),
    "title_desc": ("-title", "pk"),
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
    videos = Video.objects.owned_by(viewer).prefetch_related("jobs")
    if collection_id:
        videos = videos.filter(collection=get_collection(viewer, collection_id))
    if state:
        videos = videos.filter(status__in=STATES[state])
    text = q.strip()
    if len(text) >= MIN_SEARCH_LENGTH:
        videos = videos.filter(Q(title__icontains=text) | Q(filename__icontains=text))
    return videos.order_by(*SORTS[sort])


def list_restorable_videos(viewer: Viewer) -> QuerySet[Video]:
    """Return the videos in the viewer's trash, the last deleted first."""
    oldest = timezone.now() - get_restore_period()
    return Video.all_objects.filter(owner=viewer.user, deleted_at__gte=oldest).order_by("-deleted_at")


def get_restore_period() -> timedelta:
    """Return how long a deleted video or comparison is kept."""
    return timedelta(days=settings.DELETED_KEPT_DAYS)
