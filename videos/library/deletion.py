"""Delete videos and comparisons so that they can be restored, and restore videos."""

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.viewer import Viewer
from sage.errors import Conflict, InsufficientTokens, NotFound
from sage.jobs import queue
from videos import charging
from videos.library import versions
from videos.library.queries import get_restore_period
from videos.models import Comparison, Job, Video
from videos.youtube import entries

NOT_YOURS = "This video was permanently deleted, or it is not yours."


def delete_from_library(viewer: Viewer, video: Video) -> None:
    """Delete an upload, or the viewer's entry of a YouTube video. `restore_video` undoes it."""
    if video.is_youtube:
        entries.delete_entry(viewer, video)
    else:
        delete_video(video)


def delete_video(video: Video) -> None:
    """Hide an upload and stop its jobs and those of its comparisons.

    `restore_video` undoes it within the restore period. After that, `purge_expired` removes the files.
    """
    with transaction.atomic():
        stopped: list[Video | Comparison] = [video] if queue.cancel(Job.objects.of(video), by_deletion=True) else []
        stopped += [
            comparison
            for comparison in Comparison.objects.involving(video)
            if queue.cancel(Job.objects.of(comparison), by_deletion=True)
        ]
        Video.objects.filter(pk=video.pk).update(deleted_at=timezone.now())
        versions.compare_adjacent_versions(video)
        for subject in stopped:
            charging.release(subject)


def delete_comparison(comparison: Comparison) -> None:
    """Hide a comparison and stop its job. Both videos are kept. `purge_expired` removes it later."""
    with transaction.atomic():
        queue.cancel(Job.objects.of(comparison))
        Comparison.objects.filter(pk=comparison.pk).update(deleted_at=timezone.now())
        charging.release(comparison)


def restore_video(viewer: Viewer, video_id: uuid.UUID | str) -> Video:
    """Restore a deleted video within the restore period, and resume the jobs that its deletion stopped.

    Raises `NotFound` if the video is purged or belongs to another user, `Conflict` if it is not deleted.
    """
    shared = Video.objects.filter(source=Video.Source.YOUTUBE).with_id(video_id).first()
    if shared is not None:
        entries.restore_entry(viewer, shared)
        return shared
    if not isinstance(video_id, uuid.UUID):
        raise NotFound(NOT_YOURS)
    owned = Video.all_objects.filter(owner=viewer.user, pk=video_id) if viewer.user else Video.all_objects.none()
    with transaction.atomic():
        # Every transaction locks in this order: jobs, their subjects, then the account.
        resumed = sum(queue.resume(Job.objects.of(video)) for video in owned)
        video = owned.select_for_update(of=("self",), no_key=True).first()
        if video is None or (video.deleted_at and video.deleted_at < timezone.now() - get_restore_period()):
            raise NotFound(NOT_YOURS)
        if video.deleted_at is None:
            raise Conflict("This video is not deleted.")
        video.deleted_at = None
        video.save(update_fields=["deleted_at", "updated_at"])
        comparisons = [
            comparison
            for comparison in Comparison.objects.involving(video).defer("script").order_by("pk")
            if queue.resume(Job.objects.of(comparison))
        ]
        locked = Comparison.all_objects.select_for_update(of=("self",), no_key=True)
        list(locked.filter(pk__in=[comparison.pk for comparison in comparisons]).values_list("pk"))
        versions.compare_adjacent_versions(video)
        if resumed and not video.is_ready:
            _hold_tokens(video)
        for comparison in comparisons:
            _hold_tokens(comparison)
    return video


def _hold_tokens(subject: Video | Comparison) -> None:
    """Hold the tokens for the resumed work. If the balance does not cover them, fail the work so it can be retried."""
    try:
        charging.hold(subject)
    except InsufficientTokens as error:
        if isinstance(subject, Comparison):
            queue.reject(Job.objects.get(comparison=subject), error.message)
            return
        queue.cancel(Job.objects.of(subject))
        subject.status, subject.error = Video.Status.FAILED, error.message
        subject.save(update_fields=["status", "error"])
