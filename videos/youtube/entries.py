"""Add YouTube videos to the libraries of users, and change, delete and restore their entries."""

from django.db import transaction
from django.utils import timezone

from accounts.viewer import Viewer
from sage.errors import Conflict, Forbidden, NotFound
from videos.library.queries import get_restore_period
from videos.models import LibraryEntry, Video
from videos.processing.pipeline import retry
from videos.youtube import pipeline
from videos.youtube.ids import parse_youtube_id


def add_video(viewer: Viewer, address: str, *, title: str = "", field: str = "url") -> tuple[Video, bool]:
    """Add the YouTube video with this address or id to the viewer's library. Return it, and whether it is new there.

    A row that is new to the site gets `title` until its metadata come. Raises `InvalidInput` for `field` if the address
    does not name one video.
    """
    if viewer.user is None:
        raise Forbidden("Sign in to add videos.")
    youtube_id = parse_youtube_id(address, field)
    with transaction.atomic():
        video = get_or_create_video(youtube_id, title)
        entry, is_new = LibraryEntry.objects.get_or_create(user=viewer.user, video=video)
        if entry.deleted_at is not None:
            is_new, entry.deleted_at, entry.created_at = True, None, timezone.now()
            entry.save(update_fields=["deleted_at", "created_at"])
        if is_new and video.status in (Video.Status.FAILED, Video.Status.CANCELLED):
            retry(video)
    return Video.objects.in_library_of(viewer).get(pk=video.pk), is_new


def get_or_create_video(youtube_id: str, title: str = "") -> Video:
    """Return the row that all users share. A new row gets `title` until its metadata come, and its jobs."""
    with transaction.atomic():
        fields = {"source": Video.Source.YOUTUBE, "title": title or f"YouTube video {youtube_id}"}
        video, is_new = Video.all_objects.get_or_create(youtube_id=youtube_id, defaults=fields)
        if is_new:
            pipeline.begin(video)
    return video


def delete_entry(viewer: Viewer, video: Video) -> None:
    """Hide a YouTube video from the viewer's library. The video itself is kept, because others may use it."""
    LibraryEntry.objects.owned_by(viewer).active().filter(video=video).update(deleted_at=timezone.now())


def restore_entry(viewer: Viewer, video: Video) -> None:
    """Restore a deleted entry within the restore period. Raises `NotFound`, and `Conflict` if it is not deleted."""
    with transaction.atomic():
        entry = LibraryEntry.objects.owned_by(viewer).select_for_update().filter(video=video).first()
        if entry is None or (entry.deleted_at and entry.deleted_at < timezone.now() - get_restore_period()):
            raise NotFound("This video was permanently deleted, or it is not yours.")
        if entry.deleted_at is None:
            raise Conflict("This video is not deleted.")
        entry.deleted_at = None
        entry.save(update_fields=["deleted_at"])
