"""Permanently delete uploads, videos and comparisons with their files."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from sage.api.idempotency import delete_expired_responses
from sage.jobs import queue
from sage.storage import storage
from videos import charging, notifications
from videos.library import deduplication, versions
from videos.library.queries import get_restore_period
from videos.models import Collection, Comparison, Job, LibraryEntry, Upload, Video
from videos.sandbox import scratch

log = logging.getLogger(__name__)


def purge_expired() -> None:
    """Delete expired uploads, soft-deleted videos and comparisons, and leftover scratch folders."""
    oldest = timezone.now() - get_restore_period()
    for upload in Upload.objects.expired():
        _purge_or_log(_purge_expired_upload, upload)
    for video in Video.all_objects.filter(deleted_at__lt=oldest):
        _purge_or_log(purge_video, video)
    for entry in LibraryEntry.objects.filter(deleted_at__lt=oldest):
        _purge_or_log(purge_entry, entry)
    for comparison in Comparison.all_objects.filter(deleted_at__lt=oldest):
        _purge_or_log(purge_comparison, comparison)
    scratch.delete_stale_folders()
    delete_expired_responses()
    notifications.delete_old()


def _purge_or_log(purge: Callable[[Any], None], row: Any) -> None:
    """Purge one row. Log an error, so that it does not block the other rows."""
    try:
        purge(row)
    except Exception:  # any error recurs in the next run, and the other rows must not wait for it
        log.exception("purge: could not purge %s %s", type(row).__name__, row.pk)


def _purge_expired_upload(upload: Upload) -> None:
    """Purge an expired upload, unless a request is completing it at this moment."""
    with transaction.atomic():
        if Upload.objects.expired().select_for_update(skip_locked=True, of=("self",)).filter(pk=upload.pk).exists():
            purge_upload(upload)


def purge_owner(owner: User) -> None:
    """Purge every upload, video, comparison and collection of one user, in any state."""
    for upload in Upload.objects.filter(owner=owner):
        purge_upload(upload)
    for comparison in Comparison.all_objects.filter(owner=owner):
        queue.cancel(Job.objects.of(comparison))
        purge_comparison(comparison)
    for video in Video.all_objects.filter(owner=owner):
        queue.cancel(Job.objects.of(video))
        purge_video(video)
    for entry in LibraryEntry.objects.filter(user=owner):
        purge_entry(entry)
    Collection.objects.filter(owner=owner).delete()


def purge_entry(entry: LibraryEntry) -> None:
    """Purge the library entry of a YouTube video, with the transcripts and chapters that the user stored for it."""
    with transaction.atomic():
        entry.video.transcripts.filter(owner=entry.user_id).delete()
        entry.video.chapters.filter(owner=entry.user_id).delete()
        entry.delete()


def purge_upload(upload: Upload) -> None:
    """Purge an upload and its stored parts. A video that was created from it is kept."""
    storage.abort_parts(upload.storage_key, upload.parts_id)
    with transaction.atomic():
        locked = Upload.objects.select_for_update(of=("self",)).filter(pk=upload.pk).first()
        if locked is None:
            return
        if locked.video_id is None:  # read under the lock, because it may have just become a video
            storage.delete(locked.storage_key)
            charging.release_upload(locked)
        locked.delete()


_listeners: list[Callable[[Video], None]] = []


def register_purge_listener(listener: Callable[[Video], None]) -> None:
    """Call `listener` with each video before its row is deleted, in that transaction. Call this in `ready()`."""
    if listener not in _listeners:
        _listeners.append(listener)


def purge_video(video: Video) -> None:
    """Purge a video and everything made from it. Files go first, because a row without files can be purged again."""
    for comparison in Comparison.all_objects.filter(Q(video_a=video) | Q(video_b=video)):
        purge_comparison(comparison)
    storage.delete(f"derived/{video.pk}")
    for job in video.jobs.exclude(external_id=""):
        job.step.clean_up(job)
    with transaction.atomic():
        # What the deletion changes along a stack is locked as everywhere: the video, its stack, then the account.
        if Video.all_objects.select_for_update(no_key=True).filter(pk=video.pk).first() is None:
            return
        versions.lock_versions(video)
        if video.storage_key and not deduplication.is_file_shared(video):
            storage.delete(video.storage_key)
        charging.release(video)
        for listener in _listeners:
            listener(video)
        video.delete()


def purge_comparison(comparison: Comparison) -> None:
    """Purge a comparison and its pictures."""
    storage.delete(comparison.pictures_key)
    with transaction.atomic():
        Comparison.all_objects.select_for_update(of=("self",), no_key=True).filter(pk=comparison.pk).values(
            "pk"
        ).first()
        if comparison.video_a.stack_id == comparison.video_b.stack_id:
            versions.lock_versions(comparison.video_a)
        charging.release(comparison)
        comparison.delete()
