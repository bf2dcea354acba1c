"""What a person does with the videos they have: find, rename, put together, take away and bring back."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.viewer import Viewer
from sage.errors import Conflict, Forbidden, InsufficientTokens, NotFound, Problem
from videos import charging, jobs, versions
from videos.models import Collection, Comparison, Job, Video
from videos.models.video import VideoQuerySet

SORTS = {
    "created_at_desc": ("-created_at", "pk"),
    "created_at_asc": ("created_at", "pk"),
    "title_asc": ("title", "pk"),
    "title_desc": ("-title", "pk"),
}
NEWEST = "created_at_desc"
STATES = {
    "ready": [Video.Status.READY],
    "processing": [Video.Status.PROCESSING],
    "failed": [Video.Status.FAILED, Video.Status.CANCELLED],
}
LEAST_LETTERS = 2  # of a search; fewer are not searched for
MOST_COLLECTIONS = 500


def found(
    viewer: Viewer, q: str = "", sort: str = NEWEST, collection_id: uuid.UUID | None = None, state: str = ""
) -> VideoQuerySet:
    """The viewer's videos whose title or file name holds `q`, of one collection and state where those are named."""
    if sort not in SORTS:
        raise Problem(f"Videos can be sorted by {', '.join(SORTS)}.")
    videos = Video.objects.owned_by(viewer).prefetch_related("jobs")
    if collection_id:
        videos = videos.filter(collection=own_collection(viewer, collection_id))
    if state:
        videos = videos.filter(status__in=STATES[state])
    if len(q.strip()) >= LEAST_LETTERS:
        videos = videos.filter(Q(title__icontains=q.strip()) | Q(filename__icontains=q.strip()))
    return videos.order_by(*SORTS[sort])


def deleted(viewer: Viewer) -> QuerySet[Video]:
    """What can still be brought back, the last one deleted first."""
    return Video.everything.filter(owner=viewer.user, deleted_at__gte=timezone.now() - grace()).order_by("-deleted_at")


def change(viewer: Viewer, video: Video, wanted: dict[str, Any]) -> None:
    """Rename a video (`title`), or put it into a collection of the same person or into none (`collection_id`).

    All versions of it are put there together.
    """
    with transaction.atomic():
        if "collection_id" in wanted:
            named = wanted["collection_id"]
            together = Q(stack=video.stack_id) if video.stack_id else Q(pk=video.pk)
            Video.everything.filter(together).update(collection=own_collection(viewer, named) if named else None)
        title = {"title": wanted["title"]} if "title" in wanted else {}
        Video.objects.filter(pk=video.pk).update(**title, updated_at=timezone.now())


def restore(viewer: Viewer, video_id: uuid.UUID) -> Video:
    """Bring a deleted video back within its grace; what was stopped when it was deleted goes on.

    Raises `NotFound` where it is gone for good or somebody else's, `Conflict` where it is not deleted.
    """
    mine = Video.everything.filter(owner=viewer.user, pk=video_id) if viewer.user else Video.everything.none()
    with transaction.atomic():
        # Locked in the order of everywhere: jobs, what they are of, and at last the account.
        goes_on = sum(map(jobs.resume, mine))
        video = mine.select_for_update(of=("self",), no_key=True).first()
        if video is None or (video.deleted_at and video.deleted_at < timezone.now() - grace()):
            raise NotFound("This video is gone for good, or it never was yours.")
        if video.deleted_at is None:
            raise Conflict("This video is not deleted.")
        video.deleted_at = None
        video.save(update_fields=["deleted_at", "updated_at"])
        compared = [one for one in Comparison.objects.of(video).defer("script").order_by("pk") if jobs.resume(one)]
        locked = Comparison.everything.select_for_update(of=("self",), no_key=True)
        list(locked.filter(pk__in=[one.pk for one in compared]).values_list("pk"))
        versions.compare_in_order(video)
        if goes_on and not video.is_ready:
            _charge(video)
        for one in compared:
            _charge(one)
    return video


def _charge(of: Video | Comparison) -> None:
    """Hold what it costs, or say why it goes no further, so that it can be retried."""
    try:
        charging.begin(of)
    except InsufficientTokens as error:
        if isinstance(of, Comparison):
            jobs.refuse(Job.objects.get(comparison=of), error.message)
            return
        jobs.cancel(of)
        of.status, of.error = Video.Status.FAILED, error.message
        of.save(update_fields=["status", "error"])


def grace() -> timedelta:
    """How long what was deleted can be brought back."""
    return timedelta(days=settings.DELETED_KEPT_DAYS)


# --- Collections ---


def own_collection(viewer: Viewer, collection_id: uuid.UUID) -> Collection:
    collection = Collection.objects.owned_by(viewer).with_counts().filter(pk=collection_id).first()
    if collection is None:
        raise NotFound("There is no such collection. It may have been deleted, or it is not yours.")
    return collection


def make_collection(viewer: Viewer, name: str) -> Collection:
    if viewer.user is None:
        raise Forbidden("Sign in to make collections.")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=viewer.user.pk)
        if Collection.objects.owned_by(viewer).count() >= MOST_COLLECTIONS:
            raise Conflict(f"You have {MOST_COLLECTIONS} collections already. Delete some of them first.")
        made = Collection.objects.create(owner=viewer.user, name=name)
    return own_collection(viewer, made.pk)


def rename_collection(viewer: Viewer, collection_id: uuid.UUID, name: str) -> Collection:
    own_collection(viewer, collection_id)
    Collection.objects.filter(pk=collection_id).update(name=name)
    return own_collection(viewer, collection_id)


def delete_collection(viewer: Viewer, collection_id: uuid.UUID) -> None:
    """Its videos stay in the library."""
    own_collection(viewer, collection_id)
    Collection.objects.filter(pk=collection_id).delete()
