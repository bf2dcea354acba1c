"""What nobody needs any more goes: abandoned uploads, scratch of killed workers, videos deleted a while ago."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.once import forget_old
from sage.storage import storage
from videos import charging, jobs, notices, same_bytes, scratch, versions
from videos.library import grace
from videos.models import Collection, Comparison, Upload, Video

log = logging.getLogger(__name__)


def delete(video: Video) -> None:
    """Hide a video at once and stop its work, and that on comparisons of it, until `library.restore`.

    `clean` removes its files after the grace.
    """
    with transaction.atomic():
        stopped: list[Video | Comparison] = [video] if jobs.cancel(video, by_deletion=True) else []
        stopped += [one for one in Comparison.objects.of(video) if jobs.cancel(one, by_deletion=True)]
        Video.objects.filter(pk=video.pk).update(deleted_at=timezone.now())
        versions.compare_in_order(video)
        for one in stopped:
            charging.give_back(one)


def delete_comparison(comparison: Comparison) -> None:
    """Hide a comparison at once and stop the work on it; both videos stay. `clean` removes it after the grace."""
    with transaction.atomic():
        jobs.cancel(comparison)
        Comparison.objects.filter(pk=comparison.pk).update(deleted_at=timezone.now())
        charging.give_back(comparison)


def clean() -> None:
    """Run now and then by beat."""
    for upload in Upload.objects.lapsed():
        _or_next_time(_forget_unless_held, upload)
    for video in Video.everything.filter(deleted_at__lt=timezone.now() - grace()):
        _or_next_time(purge, video)
    for comparison in Comparison.everything.filter(deleted_at__lt=timezone.now() - grace()):
        _or_next_time(purge_comparison, comparison)
    scratch.sweep()
    forget_old()
    notices.forget_old()


def _or_next_time(remove: Callable[[Any], None], what: Any) -> None:
    """What cannot be removed now holds up nothing else."""
    try:
        remove(what)
    except Exception:  # whatever it is, it is the same again tomorrow, and the rest must not wait for it
        log.exception("cleaning: %s %s could not be removed", type(what).__name__, what.pk)


def _forget_unless_held(upload: Upload) -> None:
    """One that is being completed just now is passed over."""
    with transaction.atomic():
        if Upload.objects.lapsed().select_for_update(skip_locked=True, of=("self",)).filter(pk=upload.pk).exists():
            forget(upload)


def forget_owner(owner: User) -> None:
    """Remove all that one person brought, whatever state it is in."""
    for upload in Upload.objects.filter(owner=owner):
        forget(upload)
    for comparison in Comparison.everything.filter(owner=owner):
        jobs.cancel(comparison)
        purge_comparison(comparison)
    for video in Video.everything.filter(owner=owner):
        jobs.cancel(video)
        purge(video)
    Collection.objects.filter(owner=owner).delete()


def forget(upload: Upload) -> None:
    """Remove an upload with whatever arrived of it; a video that came of it stays."""
    storage.abort_parts(upload.storage_key, upload.parts_id)
    with transaction.atomic():
        locked = Upload.objects.select_for_update(of=("self",)).filter(pk=upload.pk).first()
        if locked is None:
            return
        if locked.video_id is None:  # read under the lock: it may just have become a video
            storage.delete(locked.storage_key)
            charging.expect_no_more(locked)
        locked.delete()


def purge(video: Video) -> None:
    """Remove a video with everything made from it. Files go first: a row without files can be purged again."""
    for comparison in Comparison.everything.filter(Q(video_a=video) | Q(video_b=video)):
        purge_comparison(comparison)
    storage.delete(f"derived/{video.pk}")
    with transaction.atomic():
        if not same_bytes.is_shared(video):
            storage.delete(video.storage_key)
        charging.give_back(video)
        video.delete()


def purge_comparison(comparison: Comparison) -> None:
    """Remove a comparison with its pictures."""
    storage.delete(f"comparisons/{comparison.pk}")
    with transaction.atomic():
        charging.give_back(comparison)
        comparison.delete()
